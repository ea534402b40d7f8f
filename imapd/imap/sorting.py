"""Messages in the order that SORT asks for: one octet string for each, which compares as its criteria say."""

from array import array
from collections.abc import AsyncIterator, Iterable, Sequence
from operator import attrgetter
from struct import Struct
from typing import Final

from imapd.imap import sortkeys
from imapd.imap.renderings import SORT_KEYS
from imapd.imap.runs import SortedRuns
from imapd.imap.sortkeys import NO_DATE, SortKeys, unpack
from imapd.imap.turns import batched, in_turns
from imapd.imap.wire.sortcriteria import Criterion, SortKey
from mailstore.interfaces import IMailbox, Rows
from mailstore.model import Field, InternalDate
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
    SortKey.ARRIVAL: (Field.INTERNAL_DATE,),
    SortKey.DATE: (SORT_KEYS, Field.INTERNAL_DATE),
    SortKey.SIZE: (Field.SIZE,),
}
"""What the store is asked for each key; for the texts it is just `SORT_KEYS`."""

_SIGNED: Final = 1 << 63
"""Added to a signed number, so that its octets compare as it does."""
_INTEGER: Final = Struct(">Q").pack
_NUMBER: Final = Struct(">I")
_INVERTED: Final = bytes(reversed(range(256)))


async def in_order(mailbox: IMailbox, uids: UidSet, criteria: Sequence[Criterion]) -> "array[int]":
    """Return `uids` as `criteria` order them, those that are gone for good left out."""
    order = array("I")
    with SortedRuns() as runs:
        async for keys in _keys(mailbox, uids, criteria):
            runs.add(keys)
        async for keys in in_turns(batched(runs, 500)):
            order.extend(map(_uid_of, keys))
    return order


async def keys_of(mailbox: IMailbox, uids: UidSet, criteria: Sequence[Criterion]) -> dict[int, bytes]:
    """Return an octet string for each of `uids` that is there; they compare as `criteria` say."""
    return {_uid_of(key): key async for keys in _keys(mailbox, uids, criteria) for key in keys}


async def _keys(mailbox: IMailbox, uids: UidSet, criteria: Sequence[Criterion]) -> AsyncIterator[list[bytes]]:
    """Yield a key for each message, which ends in its UID.

    That is the last criterion as well: it orders as the message number does (RFC 5256, 3, "sequence number").
    """
    sources = dict.fromkeys(source for criterion in criteria for source in _SOURCES.get(criterion.key, (SORT_KEYS,)))
    async for rows in mailbox.fetch(uids, list(sources)):
        kept = list(map(unpack, rows.columns[SORT_KEYS])) if SORT_KEYS in sources else []
        columns = (_column(criterion, rows, kept) for criterion in criteria)
        yield list(map(b"".join, zip(*columns, map(_NUMBER.pack, rows.uids), strict=True)))


def sent_dates(sent: Iterable[int], arrived: Iterable[InternalDate]) -> list[int]:
    """Return sent dates, in seconds since 1970 UTC; the internal date stands for a missing one (RFC 5256, 2.2)."""
    return [date if date != NO_DATE else came.seconds for date, came in zip(sent, arrived, strict=True)]


def _uid_of(key: bytes) -> int:
    uid: int = _NUMBER.unpack_from(key, len(key) - _NUMBER.size)[0]
    return uid


def _column(criterion: Criterion, rows: Rows, kept: Sequence[SortKeys]) -> Iterable[bytes]:
    """Return octets for each message that compare as `criterion` says, none of them the beginning of another."""
    column = _ascending(criterion.key, rows, kept)
    return [octets.translate(_INVERTED) for octets in column] if criterion.reverse else column


def _ascending(key: SortKey, rows: Rows, kept: Sequence[SortKeys]) -> list[bytes]:
    match key:
        case SortKey.SIZE:
            return list(map(_INTEGER, rows.columns[Field.SIZE]))
        case SortKey.ARRIVAL:
            return [_INTEGER(_SIGNED + arrived.seconds) for arrived in rows.columns[Field.INTERNAL_DATE]]
        case SortKey.DATE:
            sent = map(attrgetter("sent"), kept)
            return [_INTEGER(_SIGNED + date) for date in sent_dates(sent, rows.columns[Field.INTERNAL_DATE])]
    text = _TEXTS[key]
    return [keys.texts[text] + b"\0" for keys in kept]
