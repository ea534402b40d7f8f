"""UNAUTHENTICATE (RFC 8437)."""

from imapd.imap.commands.verb import Done
from imapd.imap.session import Session


async def run(session: Session, _: None) -> Done:
    """Forget who was logged in; compression ends behind the tagged line, and TLS stays."""
    await session.unauthenticate()
    return Done("UNAUTHENTICATE completed", then=session.client.end_compression)
