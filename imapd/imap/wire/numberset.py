"""Sets of message numbers or UIDs as clients write them (RFC 3501, 9, sequence-set) and as they are told."""

import re
from typing import Final

from attrs import frozen

from imapd.imap.errors import Bad
from imapd.imap.wire.cursor import MAX_NUMBER, Cursor
from mailstore.uidset import UidSet

STAR: Final = 0
"""Stands for ``*``, the largest number in use, in a range."""

MAX_RANGES: Final = 20_000
"""Ranges of a set: about what fits a line of 64 KiB with UIDs of a few digits; each costs the store a search."""

_SEQUENCE_SET: Final = re.compile(rb"(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?(?:,(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?)*")


@frozen
class NumberSet:
    """Ranges as the client wrote them: in any order, overlapping, each with its ends either way round."""

    ranges: tuple[tuple[int, int], ...]
    saved: bool = False
    """Whether it is ``$`` instead: what the last SEARCH saved (RFC 5182)."""

    def resolve(self, largest: int) -> list[tuple[int, int]]:
        """Return the ranges with `largest` for ``*`` and first <= last; `largest` is 0 where there are no messages.

        ``559:*`` always has the largest number in it, even one below 559.  Without messages, ``*`` names none, and a
        range that has it is left out.
        """
        ends = [(first or largest, last or largest) for first, last in self.ranges]
        return [(min(pair), max(pair)) for pair in ends if all(pair)]

    def encode(self) -> bytes:
        """Return the set as it is written on the wire."""
        if self.saved:
            return b"$"
        return b",".join(_spell(*pair) for pair in self.ranges)


SAVED: Final = NumberSet((), saved=True)


def _spell(first: int, last: int) -> bytes:
    low, high = (b"%d" % end if end else b"*" for end in (first, last))
    return low if first == last else low + b":" + high


def sequence_set(cursor: Cursor) -> NumberSet:
    """``sequence-set = (seq-number / seq-range) *("," sequence-set) / seq-last-command``

    ``seq-last-command = "$"``, ``seq-range = seq-number ":" seq-number``, ``seq-number = nz-number / "*"``
    """
    if cursor.take(b"$"):
        return SAVED
    written = cursor.match(_SEQUENCE_SET, "a set of message numbers")[0].split(b",")
    if len(written) > MAX_RANGES:
        raise Bad(f"a set has at most {MAX_RANGES} ranges")
    return NumberSet(tuple([_range(pair) for pair in written]))


def _range(written: bytes) -> tuple[int, int]:
    first, _, last = written.partition(b":")
    low = _number(first)
    return low, _number(last) if last else low


def _number(digits: bytes) -> int:
    if digits == b"*":
        return STAR
    number = int(digits)
    if not 1 <= number <= MAX_NUMBER:
        raise Bad(f"expected message numbers from 1 to {MAX_NUMBER}")
    return number


def encode_uids(uids: UidSet) -> bytes:
    """Return a set of UIDs as responses write it, ``1:3,7`` (RFC 4315, uid-set); the empty set has no spelling: b"".

    ``uid-set = (uniqueid / uid-range) *("," uid-set)``
    """
    return b",".join([_encode_piece(piece) for piece in uids.pieces(1000)])


def _encode_piece(uids: UidSet) -> bytes:
    """Return the same of a set with few runs: a million numbers, each as an object, would take 50 MB."""
    return ",".join([f"{first}:{last}" if first != last else str(first) for first, last in uids.runs]).encode("ascii")
