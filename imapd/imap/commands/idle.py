"""IDLE (RFC 2177)."""

from imapd import limits
from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad
from imapd.imap.news.telling import tell_if_possible
from imapd.imap.session import Session
from imapd.imap.wakening import Woken


async def run(session: Session, _: None) -> Done:
    """Tell what happens as it happens, until the client says DONE.

    What happened before waits a moment: when it comes together with the continuation request Thunderbird at times does
    not look at it until more comes, and others take it for the answer if it comes first.
    """
    session.found_before = None  # up to 256 KB, for half an hour
    session.send(b"+ idling\r\n")
    await session.client.line_or_time(limits.IDLE_UNTOLD_SECONDS)
    while True:
        told = await tell_if_possible(session, expunges=True)
        await session.drained()
        if (line := session.client.line()) is not None:  # which may have come while it was told
            break
        if not told:
            await session.client.woken(limits.NEWS_AGAIN_SECONDS)
        elif not session.news and await session.client.woken(limits.KEEP_ALIVE_SECONDS) is Woken.TIME:
            session.remark("Still here")
    if line.strip().upper() != b"DONE":
        raise Bad("IDLE is ended by DONE")
    return Done("IDLE completed")
