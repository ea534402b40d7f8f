"""A search whose results a client keeps, and is told how to keep up to date (RFC 5267, 4.3); pure.

What SORT compares is part of a message, so sorted results change in number but never in order: a list of UIDs is all
that is kept of them, and only what comes in must be looked for a place.
"""

from array import array
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from attrs import Factory, define

from imapd.imap.wire.fetchatt import FetchItem
from imapd.imap.wire.searchtree import Key
from imapd.imap.wire.sortcriteria import Criterion
from mailstore.model import MailboxStatus
from mailstore.uidset import EMPTY, UidSet

Placed = tuple[int, Iterable[int]]
"""A context position, and the UIDs that come in or go away there, in order; 0 where the order is the mailbox's."""


@define
class Context:
    """A search or a sort whose changes are told.

    Attributes:
        tag: the command's tag, by which the client knows it.
        key: what is searched for; message numbers in it are settled.
        by_uid: whether the client calls messages by UID.
        found: the messages that the client knows to be found.
        items: what is told of new messages among them (RFC 5465, 7).
        criteria: how they are sorted; none for the order of the mailbox.
        order: the same messages as they are sorted; nothing in the order of the mailbox.
        stale: the messages that may have come to be found, or not to be, since the client was told.
        mailbox: whose it is, where the client is told its name (RFC 7377); None where it is not.
        looked: when all messages were looked at last, on a clock of seconds.

    """

    tag: bytes
    key: Key
    by_uid: bool
    found: UidSet
    items: tuple[FetchItem, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    order: "array[int]" = Factory(lambda: array("I"))
    stale: UidSet = EMPTY
    mailbox: MailboxStatus | None = None
    looked: float = 0.0


def taken_out(order: "array[int]", indexes: Iterable[int]) -> Iterator[Placed]:
    """Yield what is taken out of `order` at ascending `indexes`; a position is that once those before are gone."""
    gone = 0
    for _, run in groupby(enumerate(indexes), lambda each: each[1] - each[0]):
        together = [index for _, index in run]
        yield together[0] + 1 - gone, order[together[0] : together[-1] + 1]
        gone += len(together)


def put_in(places: Iterable[tuple[int, int]]) -> Iterator[Placed]:
    """Yield what is put in: UIDs, each before what has an index now; a position is that once those before are there."""
    added = 0
    for index, group in groupby(places, itemgetter(0)):
        uids = [uid for _, uid in group]
        yield index + 1 + added, uids
        added += len(uids)


def shares(uids: UidSet, asked: Iterable[tuple[UidSet, tuple[FetchItem, ...]]]) -> dict[tuple[FetchItem, ...], UidSet]:
    """Return all that is asked for of each of `uids`, by what that is; some may be asked for more than once."""
    found: dict[tuple[FetchItem, ...], UidSet] = {(): uids}
    for among, items in asked:
        split: dict[tuple[FetchItem, ...], UidSet] = {}
        for known, part in found.items():
            both = tuple(dict.fromkeys((*known, *items)))
            for key, some in ((known, part - among), (both, part & among)):
                if some:
                    split[key] = split.get(key, EMPTY) | some
        found = split
    found.pop((), None)
    return found
