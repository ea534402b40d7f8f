"""The mailbox that messages are to go into (RFC 3501, 6.3.11 and 6.4.7: TRYCREATE)."""

from imapd.imap.errors import No
from imapd.imap.session import Session
from mailstore.errors import NotFound
from mailstore.interfaces import IMailbox
from mailstore.model import MailboxName


async def target(session: Session, name: MailboxName) -> IMailbox:
    """Return the mailbox of this name.

    Raises:
        No: there is none, with TRYCREATE: the client may make it and try again.

    """
    try:
        return await session.account.mailbox(name)
    except NotFound as error:
        raise No(str(error), "TRYCREATE") from None
