"""How a command ends whose response code may be as long as a mailbox has messages."""

from imapd.imap.commands.verb import Done
from imapd.imap.errors import No
from imapd.imap.sending import send_status
from imapd.imap.session import Session


async def end_at_length(session: Session, ending: Done | No) -> Done | No | None:
    """Send the one tagged line of the command that runs, if its code is long; return what is still to be written."""
    if isinstance(ending, No) or ending.long_code is None:
        return ending
    await send_status(session, ending.text, ending.long_code, session.tag + b" OK")
    return None
