"""CREATE (RFC 3501, 6.3.3), with special uses (RFC 6154, 3) and MAILBOXID (RFC 8474, 4.1)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad, No
from imapd.imap.mailboxes.listing import tell_canonical
from imapd.imap.mailboxes.specialuses import supported
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.names import Written
from imapd.imap.wire.objectid import encode_mailbox_id
from imapd.imap.wire.specialuse import use_attr
from mailstore.errors import Conflict
from mailstore.model import SpecialUse


@frozen
class Create:
    """A mailbox to make; the names above it need not exist.

    Attributes:
        mailbox: its name.
        uses: its special uses; None among them for one that is not known.

    """

    mailbox: Written
    uses: frozenset[SpecialUse | None] = frozenset()


def parse(cursor: Cursor) -> Create:
    """create = "CREATE" SP mailbox [SP "(" create-param *(SP create-param) ")"]  (RFC 4466, 2.2)"""
    cursor.space()
    mailbox = names.create_mailbox(cursor)
    if cursor.at_end:
        return Create(mailbox)
    cursor.space()
    return Create(mailbox, frozenset().union(*cursor.parenthesized(_uses)))


def _uses(cursor: Cursor) -> list[SpecialUse | None]:
    """create-param =/ "USE" SP "(" [use-attr *(SP use-attr)] ")" """
    name = cursor.keyword()
    if name != b"USE":
        raise Bad(f"CREATE has no parameter {name.decode()[:40]}")
    cursor.space()
    return cursor.parenthesized(use_attr, empty=True)


async def run(session: Session, request: Create) -> Done:
    """Make the mailbox, with its special use or not at all."""
    try:
        created = await session.account.create(request.mailbox.name, supported(request.uses))
    except Conflict as error:
        raise No(str(error), "USEATTR") from None
    session.own(created.modseq)
    await tell_canonical(session, request.mailbox)
    return Done("CREATE completed", code=f"MAILBOXID ({encode_mailbox_id(created.mailbox).decode()})")
