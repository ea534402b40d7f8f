"""STORE (RFC 3501, 6.4.6)."""

from typing import Final

from attrs import frozen

from imapd.imap import fetching
from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.flags import flags_or_list
from imapd.imap.wire.numberset import NumberSet, sequence_set
from mailstore.model import Flags, StoreFlags

_HOW: Final = {b"FLAGS": StoreFlags.REPLACE, b"+FLAGS": StoreFlags.ADD, b"-FLAGS": StoreFlags.REMOVE}


@frozen
class Store:
    """A change of flags; `silent` if the client wants to hear nothing of it."""

    messages: NumberSet
    how: StoreFlags
    flags: Flags
    silent: bool
    by_uid: bool


def parse(cursor: Cursor, *, by_uid: bool) -> Store:
    """store = "STORE" SP sequence-set SP store-att-flags

    store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
    """
    cursor.space()
    messages = sequence_set(cursor)
    cursor.space()
    name = cursor.keyword()
    item, silent = name.removesuffix(b".SILENT"), name.endswith(b".SILENT")
    if item not in _HOW:
        raise Bad(f"STORE changes FLAGS, +FLAGS or -FLAGS, not {name.decode()}")
    cursor.space()
    return Store(messages, _HOW[item], flags_or_list(cursor), silent, by_uid)


async def run(session: Session, request: Store) -> Done:
    """Change the flags, and answer with them unless asked not to."""
    session.require_writable()
    view = session.selected
    uids = view.named(request.messages, by_uid=request.by_uid)
    if uids:
        stored = await session.mailbox.store(uids, request.how, request.flags)
        if stored.changed:
            view.own(stored.modseq)
    if not request.silent:
        await fetching.send_flags(session, uids, with_uid=request.by_uid)
    return Done("STORE completed")
