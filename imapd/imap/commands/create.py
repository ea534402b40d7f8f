"""CREATE (RFC 3501, 6.3.3)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from mailstore.model import MailboxName


@frozen
class Create:
    """A mailbox to make; the names above it need not exist."""

    mailbox: MailboxName


def parse(cursor: Cursor) -> Create:
    """create = "CREATE" SP mailbox"""
    cursor.space()
    return Create(names.create_mailbox(cursor))


async def run(session: Session, request: Create) -> Done:
    """Make the mailbox."""
    await session.account.create(request.mailbox)
    return Done("CREATE completed")
