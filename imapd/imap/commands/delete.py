"""DELETE (RFC 3501, 6.3.4)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.mailboxes.listing import tell_canonical
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.names import Written


@frozen
class Delete:
    """A mailbox to remove; those below it stay."""

    mailbox: Written


def parse(cursor: Cursor) -> Delete:
    """delete = "DELETE" SP mailbox"""
    cursor.space()
    return Delete(names.written_mailbox(cursor))


async def run(session: Session, request: Delete) -> Done:
    """Remove the mailbox and its messages."""
    session.own(await session.account.delete(request.mailbox.name))
    await tell_canonical(session, request.mailbox)
    return Done("DELETE completed")
