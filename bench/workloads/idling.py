"""W11: connections that idle, how much memory they take, and how soon they hear of new mail."""

import re
import selectors
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Final

from bench.client import Imap
from bench.mail.header import internal_date
from bench.mail.message import small
from bench.mailboxes import fill
from bench.measuring import Bench, user
from bench.servers.ours import OurServer

_FIRST_USER: Final = 10
_EACH: Final = 10
"""Connections of one user."""
_MANY_EACH: Final = 95
_QUIET_SECONDS: Final = 45.0
"""After which a server has let go of what nobody asks for: ours closes accounts after 30."""
_NOTICE_SECONDS: Final = 10.0
_MOST_SILENT: Final = 5
"""Messages of which somebody heard nothing in time, after which no more are sent: where the system has too few inotify
instances (mostly 128 for a user), Dovecot tells some of its clients much later."""
_CURVE: Final = (1_000, 2_000, 5_000, 10_000, 15_000, 20_000)


def run(bench: Bench) -> None:
    for tls in False, True:
        bench.cold()
        with _idle(bench, bench.sizes.idlers, _EACH, tls) as idlers:
            if not tls:
                _notices(bench, idlers)
    if isinstance(bench.server, OurServer):  # a process each, of half a megaoctet, is more than most machines have
        _curve(bench)
    bench.cold()


@contextmanager
def _idle(bench: Bench, number: int, each: int, tls: bool) -> Iterator[list[Imap]]:
    """Yield connections in IDLE, and record what one takes."""
    users = [user(_FIRST_USER + place // each) for place in range(number)]
    for name in dict.fromkeys(users):
        fill(bench, b"INBOX", 5, name, make=small)
    time.sleep(_QUIET_SECONDS)
    before = bench.server.processes.memory()
    idlers = [_idler(bench, name, tls) for name in users]
    time.sleep(_QUIET_SECONDS)
    after = bench.server.processes.memory()
    kib, mib = (after.pss - before.pss) / number / 1024, after.pss / 2**20
    bench.record("an idle connection" + (", TLS" if tls else ""), number, kib=kib, mib=mib, processes=after.processes)
    yield idlers
    for idler in idlers:
        idler.close()


def _idler(bench: Bench, name: str, tls: bool) -> Imap:
    connection = bench.connect(name, tls)
    connection.command(b"SELECT INBOX")
    connection.send(b"I IDLE\r\n")
    connection.wait(b"+")
    connection.rest()
    return connection


def _notices(bench: Bench, idlers: list[Imap]) -> None:
    """Record how long it takes from APPEND until the user's other connections have heard of it."""
    latencies: list[float] = []
    rounds = min(bench.sizes.rounds, len(idlers) // _EACH)

    def work() -> int:
        silent = lost = 0
        for number in range(rounds):
            group = idlers[number * _EACH : (number + 1) * _EACH]
            heard = list(_notice(bench, user(_FIRST_USER + number), group, number))
            latencies.extend(heard)
            lost += _EACH - len(heard)
            silent += len(heard) < _EACH
            if silent == _MOST_SILENT:
                break
        return lost

    spent, lost = bench.timed(work)
    bench.record("APPEND seen in IDLE", len(latencies), spent, latencies=latencies, lost=lost)


def _notice(bench: Bench, name: str, group: list[Imap], number: int) -> Iterator[float]:
    with bench.connected(name) as connection, selectors.DefaultSelector() as selector:
        heard = {idler.socket.fileno(): b"" for idler in group}
        for idler in group:
            selector.register(idler.socket, selectors.EVENT_READ, idler)
        start = time.perf_counter()
        connection.append(b"INBOX", [(internal_date(number), small(number))])
        while heard and time.perf_counter() - start < _NOTICE_SECONDS:
            for key, _ in selector.select(0.5):
                heard[key.fd] += key.data.socket.recv(65536)
                if re.search(rb"\* \d+ EXISTS\r\n", heard[key.fd]):
                    yield time.perf_counter() - start
                    del heard[key.fd]
                    selector.unregister(key.fileobj)


def _curve(bench: Bench) -> None:
    """Record the memory of more and more idle connections, held by as many processes as there are steps.

    (One process can often not open as many files as all of them are.)
    """
    bench.cold()
    with ExitStack() as held:
        before = 0
        for number in (each for each in _CURVE if each <= bench.sizes.most_idlers):
            held.enter_context(bench.beside(partial(_idlers, bench, range(before, number))))
            time.sleep(_QUIET_SECONDS)
            bench.record(f"{number:,} idle connections", number, mib=bench.server.processes.memory().pss / 2**20)
            before = number


def _idlers(bench: Bench, places: range) -> list[Imap]:
    return [_idler(bench, user(_FIRST_USER + place // _MANY_EACH), tls=False) for place in places]
