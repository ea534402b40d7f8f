"""Counts of some messages, as a mailbox keeps them of all its messages."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from mailstore.model import DELETED, SEEN, Flags


class Tally(NamedTuple):
    """How many there are, how many of them without ``\\Seen`` and with ``\\Deleted``, and their octets.

    `deleted_octets` are those of messages with ``\\Deleted``.
    """

    messages: int
    unseen: int
    deleted: int
    octets: int
    deleted_octets: int

    def __neg__(self) -> "Tally":
        return Tally(*(-count for count in self))


NO_MESSAGES: Final = Tally(0, 0, 0, 0, 0)


def of(flags: Flags, messages: int, octets: int) -> Tally:
    """Count messages that have the same flags, all together of so many octets."""
    deleted = DELETED in flags
    return Tally(messages, messages * (SEEN not in flags), messages * deleted, octets, octets * deleted)


def total(tallies: Iterable[Tally]) -> Tally:
    """Add up counts."""
    return Tally(*map(sum, zip(NO_MESSAGES, *tallies, strict=True)))
