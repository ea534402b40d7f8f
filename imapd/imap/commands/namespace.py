"""NAMESPACE (RFC 2342)."""

from imapd.imap.commands.verb import Done
from imapd.imap.session import Session
from mailstore.names import SEPARATOR


async def run(session: Session, _: None) -> Done:
    """Name the one personal namespace; there are no other users' and no shared ones."""
    session.send(b'* NAMESPACE (("" "%b")) NIL NIL\r\n' % SEPARATOR.encode())
    return Done("NAMESPACE completed")
