"""``\\Recent``: what a session claims and tells of it.  IMAP4rev2 has dropped it (RFC 9051, Appendix E, 12)."""

from imapd.imap.session import Session
from mailstore.interfaces import IMailbox
from mailstore.model import Uid


async def first_recent(session: Session, mailbox: IMailbox, upto: Uid, *, read_only: bool) -> Uid:
    """Return from which UID on the messages below `upto` are ``\\Recent`` to this session.

    One that speaks IMAP4rev2 leaves them to the others, and a read-only one takes them from nobody.
    """
    if session.rev2:
        return upto
    if read_only:
        return (await mailbox.snapshot()).first_recent
    return await mailbox.claim_recent(upto)


def send_size(session: Session, messages: int, recent: int) -> None:
    """Send EXISTS, and RECENT to who has not enabled IMAP4rev2."""
    session.send(b"* %d EXISTS\r\n" % messages)
    if not session.rev2:
        session.send(b"* %d RECENT\r\n" % recent)
