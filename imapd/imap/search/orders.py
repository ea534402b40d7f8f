"""SORT for who sorts again: what is compared is part of a message, so only what came in must be looked for a place."""

from array import array
from contextlib import suppress
from typing import Final

from attrs import frozen

from imapd import limits
from imapd.doors.turns import about
from imapd.imap.search.placing import FEW, along_with, places, sift
from imapd.imap.search.remembered import Remembered, key_of
from imapd.imap.search.sorting import Sorting
from imapd.imap.session import Session
from mailstore.uidset import UidSet

_PART: Final = 8
"""A part of the messages that is smaller than so many times is sorted quicker than picked out of the order."""
_OCTETS: Final = 12
"""Of a message in an order that is kept: its UID there, and at most a run of its own among the members."""


@frozen
class _Order:
    """Messages, and how they are sorted; those that were gone for good are missing there."""

    members: UidSet
    uids: "array[int]"


_known: Final = Remembered[_Order](limits.REMEMBERED_ORDERS)


async def in_order(session: Session, sorting: Sorting, wanted: UidSet) -> "array[int]":
    """Return messages of the selected mailbox as they are sorted, those that are gone for good left out."""
    key = key_of(session, sorting.criteria)
    known = _known.get(key) if sorting.lasting else None
    if known is not None and len(known.members) > _PART * len(wanted):
        return await sorting.in_order(wanted, session.progress.passed)
    if known is not None:
        known = await _with(sorting, known, wanted)
    if known is None:
        known = _Order(wanted, await sorting.in_order(wanted, session.progress.passed))
    if sorting.lasting:
        _known.put(key, known, _OCTETS * len(known.members))
    gone = await about(known.members.run_count, lambda: known.members - wanted)
    return (await sift(known.uids, gone))[1] if gone else known.uids


async def _with(sorting: Sorting, known: _Order, wanted: UidSet) -> _Order | None:
    """Return an order with what is wanted and not in it; None if that is too much, or the order cannot be looked at."""
    come = await about(known.members.run_count, lambda: wanted - known.members)
    if not come:
        return known
    if len(come) <= FEW:
        with suppress(LookupError):
            placed = await places(sorting, known.uids, come)
            return _Order(known.members | come, along_with(known.uids, placed))
    return None
