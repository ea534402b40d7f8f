"""Literals that are announced: whether it is a message that follows, and where that goes."""

from imapd import limits
from imapd.imap.commands import command_name, look_up
from imapd.imap.errors import Bad, No, spell
from imapd.imap.incoming.uploading import admit, upload
from imapd.imap.session import Session
from imapd.imap.wire.announcement import Announcement
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.framing import Piece
from mailstore.errors import StoreError
from mailstore.spool import Spool


def spool_for(session: Session, pieces: tuple[Piece, ...], literal: Announcement) -> Spool | None:
    """Return where a literal behind `pieces` goes if it is a message, before a client that waits may send it.

    Raises:
        No: it cannot be stored.

    """
    cursor = Cursor(pieces, utf8=session.utf8)
    try:
        cursor.tag()
        cursor.space()
        verb = look_up(session, command_name(cursor))
    except Bad:
        return None
    if literal.size > limits.FRAMING.literal and verb.too_large is not None:
        raise No(f"a literal here has at most {limits.FRAMING.literal} octets", verb.too_large)
    try:
        announced = verb.before_messages and upload(cursor, verb.before_messages)
        return admit(session, announced, pieces, literal) if announced else None
    except StoreError as error:
        raise spell(error) from None
