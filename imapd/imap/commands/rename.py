"""RENAME (RFC 3501, 6.3.5)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from mailstore.model import MailboxName


@frozen
class Rename:
    """A mailbox and its other name."""

    old: MailboxName
    new: MailboxName


def parse(cursor: Cursor) -> Rename:
    """rename = "RENAME" SP mailbox SP mailbox"""
    cursor.space()
    old = names.mailbox(cursor)
    cursor.space()
    return Rename(old, names.create_mailbox(cursor))


async def run(session: Session, request: Rename) -> Done:
    """Rename the mailbox and all below it; INBOX gives its messages away and stays."""
    await session.account.rename(request.old, request.new)
    return Done("RENAME completed")
