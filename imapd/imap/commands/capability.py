"""CAPABILITY (RFC 3501, 6.1.1)."""

from imapd.imap.capabilities import capabilities
from imapd.imap.commands.verb import Done
from imapd.imap.session import Session


async def run(session: Session, _: None) -> Done:
    """Name what is advertised in this state."""
    session.send(b"* CAPABILITY " + capabilities(session) + b"\r\n")
    return Done("CAPABILITY completed")
