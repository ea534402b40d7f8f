"""STORE (RFC 3501, 6.4.6), with UNCHANGEDSINCE (RFC 7162, 3.1.3)."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from attrs import frozen

from imapd import limits
from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad
from imapd.imap.fetch import fetching
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.flags import flags_or_list
from imapd.imap.wire.numberset import NumberSet, sequence_set
from imapd.imap.wire.searchdata import encode_runs
from mailstore.changes import Stored
from mailstore.model import Flags, ModSeq, StoreFlags
from mailstore.uidset import UidSet, joined

_FEW: Final = 500
"""Messages whose flags are sent in one go."""
_HOW: Final = {b"FLAGS": StoreFlags.REPLACE, b"+FLAGS": StoreFlags.ADD, b"-FLAGS": StoreFlags.REMOVE}


@frozen
class Store:
    """A change of flags.

    Attributes:
        messages: numbers or UIDs.
        how: how `flags` go together with those that a message has.
        flags: flags.
        silent: whether the client wants to hear nothing of it.
        by_uid: whether `messages` are UIDs.
        unchanged_since: leave alone what changed after this mod-sequence; None to change all.

    """

    messages: NumberSet
    how: StoreFlags
    flags: Flags
    silent: bool
    by_uid: bool
    unchanged_since: ModSeq | None = None


def parse(cursor: Cursor, *, by_uid: bool) -> Store:
    """store = "STORE" SP sequence-set [SP store-modifiers] SP store-att-flags  (RFC 4466, 2.5)

    store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))
    """
    cursor.space()
    messages = sequence_set(cursor)
    cursor.space()
    unchanged_since = _unchanged_since(cursor) if cursor.peek() == b"(" else None
    name = cursor.keyword()
    item, silent = name.removesuffix(b".SILENT"), name.endswith(b".SILENT")
    if item not in _HOW:
        raise Bad(f"STORE changes FLAGS, +FLAGS or -FLAGS, not {name.decode()}")
    cursor.space()
    return Store(messages, _HOW[item], flags_or_list(cursor), silent, by_uid, unchanged_since)


def _unchanged_since(cursor: Cursor) -> ModSeq:
    """store-modifiers = "(" "UNCHANGEDSINCE" SP mod-sequence-valzer ")" SP  (RFC 7162, 7)"""
    cursor.expect(b"(")
    cursor.expect(b"UNCHANGEDSINCE")
    cursor.space()
    modseq = ModSeq(cursor.number64())
    cursor.expect(b")")
    cursor.space()
    return modseq


async def run(session: Session, request: Store) -> Done:
    """Change the flags, and answer with them unless asked not to."""
    session.require_writable()
    if request.unchanged_since is not None:
        session.enable_condstore()
    uids = await session.named(request.messages, by_uid=request.by_uid)
    if not uids:
        return Done("STORE completed: there was nothing to change")
    refused = await _store(session, request, uids)
    if refused:
        return Done("STORE left some messages alone", long_code=_modified(session, request, refused))
    return Done("STORE completed")


async def _store(session: Session, request: Store, uids: UidSet) -> UidSet:
    """Change the flags and answer, a part at a time; return the messages that were left alone.

    If the store fails at a later part, what changed before is news.
    """
    own: list[Stored] = []
    refused: list[UidSet] = []
    for part in session.progress.parts(uids, limits.CHANGED_AT_ONCE):
        stored = await session.mailbox.store(part, request.how, request.flags, request.unchanged_since)
        await _answer(session, request, part, stored)
        refused.append(stored.refused)
        own.append(stored)
    for stored in own:
        session.own_flags(stored)
    return UidSet.joined(refused)


async def _answer(session: Session, request: Store, uids: UidSet, stored: Stored) -> None:
    """Send what the client cannot know of `uids`: all flags, or those of messages left alone, and mod-sequences.

    Where a mod-sequence is sent, the UID is as well (RFC 7162, 3.2.4).  With UNCHANGEDSINCE it is sent of each message
    that was not left alone, whether it changed or not (3.1.3).
    """
    if not request.silent:
        await _tell_flags(session, uids, stored, with_uid=request.by_uid or session.condstore)
    elif session.condstore:
        done = stored.changed if request.unchanged_since is None else uids - stored.refused
        await fetching.send_modseqs(session, done)
        await fetching.send_flags(session, stored.refused, with_uid=True)


async def _tell_flags(session: Session, uids: UidSet, stored: Stored, *, with_uid: bool) -> None:
    """Send all flags of `uids`: those that the change says, where that is all there is to say."""
    modseqs_known = stored.changed == uids or not session.condstore
    if stored.flags is not None and modseqs_known and len(uids) <= _FEW:
        fetching.send_stored(session, uids, stored.flags, stored.modseq, with_uid=with_uid)
    else:
        await fetching.send_flags(session, uids, with_uid=with_uid)


def _modified(session: Session, request: Store, uids: UidSet) -> Iterator[bytes]:
    """Return, in pieces, which messages were left alone, as the client named them.

    ``resp-text-code =/ "MODIFIED" SP sequence-set``  (RFC 7162, 7)
    """
    runs = uids.runs if request.by_uid else joined(session.selected.uids.ranks(uids))
    return chain([b"MODIFIED "], encode_runs(runs))
