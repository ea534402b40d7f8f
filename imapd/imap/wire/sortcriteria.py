"""The criteria of SORT (RFC 5256, 5; RFC 5957, 5; RFC 6203, 7)."""

from enum import Enum

from attrs import frozen

from imapd.imap.errors import Bad
from imapd.imap.wire.cursor import Cursor


class SortKey(Enum):
    """What messages are sorted by, as it is spelled."""

    ARRIVAL = b"ARRIVAL"
    CC = b"CC"
    DATE = b"DATE"
    DISPLAY_FROM = b"DISPLAYFROM"
    DISPLAY_TO = b"DISPLAYTO"
    FROM = b"FROM"
    RELEVANCY = b"RELEVANCY"
    SIZE = b"SIZE"
    SUBJECT = b"SUBJECT"
    TO = b"TO"


@frozen
class Criterion:
    """A key, ascending unless it is in `reverse`."""

    key: SortKey
    reverse: bool = False


def sort_criteria(cursor: Cursor) -> tuple[Criterion, ...]:
    """``sort-criteria = "(" sort-criterion *(SP sort-criterion) ")"``

    A key that was there before is left out: messages that it could order differ in it already.
    """
    criteria: dict[SortKey, Criterion] = {}
    for criterion in cursor.parenthesized(_criterion):
        criteria.setdefault(criterion.key, criterion)
    return tuple(criteria.values())


def _criterion(cursor: Cursor) -> Criterion:
    """``sort-criterion = ["REVERSE" SP] sort-key``"""
    reverse = cursor.take(b"REVERSE ")
    name = cursor.keyword()
    try:
        return Criterion(SortKey(name), reverse)
    except ValueError:
        raise Bad(f"SORT has no key {name.decode()[:40]}") from None
