"""STATUS (RFC 3501, 6.3.10)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.statusatt import StatusItems, encode_status, status_items
from mailstore.model import MailboxName


@frozen
class Status:
    """A mailbox, and what is asked of it."""

    mailbox: MailboxName
    items: StatusItems


def parse(cursor: Cursor) -> Status:
    """status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")" """
    cursor.space()
    mailbox = names.mailbox(cursor)
    cursor.space()
    return Status(mailbox, status_items(cursor))


async def run(session: Session, request: Status) -> Done:
    """Answer from the counts that the store keeps."""
    if b"HIGHESTMODSEQ" in request.items:
        session.enable_condstore()
    status = await session.account.status(request.mailbox)
    spelled = session.spell_mailbox(request.mailbox)
    session.send(encode_status(spelled, request.items, status, session.config.max_message_octets))
    return Done("STATUS completed")
