"""REPLACE (RFC 8508): a message comes in and another one goes, in one step."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.errors import No
from imapd.imap.incoming.catenating import assembled
from imapd.imap.incoming.trycreate import target
from imapd.imap.incoming.uploading import Upload
from imapd.imap.news.telling import tell_own_expunges
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.appendmessage import AppendMessage, append_message
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.numberset import STAR, NumberSet, encode_uids
from mailstore.model import MailboxName


@frozen
class Replace:
    """The message that goes, and the one that comes, with the mailbox that it goes to."""

    replaced: NumberSet
    mailbox: MailboxName
    message: AppendMessage
    by_uid: bool


def parse(cursor: Cursor, *, by_uid: bool) -> Replace:
    """replace = "REPLACE" SP seq-number SP mailbox append-message  (RFC 8508, 5)"""
    replaced, mailbox = _replaced(cursor)
    return Replace(replaced, mailbox, append_message(cursor), by_uid)


def before_messages(cursor: Cursor) -> Upload:
    """``SP seq-number SP mailbox``"""
    return Upload(_replaced(cursor)[1], replaces=True)


def _replaced(cursor: Cursor) -> tuple[NumberSet, MailboxName]:
    """``SP seq-number SP mailbox``: one message is replaced at a time."""
    cursor.space()
    number = STAR if cursor.take(b"*") else cursor.nz_number()
    cursor.space()
    return NumberSet(((number, number),)), names.mailbox(cursor)


async def run(session: Session, request: Replace) -> Done:
    """Add the one and expunge the other; APPENDUID comes before the EXPUNGE (RFC 8508, 4.3)."""
    session.require_writable()
    uids = await session.named(request.replaced, by_uid=request.by_uid)
    if not uids:
        raise No("there is no such message to be replaced", "NONEXISTENT")
    await target(session, request.mailbox)
    async with assembled(session, [request.message]) as (message,):
        appended = await session.mailbox.replace(uids.last, request.mailbox, message)
    session.own(appended.modseq)
    uid = encode_uids(appended.uids).decode()
    session.remark("replacement message ready", f"APPENDUID {appended.uid_validity} {uid}")
    return Done("REPLACE completed", code=await tell_own_expunges(session))
