"""SUBSCRIBE and UNSUBSCRIBE (RFC 3501, 6.3.6 and 6.3.7)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from mailstore.model import MailboxName


@frozen
class Subscribe:
    """A name to add to the subscriptions, or to remove from them."""

    mailbox: MailboxName
    wanted: bool


def parse(cursor: Cursor, *, wanted: bool) -> Subscribe:
    """subscribe = "SUBSCRIBE" SP mailbox; unsubscribe = "UNSUBSCRIBE" SP mailbox"""
    cursor.space()
    return Subscribe(names.create_mailbox(cursor).name, wanted)


async def run(session: Session, request: Subscribe) -> Done:
    """Keep the name; whether such a mailbox exists is of no account (RFC 3501, 6.3.6)."""
    account = session.account
    session.own(await (account.subscribe if request.wanted else account.unsubscribe)(request.mailbox))
    return Done("completed")
