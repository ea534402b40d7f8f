"""W6: all bodies, one large one, and a large one in pieces."""

import time
from typing import Final

from bench.client import Imap
from bench.mail.header import internal_date
from bench.mail.message import large
from bench.mailboxes import BIG, anew, big
from bench.measuring import Bench

_MAILBOX: Final = b"ib_large"
_PIECE: Final = 65536
_PIECES: Final = 380


def run(bench: Bench) -> None:
    bench.first_and_again("all bodies", BIG, b"UID FETCH 1:* (UID BODY.PEEK[])", big(bench), forget=False)
    with bench.connected() as connection:
        anew(connection, _MAILBOX)
        octets = connection.append(_MAILBOX, [(internal_date(1), large(bench.sizes.large))])
        bench.settle()
        connection.command(b"SELECT " + _MAILBOX)
        bench.command("one large", connection, b"FETCH 1 (BODY.PEEK[])", repeat=5)
        latencies: list[float] = []
        spent, fetched = bench.timed(lambda: _in_pieces(connection, octets, latencies))
        bench.record("64 KiB of it", len(latencies), spent, fetched, latencies)


def _in_pieces(connection: Imap, octets: int, latencies: list[float]) -> int:
    total = 0
    for offset in range(0, min(octets, _PIECE * _PIECES), _PIECE):
        start = time.perf_counter()
        total += connection.command(b"FETCH 1 (BODY.PEEK[]<%d.%d>)" % (offset, _PIECE)).octets
        latencies.append(time.perf_counter() - start)
    return total
