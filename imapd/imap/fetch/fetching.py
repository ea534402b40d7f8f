"""FETCH responses: columns of the store become octets.

What the store keeps ready (flags, dates, renderings) is encoded a column at a time and put together by one template
for a whole batch; only sections that must be cut from a message's octets are handled message by message.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any, Final, NamedTuple

from imapd.doors import brokenoff
from imapd.imap.fetch import binary, headers, inpieces, renderings
from imapd.imap.fetch.column import Column
from imapd.imap.fetch.legacy import fetch
from imapd.imap.fetch.sections import find
from imapd.imap.session import Session
from imapd.imap.wire.dates import encode_date_time
from imapd.imap.wire.fetchatt import FetchItem, FromOctets, Item, Section
from imapd.imap.wire.flags import encode_flags
from imapd.imap.wire.objectid import EMAIL, THREAD
from mailstore.errors import Corrupt, StoreError
from mailstore.interfaces import IStoredMessage, Rows, Source
from mailstore.model import SEEN, SYSTEM_FLAGS, Field, Flags, ModSeq, StoreFlags, Uid
from mailstore.renderings import IfKept, Rendering
from mailstore.uidset import UidSet

WHOLE: Final = 1 << 17
"""Octets of a section that are read at once; a larger one is streamed in pieces."""


def _flags(session: Session, rows: Rows) -> Sequence[Iterable[bytes]]:
    return [_encode_flags(session, rows.uids, rows.columns[Field.FLAGS])]


def _encode_flags(session: Session, uids: Sequence[Uid], column: Sequence[Flags]) -> Iterable[bytes]:
    distinct = set(column)
    _learn_keywords(session, distinct)
    recent = session.selected.recent
    if recent:
        return [encode_flags(flags, recent=uid in recent) for uid, flags in zip(uids, column, strict=True)]
    encoded = {flags: encode_flags(flags) for flags in distinct}
    return map(encoded.__getitem__, column)


def _learn_keywords(session: Session, sets: Iterable[Flags]) -> None:
    """Send FLAGS again when a keyword shows up that the client was not told of (RFC 3501, 7.2.6)."""
    view = session.selected
    fresh = frozenset(chain.from_iterable(sets)) - view.keywords - _SYSTEM
    if fresh:
        view.keywords |= fresh
        session.send(b"* FLAGS " + encode_flags(view.keywords | _SYSTEM) + b"\r\n")


def _modseqs(session: Session, rows: Rows) -> Sequence[Iterable[ModSeq]]:
    column: Sequence[ModSeq] = rows.columns[Field.MODSEQ]
    view = session.selected
    view.told_modseq = max(view.told_modseq, *column)
    return [column]


_SYSTEM: Final = frozenset(SYSTEM_FLAGS)

_UID: Final = Column(b"UID %d", (), lambda _, rows: [rows.uids])
_FLAGS: Final = Column(b"FLAGS %b", (Field.FLAGS,), _flags)
_MODSEQ: Final = Column(b"MODSEQ (%d)", (Field.MODSEQ,), _modseqs)


def _rendered(name: bytes, rendering: Rendering) -> Column:
    return Column(name + b" %b", (rendering,), lambda _, rows: [rows.columns[rendering]])


def _if_kept(name: bytes, rendering: Rendering) -> Column:
    kept = IfKept(rendering)
    return Column(name + b" %b", (kept,), lambda _, rows: [[octets or b"NIL" for octets in rows.columns[kept]]])


def _date(name: bytes, field: Field) -> Column:
    return Column(name + b" %b", (field,), lambda _, rows: [map(encode_date_time, rows.columns[field])])


def _id(name: bytes, letter: str, field: Field) -> Column:
    return Column(name + f" ({letter}%b)".encode(), (field,), lambda _, rows: [map(str.encode, rows.columns[field])])


COLUMNS: Final[dict[Item, Column]] = {
    Item.UID: _UID,
    Item.FLAGS: _FLAGS,
    Item.INTERNALDATE: _date(b"INTERNALDATE", Field.INTERNAL_DATE),
    Item.SAVEDATE: _date(b"SAVEDATE", Field.SAVE_DATE),
    Item.RFC822_SIZE: Column(b"RFC822.SIZE %d", (Field.SIZE,), lambda _, rows: [rows.columns[Field.SIZE]]),
    Item.MODSEQ: _MODSEQ,
    Item.EMAILID: _id(b"EMAILID", EMAIL, Field.EMAIL_ID),
    Item.THREADID: _id(b"THREADID", THREAD, Field.THREAD_ID),
    Item.ENVELOPE: _rendered(b"ENVELOPE", renderings.ENVELOPE),
    Item.BODY: _rendered(b"BODY", renderings.BODY),
    Item.BODYSTRUCTURE: _rendered(b"BODYSTRUCTURE", renderings.BODYSTRUCTURE),
    Item.PREVIEW: _rendered(b"PREVIEW", renderings.PREVIEW),
    Item.LAZY_PREVIEW: _if_kept(b"PREVIEW", renderings.PREVIEW),
}


def _in_rev2(name: bytes, rendering: Rendering, place: int) -> Column:
    """Return the column of a body structure in IMAP4rev2: the one at `place` in its own, where that is another."""

    def encode(_: Session, rows: Rows) -> Sequence[Iterable[bytes]]:
        both = zip(rows.columns[renderings.REV2_BODIES], rows.columns[rendering], strict=True)
        return [[own.split(b"\0")[place] if own else usual for own, usual in both]]

    return Column(name + b" %b", (rendering, renderings.REV2_BODIES), encode)


COLUMNS_IN_REV2: Final = COLUMNS | {
    Item.BODY: _in_rev2(b"BODY", renderings.BODY, 0),
    Item.BODYSTRUCTURE: _in_rev2(b"BODYSTRUCTURE", renderings.BODYSTRUCTURE, 1),
}


def _column(session: Session, item: FetchItem) -> Column | None:
    """Return the column that answers `item`; None if the message's octets are needed."""
    if isinstance(item, Item):
        return (COLUMNS_IN_REV2 if session.rev2 else COLUMNS)[item]
    return headers.list_column(item) if isinstance(item, Section) else None


def _unasked_uid(session: Session) -> list[Column]:
    """Return the column that says which UID a message has, unless it is called by that (RFC 9586, 3.3)."""
    return [] if session.uid_only else [_UID]


async def send_new(session: Session, uids: UidSet, items: Sequence[FetchItem]) -> None:
    """Send FETCH responses for new messages, which the client did not ask for one by one (RFC 5465, 5.2)."""
    if uids and items:
        known = (*([] if session.uid_only else [Item.UID]), Item.MODSEQ) if session.condstore else ()
        await send(session, uids, tuple(dict.fromkeys((*known, *items))))


async def send_flags(session: Session, uids: UidSet, *, with_uid: bool) -> None:
    """Send FETCH responses with the flags of `uids` as they are now, and with MODSEQ where that is wanted."""
    if uids:
        await send_columns(session, uids, _flag_columns(session, with_uid=with_uid))


def send_stored(session: Session, uids: UidSet, flags: Flags, modseq: ModSeq, *, with_uid: bool) -> None:
    """Send the same for a few messages of which it is known, from the change that made it so."""
    count = len(uids)
    rows = Rows(list(uids), {Field.FLAGS: [flags] * count, Field.MODSEQ: [modseq] * count})
    columns = _flag_columns(session, with_uid=with_uid)
    session.send(_responses(session, _template(session, columns), rows, columns))


def _flag_columns(session: Session, *, with_uid: bool) -> list[Column]:
    known = _unasked_uid(session) if with_uid else []
    return [*known, _FLAGS, *([_MODSEQ] if session.condstore else [])]


async def send_modseqs(session: Session, uids: UidSet) -> None:
    """Send FETCH responses with the mod-sequences of `uids`, whose flags the client knows (RFC 7162, 3.1.3)."""
    if uids:
        await send_columns(session, uids, [*_unasked_uid(session), _MODSEQ])


async def send(session: Session, uids: UidSet, items: Sequence[FetchItem]) -> int:
    """Send a FETCH response for each message of `uids`; return how many there were."""
    few = sum(isinstance(item, Section) for item in items) <= headers.AT_MOST
    columns = [(item, _column(session, item) if few or isinstance(item, Item) else None) for item in items]
    sections = [item for item, column in columns if column is None and not isinstance(item, Item)]
    ready = [column for _, column in columns if column is not None]
    if sections:
        return await _send_sections(session, uids, ready, sections)
    return await send_columns(session, uids, ready)


def _sources(columns: Sequence[Column]) -> Iterable[Source]:
    """Return what is asked of the store for all columns, each once."""
    return dict.fromkeys(chain.from_iterable(column.sources for column in columns))


async def send_columns(session: Session, uids: UidSet, columns: Sequence[Column]) -> int:
    """Send a FETCH response with `columns` for each message of `uids`; return how many there were."""
    template = _template(session, columns)
    sources = list(_sources(columns))
    sent = 0
    async for rows in fetch(session, uids, sources):
        session.send(_responses(session, template, rows, columns))
        sent += len(rows.uids)
        await session.drained()
    return sent


def _template(session: Session, columns: Sequence[Column]) -> bytes:
    """Return how a response with `columns` is spelled, with a place for what the message is called and each value."""
    return _head(session) + b" ".join(column.template for column in columns) + b")\r\n"


def _responses(session: Session, template: bytes, rows: Rows, columns: Sequence[Column]) -> bytes:
    """Return a response for each message: one spelling of all, with a column of values at a time put in its places."""
    values = [session.selected.numbers(rows.uids), *_encoded(session, rows, columns)]
    places: list[Any] = [None] * (len(values) * len(rows.uids))
    for number, column in enumerate(values):
        places[number :: len(values)] = column
    return template * len(rows.uids) % tuple(places)


def _encoded(session: Session, rows: Rows, columns: Iterable[Column]) -> Iterator[Iterable[Any]]:
    """Return the values of each place of the `columns`."""
    return chain.from_iterable(column.encode(session, rows) for column in columns)


def _values(
    session: Session, rows: Rows, columns: Iterable[Column], *first: Sequence[int]
) -> Iterator[tuple[Any, ...]]:
    """Yield for each message what goes into the places of the `columns`, and into those before them."""
    return zip(*first, *_encoded(session, rows, columns), strict=True)


def _head(session: Session) -> bytes:
    """Return how a response begins, with one place for what the message is called.

    ``message-data =/ nz-number SP "FETCH" SP msg-att / uniqueid SP "UIDFETCH" SP msg-att``  (RFC 9586, 4)
    """
    return b"* %d UIDFETCH (" if session.uid_only else b"* %d FETCH ("


async def _send_sections(
    session: Session, uids: UidSet, columns: Sequence[Column], sections: Sequence[FromOctets]
) -> int:
    of_header = headers.header_columns(sections)
    kept = [*columns, *of_header]
    template = _template(session, kept) if of_header else b""
    marks_seen = not session.selected.read_only and not all(section.peek for section in sections)
    sources = {Field.MESSAGE, *_sources(kept)}
    if marks_seen:
        sources.add(Field.FLAGS)
    sent = 0
    damage: Corrupt | None = None
    async for found in inpieces.fetch(session, uids, list(sources), sections):
        sent += len(found.uids)
        for rows in headers.runs(found):
            if headers.are_kept(rows):
                session.send(_responses(session, template, rows, kept))
                await session.drained()
            else:
                damage = await _send_from_octets(session, rows, columns, sections, marks_seen=marks_seen) or damage
    if damage is not None:
        raise damage
    return sent


async def _send_from_octets(
    session: Session, rows: Rows, columns: Sequence[Column], sections: Sequence[FromOctets], *, marks_seen: bool
) -> Corrupt | None:
    """Send a response for each message that is not damaged; return what is wrong with the last one that is."""
    row = _head(session) + b"".join(column.template + b" " for column in columns)
    decoded = [section for section in sections if not isinstance(section, Section)]
    for message in rows.columns[Field.MESSAGE] if decoded else ():
        with suppress(Corrupt):  # it is left out below
            await binary.check(message, decoded)
    marked = await _mark_seen(session, rows, columns) if marks_seen else {}
    heads = _values(session, rows, columns, session.selected.numbers(rows.uids))
    damage: Corrupt | None = None
    for uid, head, message in zip(rows.uids, heads, rows.columns[Field.MESSAGE], strict=True):
        try:
            await _send_response(session, uid, message, sections, row % head + marked.get(uid, b""))
        except Corrupt as error:  # the other messages can still be read
            damage = error
    return damage


async def _mark_seen(session: Session, rows: Rows, columns: Sequence[Column]) -> dict[Uid, bytes]:
    """Set ``\\Seen`` on the messages about to be sent; return what else is said of those that did not have it.

    A store that takes no changes at the moment still lets its mail be read.
    """
    column: list[Flags] = list(rows.columns[Field.FLAGS])
    unseen = UidSet.from_uids(uid for uid, flags in zip(rows.uids, column, strict=True) if SEEN not in flags)
    if not unseen:
        return {}
    try:
        stored = await session.mailbox.store(unseen, StoreFlags.ADD, frozenset({SEEN}))
    except StoreError:
        return {}
    if not stored.changed:
        return {}
    session.own_flags(stored)
    seen = {uid: flags | {SEEN} for uid, flags in zip(rows.uids, column, strict=True) if uid in stored.changed}
    rows.columns[Field.FLAGS] = [seen.get(uid, flags) for uid, flags in zip(rows.uids, column, strict=True)]
    if _MODSEQ in columns:
        known = zip(rows.uids, rows.columns[Field.MODSEQ], strict=True)
        rows.columns[Field.MODSEQ] = [stored.modseq if uid in seen else modseq for uid, modseq in known]
    told = Rows(list(seen), {Field.FLAGS: list(seen.values()), Field.MODSEQ: [stored.modseq] * len(seen)})
    return _unasked(session, told, columns)


def _unasked(session: Session, seen: Rows, columns: Sequence[Column]) -> dict[Uid, bytes]:
    """Return what is said of messages seen just now, beyond the `columns` asked for (RFC 3501, 6.4.5; 7162, 3.2.4)."""
    due = [*_unasked_uid(session), _FLAGS, _MODSEQ] if session.condstore else [_FLAGS]
    added = [column for column in due if column not in columns]
    if not added:
        return {}
    template = b"".join(column.template + b" " for column in added)
    values = _values(session, seen, added)
    return dict(zip(seen.uids, map(template.__mod__, values), strict=True))


class _Begun(NamedTuple):
    """A section, from when its first octets are read.

    Attributes:
        opening: what stands before its octets, or in their place.
        first: those that are read.
        rest: those behind them; None if there are none.

    """

    opening: bytes
    first: bytes = b""
    rest: AsyncIterator[bytes] | None = None


async def _begin(message: IStoredMessage, section: FromOctets) -> _Begun:
    """Read a section, only the first piece if it is long; what must be decoded is decoded whole.

    It is done before a response begins: if that breaks off, all ends, and damage is mostly of the whole message.
    """
    if not isinstance(section, Section):
        pieces = binary.pieces(message, section)
        return _Begun(await anext(pieces), rest=pieces)
    found = await find(message, section)
    if found is None:
        return _Begun(b"NIL")
    if isinstance(found, bytes):
        return _Begun(b"{%d}\r\n" % len(found), found)
    if found.stop - found.start > WHOLE:
        pieces = message.stream(found.start, found.stop)
        return _Begun(b"{%d}\r\n" % (found.stop - found.start), await anext(pieces), pieces)
    octets = await message.read(found.start, found.stop)
    return _Begun(b"{%d}\r\n" % len(octets), octets)


async def _pieces(message: IStoredMessage, sections: Sequence[FromOctets]) -> AsyncIterator[bytes]:
    """Yield the octets of sections one after the other."""
    for section in sections:
        begun = await _begin(message, section)
        yield begun.first
        if begun.rest is not None:
            async for piece in begun.rest:
                yield piece


async def _send_response(
    session: Session, uid: Uid, message: IStoredMessage, sections: Sequence[FromOctets], before: bytes
) -> None:
    """Send sections and what is `before` them, in one write if that is short; `Corrupt` if nothing of it was sent."""
    if brokenoff.broke_off(session.mailbox.id, uid):
        await brokenoff.read_through(_pieces(message, sections))
    begun = await _begin(message, sections[0])
    if begun.rest is None and len(sections) == 1:
        session.send(b"%b%b %b%b)\r\n" % (before, sections[0].label, begun.opening, begun.first))
        await session.drained()
        return
    with session.response(), brokenoff.noting(session.mailbox.id, uid):
        for number, section in enumerate(sections):
            begun = await _begin(message, section) if number else begun
            session.send(b"%b%b %b%b" % (before, section.label, begun.opening, begun.first))
            if begun.rest is not None:
                async for piece in begun.rest:
                    await session.drained()
                    session.send(piece)
            await session.drained()
            before = b" "
        session.send(b")\r\n")
