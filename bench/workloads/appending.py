"""W1: APPEND, by one connection, by eight, and many messages in one command."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from secrets import token_hex
from typing import Final

from bench.client import Imap
from bench.mail.header import internal_date
from bench.mail.message import marked, message
from bench.mailboxes import anew
from bench.measuring import BEHIND, Bench, user

_MAILBOX: Final = b"ib_append"
_CONNECTIONS: Final = 8
_AT_ONCE: Final = 50

Items = Sequence[tuple[bytes, bytes]]


def run(bench: Bench) -> None:
    number = bench.sizes.appends
    with bench.connected() as connection:
        items = _into_new(bench, connection)
        spent, latencies = bench.timed(lambda: _append(connection, items))
        bench.record("1 connection", number, spent, _octets(items), latencies)
        _indexed(bench, number)
        _together(bench, _into_new(bench, connection), "8 connections, 1 mailbox", lambda _: "bench")
        for place in range(_CONNECTIONS):
            with bench.connected(user(place)) as other:
                anew(other, _MAILBOX)
        _together(bench, _new_mail(bench), "8 connections, 8 users", user)
        if bench.has(b"MULTIAPPEND"):
            items = _into_new(bench, connection)
            spent, latencies = bench.timed(lambda: _append(connection, items, _AT_ONCE))
            bench.record("MULTIAPPEND of 50", number, spent, _octets(items), latencies)
            bench.settle()
        connection.command(b"DELETE " + _MAILBOX)


def _into_new(bench: Bench, connection: Imap) -> Items:
    """Make the mailbox anew; return what comes into it."""
    anew(connection, _MAILBOX)
    return _new_mail(bench)


def _new_mail(bench: Bench) -> Items:
    """Return messages that nobody had before."""
    mark = token_hex(8)
    return [(internal_date(number), marked(message(number), mark)) for number in range(bench.sizes.appends)]


def _octets(items: Items) -> int:
    return sum(len(data) for _, data in items)


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
    bench.record(variant, len(items), spent, _octets(items), latencies)
    bench.settle()


def _indexed(bench: Bench, number: int) -> None:
    """Record what the search index costs that is made behind it, with what was done while the mail came in."""
    spent, _ = bench.timed(partial(bench.settle, BEHIND))
    bench.record("what follows it, such as an index", number, spent)
