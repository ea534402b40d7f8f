"""STARTTLS (RFC 3501, 6.2.1)."""

from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad
from imapd.imap.session import Session


async def run(session: Session, _: None) -> Done:
    """Begin TLS behind the tagged line."""
    if not session.client.tls_available:
        raise Bad("TLS is already active, or this server has no certificate")
    return Done("begin TLS", then=session.client.start_tls)
