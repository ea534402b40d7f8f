"""DELETE (RFC 3501, 6.3.4)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from mailstore.model import MailboxName


@frozen
class Delete:
    """A mailbox to remove; those below it stay."""

    mailbox: MailboxName


def parse(cursor: Cursor) -> Delete:
    """delete = "DELETE" SP mailbox"""
    cursor.space()
    return Delete(names.mailbox(cursor))


async def run(session: Session, request: Delete) -> Done:
    """Remove the mailbox and its messages."""
    await session.account.delete(request.mailbox)
    return Done("DELETE completed")
