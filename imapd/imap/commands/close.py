"""CLOSE (RFC 3501, 6.4.2) and UNSELECT (RFC 3691)."""

from contextlib import suppress

from imapd.imap.commands.expunge import expunge
from imapd.imap.commands.verb import Done
from imapd.imap.session import Session
from mailstore.errors import NotFound


async def run_close(session: Session, _: None) -> Done:
    """Expunge what is ``\\Deleted``, unless the mailbox was opened read-only, tell nothing, and leave."""
    if not session.selected.read_only:
        with suppress(NotFound):  # the mailbox was deleted, so there is nothing to expunge
            await expunge(session, session.selected.uids)
    session.deselect()
    return Done("CLOSE completed")


async def run_unselect(session: Session, _: None) -> Done:
    """Leave, and expunge nothing."""
    session.deselect()
    return Done("UNSELECT completed")
