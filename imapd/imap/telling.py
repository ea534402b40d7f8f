"""Telling a client what happened to its mailbox, at the moments when the protocol allows it."""

from imapd.imap.fetching import send_flags
from imapd.imap.session import Session
from mailstore.model import Uid


async def tell(session: Session, *, expunges: bool) -> None:
    """Send the untagged responses for everything that happened and was not told yet.

    Args:
        session: whose client is told.
        expunges: whether EXPUNGE may be sent at this moment (RFC 3501, 7.4.1).

    """
    if not session.has_selected:
        return
    view = session.selected
    if session.news:
        session.news = False
        view.learn(await session.mailbox.changes_since(view.modseq))
    if not view.pending:
        return
    recent_from = Uid(1)
    if view.arrived and not view.read_only:
        recent_from = await session.mailbox.claim_recent(Uid(view.arrived.last + 1))
    tidings = view.tell(expunges=expunges, recent_from=recent_from)
    session.send(b"".join(map(b"* %d EXPUNGE\r\n".__mod__, tidings.expunged)))
    if tidings.exists is not None:
        session.send(b"* %d EXISTS\r\n* %d RECENT\r\n" % (tidings.exists, tidings.recent or 0))
    await send_flags(session, tidings.flagged, with_uid=True)
