"""W10: fifty connections of ten users, each doing what mail programs do."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle
from typing import Final

from attrs import frozen

from bench.client import BenchError, Imap
from bench.mail.header import internal_date
from bench.mail.message import marked, message
from bench.mailboxes import fill
from bench.measuring import Bench, user
from bench.workloads.headers import THUNDERBIRD

_USERS: Final = 10
_ALL_USERS: Final = tuple(map(user, range(220, 300)))
"""Ten for each turn, so that every INBOX has as many messages, none of which its account had before."""
_INBOX: Final = "INBOX"
_CONNECTIONS: Final = 50
_SHARES: Final = {"append": 10, "body": 30, "headers": 30, "store": 10, "search": 10, "select": 5, "status": 5}
_SEARCHES: Final = (b"SEARCH UNSEEN", b"SEARCH FROM anna", b"SEARCH SUBJECT report")
_PAGE: Final = 30


@frozen
class _Done:
    kind: str
    seconds: float
    octets: int


def run(bench: Bench, *, appending: bool = True) -> None:
    """Do it, or all of it but APPEND, so that mailboxes stay as large as they are."""
    users, kinds = _with_mail(bench), [kind for kind, share in _SHARES.items() for _ in range(share)]
    if not appending:
        kinds = [kind for kind in kinds if kind != "append"]
    spent, results = bench.in_parallel(_CONNECTIONS, partial(_client, bench, users, kinds))
    done = [each for part in results for each in part]
    octets = sum(each.octets for each in done)
    bench.record("all commands", len(done), spent, octets, [each.seconds for each in done])
    for kind in dict.fromkeys(kinds):
        latencies = [each.seconds for each in done if each.kind == kind]
        bench.record(f"of these {kind}", len(latencies), latencies=latencies)
    bench.settle()


def _with_mail(bench: Bench) -> list[str]:
    """Return users who had no mail before and have some, which lies as most of people's mail does."""
    users = [each for each in _ALL_USERS if not bench.server.is_filled(each, _INBOX)][:_USERS]
    if len(users) < _USERS:
        raise BenchError("all users have mail from earlier turns; begin with a new folder")
    for each in users:
        fill(bench, _INBOX.encode(), bench.sizes.mixed, each)
    with bench.stopped() as server:
        for each in users:
            server.note_filled(each, _INBOX)
    return users


def _client(
    bench: Bench, users: Sequence[str], kinds: Sequence[str], number: int, go: Callable[[], None]
) -> list[_Done]:
    chosen = random.Random(number)
    connection = bench.connect(users[number % _USERS])
    connection.command(b"SELECT INBOX")
    mail = _new_mail(chosen, number)
    done = []
    go()
    stop = time.monotonic() + bench.sizes.mixed_seconds
    while time.monotonic() < stop:
        kind = chosen.choice(kinds)
        start = time.perf_counter()
        octets = _act(connection, kind, chosen, bench.sizes.mixed - _PAGE, mail)
        done.append(_Done(kind, time.perf_counter() - start, octets))
    return done


def _new_mail(chosen: random.Random, client: int) -> Iterator[tuple[bytes, bytes]]:
    """Return messages without end, no two of them the same."""
    mail = [(internal_date(each), message(each)) for each in chosen.choices(range(100_000), k=50)]
    return ((date, marked(octets, f"{client}.{count}")) for count, (date, octets) in enumerate(cycle(mail)))


def _act(connection: Imap, kind: str, chosen: random.Random, last: int, mail: Iterator[tuple[bytes, bytes]]) -> int:
    """Do one thing; return how many octets went over the wire for it."""
    number = chosen.randint(1, last)
    if kind == "append":
        return connection.append(b"INBOX", [next(mail)])
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
