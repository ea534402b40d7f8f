"""Parts of what is found (RFC 9394)."""

import re
from typing import Final

from attrs import frozen

from imapd.imap.errors import Bad
from imapd.imap.wire.cursor import MAX_NUMBER, Cursor
from mailstore.uidset import UidSet

_RANGE: Final = re.compile(rb"(-?)([1-9]\d{0,9}):\1([1-9]\d{0,9})(?!\d)")


@frozen
class PartialRange:
    """The results from one to another, both counted from 1.

    Attributes:
        first: the lower number.
        last: the higher number.
        from_end: whether the last result is 1.
        written: as the client wrote it.

    """

    first: int
    last: int
    from_end: bool
    written: bytes

    def ranks(self, count: int) -> tuple[int, int]:
        """Return the lowest and the highest rank that are meant, both counted from the first of `count` results."""
        return (count + 1 - self.last, count + 1 - self.first) if self.from_end else (self.first, self.last)

    def of(self, found: UidSet) -> UidSet:
        """Return those of `found` that are in the range."""
        return found.between_ranks(*self.ranks(len(found)))


def partial_range(cursor: Cursor) -> PartialRange:
    """``partial-range = nz-number ":" nz-number / MINUS nz-number ":" MINUS nz-number``"""
    written = cursor.match(_RANGE, "a range such as 1:100 or -1:-100")
    first, last = sorted(map(int, written.group(2, 3)))
    if last > MAX_NUMBER:
        raise Bad(f"expected numbers from 1 to {MAX_NUMBER}")
    return PartialRange(first, last, written[1] == b"-", written[0])
