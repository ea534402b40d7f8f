"""COPY (RFC 3501, 6.4.7) and MOVE (RFC 6851), with COPYUID (RFC 4315)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.errors import No
from imapd.imap.session import Session
from imapd.imap.telling import tell_own_expunges
from imapd.imap.trycreate import target
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.numberset import NumberSet, encode_uids, sequence_set
from mailstore.changes import Copied
from mailstore.model import MailboxName
from mailstore.uidset import UidSet


@frozen
class Copy:
    """Messages, and where they go."""

    messages: NumberSet
    target: MailboxName
    by_uid: bool


def parse(cursor: Cursor, *, by_uid: bool) -> Copy:
    """copy = "COPY" SP sequence-set SP mailbox; move = "MOVE" SP sequence-set SP mailbox"""
    cursor.space()
    messages = sequence_set(cursor)
    cursor.space()
    return Copy(messages, names.mailbox(cursor), by_uid)


async def run_copy(session: Session, request: Copy) -> Done:
    """Copy the messages with their flags and internal dates."""
    uids = session.selected.named(request.messages, by_uid=request.by_uid)
    _require_few(session, uids)
    await target(session, request.target)
    if not uids:
        return Done("COPY completed: there was nothing to copy")
    copied = await session.mailbox.copy(uids, request.target)
    return Done("COPY completed", code=_copy_uid(copied))


async def run_move(session: Session, request: Copy) -> Done:
    """Move the messages; COPYUID comes before the EXPUNGEs that follow from it (RFC 6851, 4.3 and 4.4)."""
    session.require_writable()
    uids = session.selected.named(request.messages, by_uid=request.by_uid)
    await target(session, request.target)
    if not uids:
        return Done("MOVE completed: there was nothing to move")
    moved = await session.mailbox.move(uids, request.target)
    session.remark("moved", _copy_uid(moved))
    return Done("MOVE completed", code=await tell_own_expunges(session))


def _require_few(session: Session, uids: UidSet) -> None:
    """Refuse more than are saved at once, and say which the client may begin with: the last ones (RFC 9738, 3.1)."""
    most = session.config.most_saved
    if len(uids) > most:
        first = uids.at(len(uids) - most + 1)
        raise No(f"at most {most} messages are copied at once; begin with the last", f"MESSAGELIMIT {most} {first}")


def _copy_uid(copied: Copied) -> str:
    """resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set  (RFC 4315, 4)"""
    if not copied.source:
        raise No("the messages are gone; they will be told as expunged", "EXPUNGEISSUED")
    source, into = encode_uids(copied.source).decode(), encode_uids(copied.target).decode()
    return f"COPYUID {copied.uid_validity} {source} {into}"
