"""IDLE (RFC 2177)."""

from imapd import limits
from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad
from imapd.imap.news.telling import tell
from imapd.imap.session import Session
from imapd.imap.wakening import Woken


async def run(session: Session, _: None) -> Done:
    """Tell what happens as it happens, until the client says DONE."""
    session.send(b"+ idling\r\n")
    line = await _line(session)
    if line.strip().upper() != b"DONE":
        raise Bad("IDLE is ended by DONE")
    return Done("IDLE completed")


async def _line(session: Session) -> bytes:
    """Tell what happens until the client says something, which may come while it is being told."""
    while True:
        await tell(session, expunges=True)
        await session.drained()
        line = session.client.line()
        if line is not None:
            return line
        if not session.news and await session.client.woken(limits.KEEP_ALIVE_SECONDS) is Woken.TIME:
            session.remark("Still here")
