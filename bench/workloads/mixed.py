"""W10: fifty connections of ten users, each doing what mail programs do."""

import random
import time
from collections.abc import Callable
from typing import Final

from attrs import frozen

from bench.client import Imap
from bench.mail.header import internal_date
from bench.mail.message import message
from bench.mailboxes import fill
from bench.measuring import Bench, user
from bench.workloads.headers import THUNDERBIRD

_USERS: Final = 10
_CONNECTIONS: Final = 50
_SHARES: Final = {"append": 10, "body": 30, "headers": 30, "store": 10, "search": 10, "select": 5, "status": 5}
_SEARCHES: Final = (b"SEARCH UNSEEN", b"SEARCH FROM anna", b"SEARCH SUBJECT report")
_PAGE: Final = 30


@frozen
class _Done:
    kind: str
    seconds: float
    octets: int


def run(bench: Bench) -> None:
    for number in range(_USERS):
        fill(bench, b"INBOX", bench.sizes.mixed, user(number))
    spent, results = bench.in_parallel(_CONNECTIONS, lambda number, go: _client(bench, number, go))
    done = [each for part in results for each in part]
    octets = sum(each.octets for each in done)
    bench.record("all commands", len(done), spent, octets, [each.seconds for each in done])
    for kind in _SHARES:
        latencies = [each.seconds for each in done if each.kind == kind]
        bench.record(f"of these {kind}", len(latencies), latencies=latencies)
    bench.settle()


def _client(bench: Bench, number: int, go: Callable[[], None]) -> list[_Done]:
    chosen = random.Random(number)
    connection = bench.connect(user(number % _USERS))
    connection.command(b"SELECT INBOX")
    kinds = [kind for kind, share in _SHARES.items() for _ in range(share)]
    mail = [(internal_date(each), message(each)) for each in chosen.choices(range(100_000), k=50)]
    done = []
    go()
    stop = time.monotonic() + bench.sizes.mixed_seconds
    while time.monotonic() < stop:
        kind = chosen.choice(kinds)
        start = time.perf_counter()
        octets = _act(connection, kind, chosen, bench.sizes.mixed - _PAGE, mail)
        done.append(_Done(kind, time.perf_counter() - start, octets))
    return done


def _act(connection: Imap, kind: str, chosen: random.Random, last: int, mail: list[tuple[bytes, bytes]]) -> int:
    """Do one thing; return how many octets went over the wire for it."""
    number = chosen.randint(1, last)
    if kind == "append":
        return connection.append(b"INBOX", [chosen.choice(mail)])
    if kind == "body":
        text = b"FETCH %d (BODY.PEEK[])" % number
    elif kind == "headers":
        text = b"FETCH %d:%d %b" % (number, number + _PAGE - 1, THUNDERBIRD)
    elif kind == "store":
        text = b"STORE %d %cFLAGS (\\Flagged)" % (number, chosen.choice(b"+-"))
    elif kind == "search":
        text = chosen.choice(_SEARCHES)
    elif kind == "select":
        text = b"SELECT INBOX"
    else:
        text = b"STATUS INBOX (MESSAGES UNSEEN UIDNEXT)"
    return connection.command(text).octets
