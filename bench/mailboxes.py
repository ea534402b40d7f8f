"""The mailboxes that workloads share: filled by the first that wants them, found by the others."""

import re
from collections.abc import Callable
from typing import Final

from bench.client import Imap
from bench.mail.header import internal_date
from bench.mail.message import message, small
from bench.measuring import BEHIND, MAIN_USER, SHORTLY, Bench

BIG: Final = b"ib_big"
HUGE: Final = b"ib_huge"
_MADE: Final = 2_000
"""Messages of the huge mailbox that come in by APPEND; COPY doubles them until there are enough."""
_AT_ONCE: Final = 50
_LARGE: Final = 1_000
"""Messages of a mailbox that is put in order when it is filled: most of people's mail lies so."""


def big(bench: Bench) -> int:
    """See that the main user's `BIG` has mail of all kinds; return how many messages."""
    return fill(bench, BIG, bench.sizes.messages)


def huge(bench: Bench) -> int:
    """See that the main user's `HUGE` has many short messages; return how many."""
    return fill(bench, HUGE, bench.sizes.small, make=small, made=_MADE)


def anew(connection: Imap, mailbox: bytes) -> None:
    """Make a mailbox that is empty."""
    connection.attempt(b'DELETE "%b"' % mailbox)
    connection.command(b'CREATE "%b"' % mailbox)


def fill(bench: Bench, mailbox: bytes, number: int, user: str = MAIN_USER, *,
         make: Callable[[int], bytes] = message, made: int | None = None) -> int:  # fmt: skip
    """See that a mailbox has so many messages, the first `made` of them different; return how many."""
    large = number >= _LARGE
    with bench.connected(user) as connection:
        have = _count(connection, mailbox)
        if have == number and (bench.server.is_filled(user, mailbox.decode()) or not large):
            return number
        _empty(connection, mailbox, have)
        step = _AT_ONCE if bench.has(b"MULTIAPPEND") else 1
        done = min(number, made or number)
        for first in range(0, done, step):
            batch = range(first, min(first + step, done))
            connection.append(mailbox, [(internal_date(each), make(each)) for each in batch])
        while done < number:
            more = min(done, number - done)
            connection.command(b'SELECT "%b"' % mailbox)
            connection.command(b'COPY 1:%d "%b"' % (more, mailbox))
            done += more
        _use(connection, mailbox)
    bench.settle(BEHIND if large else SHORTLY)
    if large:
        with bench.stopped() as server:
            server.note_filled(user, mailbox.decode())
    return number


def _use(connection: Imap, mailbox: bytes) -> None:
    """Do what Thunderbird, Apple Mail and their like do in every mailbox: ask for mod-sequences, and change flags.

    Dovecot keeps mod-sequences from then on, as in the run in which Cyrus was compared with it.
    """
    connection.attempt(b'SELECT "%b" (CONDSTORE)' % mailbox)
    for how in b"+", b"-":
        connection.attempt(b"STORE 1 %bFLAGS.SILENT (\\Flagged)" % how)
    connection.attempt(b"CLOSE")


def _count(connection: Imap, mailbox: bytes) -> int | None:
    found = re.search(rb"MESSAGES (\d+)", connection.attempt(b'STATUS "%b" (MESSAGES)' % mailbox, keep=True).text)
    return int(found[1]) if found else None


def _empty(connection: Imap, mailbox: bytes, have: int | None) -> None:
    if mailbox != b"INBOX":
        anew(connection, mailbox)
    elif have:
        connection.command(b"SELECT INBOX")
        connection.command(b"STORE 1:* +FLAGS.SILENT (\\Deleted)")
        connection.command(b"EXPUNGE")
