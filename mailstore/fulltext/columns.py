"""The values of one header field in many messages, one after the other, so that all are searched at once.

::

    column = row *(ROW row)         ; a row for each message
    row    = *(VALUE value)         ; none if the message has no such field
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from mailstore.fulltext.text import values

FIELDS: Final = ("bcc", "cc", "from", "message-id", "subject", "to")
"""The fields that RFC 3501, 6.4.4 has keys for, and the one that programs look messages up by."""
ROW: Final = b"\xff"
VALUE: Final = b"\xfe"


def row(header: bytes, field: str) -> bytes:
    """Return the row of a message."""
    return b"".join([VALUE + value for value in values(header, field)])


def column(rows: Iterable[bytes]) -> bytes:
    """Return rows as a column."""
    return ROW.join(rows)


def chosen(octets: bytes, keep: Sequence[bool]) -> Iterator[bytes]:
    """Yield those rows of a column that are to be kept."""
    rows = octets.split(ROW) if keep else ()
    return (each for each, kept in zip(rows, keep, strict=True) if kept)


def places(octets: bytes, sought: bytes) -> list[int]:
    """Return which rows of a column have a value that holds `sought`; nothing is in every value."""
    sought = sought or VALUE
    found = []
    place = start = 0
    at = octets.find(sought)
    while at >= 0:
        place += octets.count(ROW, start, at)
        found.append(place)
        start = octets.find(ROW, at)
        if start < 0:
            break
        at = octets.find(sought, start)
    return found
