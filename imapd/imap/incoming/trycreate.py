"""The mailbox that messages are to go into (RFC 3501, 6.3.11 and 6.4.7: TRYCREATE)."""

from collections.abc import Iterator
from contextlib import contextmanager

from imapd.imap.errors import No
from imapd.imap.session import Session
from mailstore.errors import NotFound
from mailstore.interfaces import IMailbox
from mailstore.model import MailboxName


@contextmanager
def offering_create() -> Iterator[None]:
    """Turn `NotFound` into a `No` with TRYCREATE: the client may make the mailbox and try again."""
    try:
        yield
    except NotFound as error:
        raise No(str(error), "TRYCREATE") from None


async def target(session: Session, name: MailboxName) -> IMailbox:
    """Return the mailbox of this name; `No` with TRYCREATE if there is none."""
    with offering_create():
        return await session.account.mailbox(name)
