"""What SEARCH and SORT are asked to return (RFC 4466, 2.6.1), and how they say it (RFC 4466, 2.6.2)."""

from collections.abc import Iterable, Iterator
from typing import Final

from attrs import frozen

from imapd.imap.errors import Bad
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.partial import PartialRange, partial_range

SORT_OPTIONS: Final = frozenset({b"MIN", b"MAX", b"ALL", b"COUNT", b"SAVE"})
SEARCH_OPTIONS: Final = SORT_OPTIONS | {b"PARTIAL"}
_OF_ALL: Final = frozenset({b"ALL", b"COUNT"})
"""Options that speak of every message found, and not of the first and the last alone."""


@frozen
class ReturnOptions:
    """The names of what is to be returned; with ``PARTIAL`` among them, which part."""

    names: frozenset[bytes]
    partial: PartialRange | None = None


def return_options(cursor: Cursor, known: frozenset[bytes]) -> ReturnOptions | None:
    """``[SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"] SP``; None without ``RETURN``.

    Only `known` names are taken, and of PARTIAL and ALL but one, once (RFC 9394, 3.1).
    """
    cursor.space()
    if not cursor.take(b"RETURN "):
        return None
    options = cursor.parenthesized(_option, empty=True)
    names = frozenset(name for name, _ in options)
    if names - known:
        raise Bad(f"nothing known to return as {min(names - known).decode()[:40]}")
    parts = [part for _, part in options if part is not None]
    if len(parts) + (b"ALL" in names) > 1:
        raise Bad("either one PARTIAL or ALL")
    cursor.space()
    return ReturnOptions(names or frozenset({b"ALL"}), *parts)


def _option(cursor: Cursor) -> tuple[bytes, PartialRange | None]:
    """``search-return-opt = "MIN" / "MAX" / "ALL" / "COUNT" / "SAVE" / "PARTIAL" SP partial-range``"""
    name = cursor.keyword()
    if name != b"PARTIAL":
        return name, None
    cursor.space()
    return name, partial_range(cursor)


def ends_alone(options: frozenset[bytes]) -> frozenset[bytes]:
    """Return which ends of what is found the answer is about besides a part; none if about all (RFC 5182, 2.1)."""
    return frozenset() if options & _OF_ALL else options & {b"MIN", b"MAX"}


def esearch_head(tag: bytes, *, by_uid: bool) -> bytes:
    """``esearch-response = "ESEARCH" [search-correlator] [SP "UID"]`` and then ``*(SP search-return-data)``"""
    return b'* ESEARCH (TAG "%b")' % tag + (b" UID" if by_uid else b"")


def encode_in_order(numbers: Iterable[int]) -> Iterator[bytes]:
    """Yield the ranges of a ``sequence-set`` that names `numbers` in their order (RFC 5267, 3.2)."""
    first = last = 0
    for number in numbers:
        if number == last + 1 and first:
            last = number
            continue
        if first:
            yield _range(first, last)
        first = last = number
    if first:
        yield _range(first, last)


def _range(first: int, last: int) -> bytes:
    return b"%d" % first if first == last else b"%d:%d" % (first, last)
