"""COMPRESS (RFC 4978)."""

from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor


def parse(cursor: Cursor) -> None:
    """compress = "COMPRESS" SP algorithm; algorithm = "DEFLATE"  (RFC 4978, 5)"""
    cursor.space()
    if cursor.keyword() != b"DEFLATE":
        raise Bad("the only compression is DEFLATE")


async def run(session: Session, _: None) -> Done:
    """Compress both ways from behind the tagged line on."""
    if session.client.compressed:
        raise Bad("DEFLATE is already active", "COMPRESSIONACTIVE")
    return Done("DEFLATE active", then=session.client.compress)
