"""STATUS (RFC 3501, 6.3.10)."""

from collections.abc import Callable
from typing import Final

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from mailstore.model import MailboxName, MailboxStatus

ITEMS: Final[dict[bytes, Callable[[MailboxStatus], int]]] = {
    b"MESSAGES": lambda status: status.messages,
    b"RECENT": lambda status: status.recent,
    b"UIDNEXT": lambda status: status.uid_next,
    b"UIDVALIDITY": lambda status: status.uid_validity,
    b"UNSEEN": lambda status: status.unseen,
}


@frozen
class Status:
    """A mailbox, and what is asked of it."""

    mailbox: MailboxName
    items: tuple[bytes, ...]


def parse(cursor: Cursor) -> Status:
    """status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")" """
    cursor.space()
    mailbox = names.mailbox(cursor)
    cursor.space()
    items = cursor.parenthesized(Cursor.keyword)
    unknown = [item for item in items if item not in ITEMS]
    if unknown:
        raise Bad(f"STATUS has no item {unknown[0].decode()}; it has {b' '.join(ITEMS).decode()}")
    return Status(mailbox, tuple(dict.fromkeys(items)))


async def run(session: Session, request: Status) -> Done:
    """Answer from the counts that the store keeps."""
    status = await session.account.status(request.mailbox)
    values = b" ".join(b"%b %d" % (item, ITEMS[item](status)) for item in request.items)
    session.send(b"* STATUS %b (%b)\r\n" % (names.encode_mailbox(request.mailbox), values))
    return Done("STATUS completed")
