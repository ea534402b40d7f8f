"""Counts of some messages, as a mailbox keeps them of all its messages."""

from collections.abc import Iterable
from typing import NamedTuple

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


def one(flags: Flags, octets: int) -> Tally:
    """Count one message."""
    deleted = DELETED in flags
    return Tally(1, SEEN not in flags, deleted, octets, octets * deleted)


def total(tallies: Iterable[Tally]) -> Tally:
    """Add up counts, of which there is at least one."""
    return Tally(*map(sum, zip(*tallies, strict=True)))
