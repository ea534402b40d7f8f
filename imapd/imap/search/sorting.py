"""Messages in the order that SORT asks for: one octet string for each, which compares as its criteria say."""

import sys
from array import array
from collections.abc import AsyncIterator, Iterable, Sequence
from itertools import chain
from struct import Struct
from typing import Final

from imapd.doors.turns import batched, in_turns
from imapd.imap.fetch.renderings import SORT_KEYS
from imapd.imap.search import sortkeys
from imapd.imap.search.relevancy import Relevancy
from imapd.imap.search.runs import SortedRuns
from imapd.imap.search.sortkeys import NO_DATE, packed_dates, packed_text
from imapd.imap.wire.sortcriteria import Criterion, SortKey
from mailstore.interfaces import IMailbox, Passed, Rows, uncounted
from mailstore.model import Field, Uid
from mailstore.renderings import Rendering
from mailstore.uidset import UidSet

_TEXTS: Final = {
    SortKey.CC: sortkeys.CC,
    SortKey.DISPLAY_FROM: sortkeys.DISPLAY_FROM,
    SortKey.DISPLAY_TO: sortkeys.DISPLAY_TO,
    SortKey.FROM: sortkeys.FROM,
    SortKey.SUBJECT: sortkeys.SUBJECT,
    SortKey.TO: sortkeys.TO,
}
_SOURCES: Final[dict[SortKey, tuple[Field | Rendering, ...]]] = {
    SortKey.ARRIVAL: (Field.ARRIVED,),
    SortKey.DATE: (SORT_KEYS, Field.ARRIVED),
    SortKey.RELEVANCY: (),
    SortKey.SIZE: (Field.SIZE,),
    **dict.fromkeys(_TEXTS, (SORT_KEYS,)),
}
"""What the store is asked for each key."""

_SIGNED: Final = 1 << 63
"""Added to a signed number, so that its octets compare as it does."""
_INTEGER: Final = Struct(">Q").pack
_NUMBER: Final = Struct(">I")
_OF_UID: Final = slice(-_NUMBER.size, None)
_INVERTED: Final = bytes(reversed(range(256)))


class Sorting:
    """Messages of a mailbox, and how they are compared."""

    def __init__(
        self, mailbox: IMailbox, criteria: Sequence[Criterion], relevancy: Relevancy | None = None
    ) -> None:
        """Take the criteria, the most important one first; if RELEVANCY is among them, that of all messages."""
        self._mailbox = mailbox
        self.criteria: Final = criteria
        self._relevancy = relevancy
        self._sources = list(dict.fromkeys(chain.from_iterable(_SOURCES[each.key] for each in criteria)))

    @property
    def lasting(self) -> bool:
        """Whether the order of two messages stays, whatever is asked."""
        return all(criterion.key is not SortKey.RELEVANCY for criterion in self.criteria)

    async def in_order(self, uids: UidSet, passed: Passed = uncounted) -> "array[int]":
        """Return `uids` as they are sorted, those that are gone for good left out; `passed` counts what was read."""
        order = array("I")
        with SortedRuns() as runs:
            async for keys in self._keys(uids):
                runs.add(keys)
                passed(len(keys))
            async for keys in in_turns(batched(runs, 500)):
                order.extend(_uids_of(keys))
        return order

    async def keys_of(self, uids: UidSet) -> dict[int, bytes]:
        """Return an octet string for each of `uids` that is there; they compare as the messages do."""
        found = [key async for keys in self._keys(uids) for key in keys]
        return dict(zip(_uids_of(found), found, strict=True))

    async def _keys(self, uids: UidSet) -> AsyncIterator[list[bytes]]:
        """Yield such octet strings, each of which ends in the message's UID.

        That is the last criterion as well: it orders as the message number does (RFC 5256, 3, "sequence number").
        """
        async for rows in self._mailbox.fetch(uids, self._sources):
            columns = (self._column(criterion, rows) for criterion in self.criteria)
            yield list(map(b"".join, zip(*columns, map(_NUMBER.pack, rows.uids), strict=True)))

    def _column(self, criterion: Criterion, rows: Rows) -> list[bytes]:
        """Return octets for each message that compare as `criterion` says, none of them the beginning of another."""
        if criterion.key is SortKey.RELEVANCY:
            column = self._least_relevant_last(rows.uids)
        else:
            column = _ascending(criterion.key, rows)
        return [octets.translate(_INVERTED) for octets in column] if criterion.reverse else column

    def _least_relevant_last(self, uids: Sequence[Uid]) -> list[bytes]:
        assert self._relevancy is not None, "nothing is sorted by what was not weighed"
        return [b"%c" % (0xFF - score) for score in map(self._relevancy.of, uids)]


def sent_date(sent: int, arrived: int) -> int:
    """Return a sent date, in seconds since 1970 UTC; the internal date stands for a missing one (RFC 5256, 2.2)."""
    return arrived if sent == NO_DATE else sent


def _uids_of(keys: Sequence[bytes]) -> "array[int]":
    """Return the UIDs in which keys end."""
    uids = array("I", b"".join([key[_OF_UID] for key in keys]))
    if sys.byteorder == "little":
        uids.byteswap()
    return uids


def _ascending(key: SortKey, rows: Rows) -> list[bytes]:
    match key:
        case SortKey.SIZE:
            return list(map(_INTEGER, rows.columns[Field.SIZE]))
        case SortKey.ARRIVAL:
            return _of_dates(rows.columns[Field.ARRIVED])
        case SortKey.DATE:
            dates = packed_dates(rows.columns[SORT_KEYS])
            return _of_dates(map(sent_date, dates, rows.columns[Field.ARRIVED]) if NO_DATE in dates else dates)
    text = _TEXTS[key]
    return [packed_text(keys, text) + b"\0" for keys in rows.columns[SORT_KEYS]]


def _of_dates(dates: Iterable[int]) -> list[bytes]:
    return list(map(_INTEGER, map(_SIGNED.__add__, dates)))
