"""RENAME (RFC 3501, 6.3.5)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.mailboxes.listing import tell_canonical
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.names import Written
from mailstore.names import INBOX


@frozen
class Rename:
    """A mailbox and its other name."""

    old: Written
    new: Written


def parse(cursor: Cursor) -> Rename:
    """rename = "RENAME" SP mailbox SP mailbox"""
    cursor.space()
    old = names.written_mailbox(cursor)
    cursor.space()
    return Rename(old, names.create_mailbox(cursor))


async def run(session: Session, request: Rename) -> Done:
    """Rename the mailbox and all below it; INBOX gives its messages away and stays."""
    old, new = request.old, request.new
    session.own(await session.account.rename(old.name, new.name))
    if old.name != INBOX and (old.text != old.name or new.text != new.name):
        await tell_canonical(session, Written(new.name, old.text))
    return Done("RENAME completed")
