"""The parts of an ESEARCH response (RFC 4466, 2.6.2)."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from mailstore.uidset import Run

AT_ONCE: Final = 500
"""Runs or numbers that are spelled in one go: a fraction of a millisecond."""


def esearch_head(tag: bytes, *, by_uid: bool) -> bytes:
    """``esearch-response = "ESEARCH" [search-correlator] [SP "UID"]`` and then ``*(SP search-return-data)``"""
    return b'* ESEARCH (TAG "%b")' % tag + (b" UID" if by_uid else b"")


def esearch_head_of(tag: bytes, mailbox: bytes, uid_validity: int) -> bytes:
    """Return the same of an answer that says which `mailbox` it is about, spelled for the client, always by UID.

    ``search-correlator = SP "(" one-correlator *(SP one-correlator) ")"``  (RFC 7377, 4)
    """
    return b'* ESEARCH (TAG "%b" MAILBOX %b UIDVALIDITY %d) UID' % (tag, mailbox, uid_validity)


def no_update(tag: bytes) -> str:
    """``"NOUPDATE" SP quoted``; the tag has no ``]``, which many would take for the code's end (RFC 5267, 4.3.1)."""
    return f'NOUPDATE "{tag.decode()}"'


def encode_runs(runs: Iterable[Run], at_once: int = AT_ONCE) -> Iterator[bytes]:
    """Yield, a piece for so many at once, the ``sequence-set`` of runs of numbers."""
    separator, left = b"", iter(runs)
    while batch := list(islice(left, at_once)):
        yield separator + b",".join([_range(first, last) for first, last in batch])
        separator = b","


def encode_in_order(numbers: Iterable[int], at_once: int = AT_ONCE) -> Iterator[bytes]:
    """Yield, a piece for so many and one more, a ``sequence-set`` that names numbers in order (RFC 5267, 3.2)."""
    separator, left = b"", iter(numbers)
    first = last = 0
    while batch := list(islice(left, at_once)):
        ranges = []
        for number in batch:
            if number != last + 1 and first:
                ranges.append(_range(first, last))
                first = 0
            first, last = first or number, number
        if ranges:
            yield separator + b",".join(ranges)
            separator = b","
        else:
            yield b""
    if first:
        yield separator + _range(first, last)


def _range(first: int, last: int) -> bytes:
    return b"%d" % first if first == last else b"%d:%d" % (first, last)


def encode_placed(placed: Iterable[tuple[int, Iterable[bytes]]]) -> Iterator[bytes]:
    """Yield in pieces what ADDTO and REMOVEFROM say: positions, and sets that are given in pieces (RFC 5267, 5).

    ``"(" context-position SP sequence-set *(SP context-position SP sequence-set) ")"``
    """
    opening = b"("
    for position, numbers in placed:
        yield b"%b%d " % (opening, position)
        yield from numbers
        opening = b" "
    yield b")"
