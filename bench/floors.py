"""What the libraries take by themselves for what a command cannot do without.  ``make bench-floors``

No IMAP is spoken, nothing is parsed, kept apart or told to anybody: Twisted takes a line, SQLite is asked or written,
zstd packs and unpacks.  What a goal leaves above these figures is all that a server of these parts has to spend.
"""

import multiprocessing
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

import apsw
import click
import zstandard
from twisted.internet import reactor
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.protocol import Factory, Protocol

from bench.client import HOST, Wire
from bench.cost import Processes
from bench.mail.message import message
from mailstore.sqlite.pool import Pool

_MAIL: Final = max((message(number) for number in range(200)), key=lambda octets: -abs(len(octets) - 34_000))
_ROUNDS: Final = 30
_EACH: Final = 100
_PATIENCE_SECONDS: Final = 60.0
_ANSWER: Final = b"a OK done\r\n"
_NEW: Final = b"C"
_FLOORS: Final = {
    _NEW: "a connection made, greeted, asked twice and closed (a login and its LOGOUT)",
    b"N": "a line and its answer (NOOP)",
    b"Q": "the same, and SQLite asked whether anybody wrote (NOOP)",
    b"S": "a line, a row changed by another thread and synced, the answer (STORE)",
    b"A": f"{len(_MAIL):,} octets after a continuation, packed, written by another thread and synced (APPEND)",
    b"P": f"{len(_MAIL):,} octets read from their row, unpacked and sent (FETCH of a body, RETR)",
}


class _Server(Protocol):
    """Answers a line of one letter with the least that such a command needs."""

    transport: Any

    def __init__(self, asked: apsw.Connection, written: apsw.Connection, pool: Pool) -> None:
        self._asked, self._written, self._pool = asked, written, pool
        self._packer, self._unpacker = zstandard.ZstdCompressor(level=1), zstandard.ZstdDecompressor()
        self._literal: list[bytes] | None = None
        self._missing = 0

    def connectionMade(self) -> None:
        """Twisted: the connection is there."""
        self.transport.write(_ANSWER)

    def dataReceived(self, data: bytes) -> None:
        """Twisted: octets came in."""
        if self._literal is not None:
            self._literal.append(data)
            self._missing -= len(data)
            if self._missing <= 0:
                octets, self._literal = b"".join(self._literal), None
                self._later(lambda: self._append(octets))
        elif data[:1] == b"A":
            self._literal, self._missing = [], len(_MAIL) + 2
            self.transport.write(b"+ go on\r\n")
        elif data[:1] == b"S":
            self._later(self._change)
        else:
            if data[:1] == b"Q":
                self._asked.pragma("data_version")
            elif data[:1] == b"P":
                self.transport.write(self._unpacker.decompress(self._body()))
            self.transport.write(_ANSWER)

    def _later(self, work: Callable[[], object]) -> None:
        self._pool.do(work).addCallback(self._answer)

    def _answer(self, _: object) -> None:
        self.transport.write(_ANSWER)

    def _change(self) -> None:
        self._written.execute("UPDATE flag SET number = number + 1 WHERE id = 1")

    def _append(self, octets: bytes) -> None:
        self._written.execute("INSERT INTO mail (octets) VALUES (?)", (self._packer.compress(octets),))

    def _body(self) -> bytes:
        octets = self._asked.execute("SELECT octets FROM mail ORDER BY id LIMIT 1").get
        assert isinstance(octets, bytes)
        return octets


def _connection(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "WAL")
    connection.pragma("synchronous", "FULL")
    return connection


def _serve(folder: str, pipe: Connection) -> None:
    """Listen, and say where."""
    path = Path(folder, "floors.sqlite")
    writer = _connection(path)
    writer.execute("CREATE TABLE flag (id INTEGER PRIMARY KEY, number INTEGER); INSERT INTO flag VALUES (1, 0)")
    writer.execute("CREATE TABLE mail (id INTEGER PRIMARY KEY, octets BLOB)")
    pool = Pool(cast(IReactorFromThreads, reactor), 1, "floors")
    asked = _connection(path)
    factory = Factory.forProtocol(partial(_Server, asked, writer, pool))
    listening = TCP4ServerEndpoint(reactor, 0, interface=HOST).listen(factory)
    listening.addCallback(lambda port: pipe.send(port.getHost().port))
    reactor.run()
    pool.stop()


def _ask(wire: Wire, port: int, letter: bytes) -> None:
    if letter == _NEW:
        wire = Wire(port, _PATIENCE_SECONDS)
        wire.wait(_ANSWER[:4])
        _ask(wire, port, b"N")
        _ask(wire, port, b"N")
        wire.socket.close()
        return
    wire.send(letter + b"\r\n")
    if letter == b"A":
        wire.wait(b"+")
        wire.send(_MAIL + b"\r\n")
    wire.wait(_ANSWER[:4])


@click.command()
def main() -> None:
    """Print the CPU of the server for each of them: the median of 30 turns of 100."""
    with TemporaryDirectory(prefix="imapd-floors-") as folder:
        ours, its = multiprocessing.Pipe()
        server = multiprocessing.get_context("fork").Process(target=_serve, args=(folder, its), daemon=True)
        server.start()
        assert server.pid is not None
        processes, port = Processes(server.pid), ours.recv()
        wire = Wire(port, _PATIENCE_SECONDS)
        wire.wait(_ANSWER[:4])
        try:
            taken: dict[bytes, list[float]] = {letter: [] for letter in _FLOORS}
            _ask(wire, port, b"A")
            for _ in range(_ROUNDS):
                for letter, found in taken.items():
                    before = processes.cpu().serving
                    for _ in range(_EACH):
                        _ask(wire, port, letter)
                    found.append((processes.cpu().serving - before) / _EACH * 1e6)
        finally:
            server.terminate()
    for letter, name in _FLOORS.items():
        click.echo(f"{median(taken[letter]):6.1f} us, at least {min(taken[letter]):6.1f}: {name}")


if __name__ == "__main__":
    main()
