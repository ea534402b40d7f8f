"""NOOP and CHECK (RFC 3501, 6.1.2 and 6.4.1): a moment to be told what happened."""

from typing import Final

from imapd.imap.commands.verb import Done
from imapd.imap.session import Session

_COMPLETED: Final = Done("completed")


async def run(session: Session, _: None) -> Done:
    """Have the news told, also those of which no wake-up came: another process may have been quicker than its bell."""
    if session.has_selected or session.watch is not None:
        session.look()
    return _COMPLETED
