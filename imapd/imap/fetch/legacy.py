"""What FETCH reads for clients that have not enabled UTF-8: messages with headers in ASCII (RFC 9755, 7 and 8)."""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import Final

from attrs import evolve

from imapd.imap.fetch import headers, renderings
from imapd.imap.fetch.renderings import SURROGATE
from imapd.imap.fetch.surrogates import Kept, Surrogate, unpack
from imapd.imap.session import Session
from imapd.imap.wire.encode import literal
from mailstore.interfaces import Rows, Source
from mailstore.mime import select_fields
from mailstore.model import Field, Uid
from mailstore.renderings import IfKept
from mailstore.uidset import UidSet

_IF_KEPT: Final = IfKept(SURROGATE)


def _fields(names: frozenset[bytes], kept: Kept) -> bytes:
    """Return fields of the message's own header, which is the first one, as a literal."""
    return literal(select_fields(kept.edits[0].octets, names))


_SPELLED: Final[dict[Source, Callable[[Kept], bytes]]] = {
    renderings.ENVELOPE: attrgetter("envelope"),
    renderings.BODY: attrgetter("body"),
    renderings.BODYSTRUCTURE: attrgetter("bodystructure"),
    **{rendering: partial(_fields, names) for names, rendering in renderings.HEADER_LISTS.items()},
}
"""What is kept beside every message, and what it is of a surrogate."""


def fetch(session: Session, uids: UidSet, sources: Sequence[Source]) -> AsyncIterator[Rows]:
    """Yield what `IMailbox.fetch` does, as the client of `session` can read it.

    The size of a message whose surrogate was not made yet is that of the message itself, as RFC 6858, 3 allows.
    """
    return session.mailbox.fetch(uids, sources) if session.reads_utf8 else _in_ascii(session, uids, sources)


async def _in_ascii(session: Session, uids: UidSet, sources: Sequence[Source]) -> AsyncIterator[Rows]:
    own = [SURROGATE] if Field.MESSAGE in sources else [_IF_KEPT] if Field.SIZE in sources else []
    async for rows in session.mailbox.fetch(uids, [*sources, *own]):
        for source in own:
            _substitute(rows, rows.columns.pop(source))
        yield await _spelled(session, rows)


def _substitute(rows: Rows, packed: Sequence[bytes | None]) -> None:
    """Put surrogates in the place of messages, and their sizes."""
    kept = [unpack(each) if each else None for each in packed]
    if not any(kept):
        return
    if Field.SIZE in rows.columns:
        sizes = zip(rows.columns[Field.SIZE], kept, strict=True)
        rows.columns[Field.SIZE] = [each.size if each else size for size, each in sizes]
    if headers.IF_KEPT in rows.columns:
        own = zip(rows.columns[headers.IF_KEPT], kept, strict=True)
        rows.columns[headers.IF_KEPT] = [None if each else header for header, each in own]
    if Field.MESSAGE in rows.columns:
        messages = zip(rows.columns[Field.MESSAGE], kept, strict=True)
        rows.columns[Field.MESSAGE] = [Surrogate(message, each) if each else message for message, each in messages]


async def _spelled(session: Session, rows: Rows) -> Rows:
    """Return the rows with what is spelled beyond ASCII replaced; to find that there is none takes next to nothing."""
    beyond = [each for each, column in rows.columns.items() if each in _SPELLED and not all(map(bytes.isascii, column))]
    if not beyond:
        return rows
    columns = {each: list(zip(rows.uids, rows.columns[each], strict=True)) for each in beyond}
    concerned = {uid for column in columns.values() for uid, octets in column if not octets.isascii()}
    kept = await _kept(session, UidSet.from_uids(concerned))
    spelled = {
        each: [_SPELLED[each](kept[uid]) if uid in kept else octets for uid, octets in column]
        for each, column in columns.items()
    }
    return evolve(rows, columns=rows.columns | spelled)


async def _kept(session: Session, uids: UidSet) -> dict[Uid, Kept]:
    """Return what is kept of surrogates of these messages."""
    found: dict[Uid, Kept] = {}
    async for rows in session.mailbox.fetch(uids, [SURROGATE]):
        found.update((uid, unpack(each)) for uid, each in zip(rows.uids, rows.columns[SURROGATE], strict=True) if each)
    return found
