"""NOOP and CHECK (RFC 3501, 6.1.2 and 6.4.1): a moment to be told what happened."""

from imapd.imap.commands.verb import Done
from imapd.imap.session import Session


async def run(session: Session, _: None) -> Done:
    """Look into the store even if no wake-up came, since another process may have been quicker than its bell.

    One look does for all commands that came in before it: what anybody was told before they were sent it has seen, and
    of what this process changed meanwhile there was a wake-up before anybody was told.
    """
    session.news = session.news or not session.asked
    return Done("completed")
