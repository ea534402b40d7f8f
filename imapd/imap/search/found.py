"""What was found, in the order that an answer has (RFC 5267, 4.1)."""

from array import array
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final, Protocol

from imapd.imap.search.relevancy import Relevancy
from imapd.imap.wire.partial import PartialRange
from imapd.imap.wire.searchdata import encode_in_order, encode_runs
from mailstore.model import Uid
from mailstore.uidset import Run, UidSet, joined

PIECE: Final = 5000
"""Runs that are joined before the first is told: some milliseconds, in which they may all become one."""

Naming = Callable[[int], int]
"""Returns what a client calls the message of a UID."""


def naming(told: UidSet | None) -> Naming:
    """Return how a client calls messages: by their numbers among those that it was `told`, or if None by UID."""
    return int if told is None else lambda uid: told.rank(uid) or 0


class Found(Protocol):
    """Some messages in an order.

    Attributes:
        members: the messages, in no order.
        told: those that the client counts, if it calls messages by number; None if it calls them by UID.
        relevancy: how relevant they are, if that is asked.

    """

    members: UidSet
    told: UidSet | None
    relevancy: Relevancy | None

    def __len__(self) -> int: ...

    def ends(self) -> tuple[Uid, Uid]:
        """Return the first and the last message; there must be some."""

    def uids(self) -> Iterator[int]:
        """Yield the messages."""

    def part(self, which: PartialRange) -> "Found":
        """Return some of the messages."""

    def numbers(self) -> Iterator[int]:
        """Yield what the client calls the messages."""
        return map(naming(self.told), self.uids())

    def scores(self) -> Iterator[int]:
        """Yield how relevant the messages are, from 1 to 100."""
        assert self.relevancy is not None, "it is weighed where it is asked for"
        return map(self.relevancy.of, self.uids())

    def spelled(self) -> Iterator[bytes]:
        """Yield the same as a set, in pieces."""
        return encode_in_order(self.numbers())


class InMailboxOrder(Found):
    """What SEARCH finds."""

    def __init__(self, members: UidSet, told: UidSet | None, relevancy: Relevancy | None = None) -> None:
        self.members = members
        self.told = told
        self.relevancy = relevancy

    def __len__(self) -> int:
        return len(self.members)

    def ends(self) -> tuple[Uid, Uid]:
        """Return the first and the last message."""
        return self.members.first, self.members.last

    def uids(self) -> Iterator[int]:
        """Yield the messages."""
        return iter(self.members)

    def part(self, which: PartialRange) -> "InMailboxOrder":
        """Return some of the messages."""
        return InMailboxOrder(which.of(self.members), self.told, self.relevancy)

    def numbers(self) -> Iterator[int]:
        """Yield what the client calls the messages, by runs, which is quicker."""
        return chain.from_iterable(range(first, last + 1) for first, last in self._runs())

    def spelled(self) -> Iterator[bytes]:
        """Yield the same as a set, in pieces."""
        return encode_runs(self._runs())

    def _runs(self) -> Iterator[Run]:
        """Yield the runs; of those that the client counts together, some may be told apart."""
        if self.told is None:
            return self.members.runs
        if self.told == self.members:
            return iter([(1, len(self.told))])
        ranks = self.told.ranks
        return chain.from_iterable(joined(ranks(piece)) for piece in self.members.pieces(PIECE))


class InSortOrder(Found):
    """What SORT finds."""

    def __init__(
        self, order: "array[int]", members: UidSet, told: UidSet | None, relevancy: Relevancy | None = None
    ) -> None:
        self.order = order
        self.members = members
        self.told = told
        self.relevancy = relevancy

    def __len__(self) -> int:
        return len(self.order)

    def ends(self) -> tuple[Uid, Uid]:
        """Return the first and the last message."""
        return Uid(self.order[0]), Uid(self.order[-1])

    def uids(self) -> Iterator[int]:
        """Yield the messages."""
        return iter(self.order)

    def part(self, which: PartialRange) -> "InSortOrder":
        """Return some of the messages."""
        first, last = which.ranks(len(self.order))
        order = self.order[max(first, 1) - 1 : max(last, 0)]
        return InSortOrder(order, UidSet.from_uids(order), self.told, self.relevancy)
