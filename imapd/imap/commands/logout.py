"""LOGOUT (RFC 3501, 6.1.3)."""

from imapd.imap.commands.verb import Done
from imapd.imap.session import Session


async def run(session: Session, _: None) -> Done:
    """Say good-bye; the connection ends behind the tagged line."""
    session.deselect()
    session.watch = None
    session.remark("see you", condition=b"BYE")
    return Done("LOGOUT completed", then=session.client.close)
