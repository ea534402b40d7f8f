"""W1: APPEND, by one connection, by eight, and many messages in one command."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from bench.client import Imap
from bench.mail.header import internal_date
from bench.mail.message import message
from bench.mailboxes import anew
from bench.measuring import Bench, user

_MAILBOX: Final = b"ib_append"
_CONNECTIONS: Final = 8
_AT_ONCE: Final = 50

Items = Sequence[tuple[bytes, bytes]]


def run(bench: Bench) -> None:
    items = [(internal_date(number), message(number)) for number in range(bench.sizes.appends)]
    octets = sum(len(data) for _, data in items)
    with bench.connected() as connection:
        anew(connection, _MAILBOX)
        spent, latencies = bench.timed(lambda: _append(connection, items))
        bench.record("1 connection", len(items), spent, octets, latencies)
        _indexed(bench, len(items))
        anew(connection, _MAILBOX)
        _together(bench, items, "8 connections, 1 mailbox", lambda _: "bench")
        for number in range(_CONNECTIONS):
            with bench.connected(user(number)) as other:
                anew(other, _MAILBOX)
        _together(bench, items, "8 connections, 8 users", user)
        if bench.has(b"MULTIAPPEND"):
            anew(connection, _MAILBOX)
            spent, latencies = bench.timed(lambda: _append(connection, items, _AT_ONCE))
            bench.record("MULTIAPPEND of 50", len(items), spent, octets, latencies)
            bench.settle()
        connection.command(b"DELETE " + _MAILBOX)


def _append(connection: Imap, items: Items, at_once: int = 1) -> list[float]:
    latencies = []
    for first in range(0, len(items), at_once):
        start = time.perf_counter()
        connection.append(_MAILBOX, items[first : first + at_once])
        latencies.append(time.perf_counter() - start)
    return latencies


def _together(bench: Bench, items: Items, variant: str, whose: Callable[[int], str]) -> None:
    def work(number: int, go: Callable[[], None]) -> list[float]:
        mine = bench.connect(whose(number))
        go()
        return _append(mine, items[number::_CONNECTIONS])

    spent, results = bench.in_parallel(_CONNECTIONS, work)
    latencies = [latency for part in results for latency in part]
    bench.record(variant, len(items), spent, sum(len(data) for _, data in items), latencies)
    bench.settle()


def _indexed(bench: Bench, number: int) -> None:
    """Record what the search index costs that is made behind it, with what was done while the mail came in."""
    spent, _ = bench.timed(bench.settle)
    bench.record("what follows it, such as an index", number, spent)
