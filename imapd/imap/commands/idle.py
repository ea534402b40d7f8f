"""IDLE (RFC 2177)."""

from imapd import limits
from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad
from imapd.imap.news.telling import tell
from imapd.imap.session import Session
from imapd.imap.wakening import Woken
from mailstore.errors import StoreError


async def run(session: Session, _: None) -> Done:
    """Tell what happens as it happens, until the client says DONE."""
    session.send(b"+ idling\r\n")
    while True:
        untold = await _tell(session)
        await session.drained()
        if (line := session.client.line()) is not None:  # which may have come while it was told
            break
        if untold:
            await session.client.woken(limits.NEWS_AGAIN_SECONDS)
        elif not session.news and await session.client.woken(limits.KEEP_ALIVE_SECONDS) is Woken.TIME:
            session.remark("Still here")
    if line.strip().upper() != b"DONE":
        raise Bad("IDLE is ended by DONE")
    return Done("IDLE completed")


async def _tell(session: Session) -> bool:
    """Tell what happened; return whether the store could not say it, so that it is to be told later."""
    try:
        await tell(session, expunges=True)
    except StoreError as error:
        session.client.note_untold(error)
        return True
    return False
