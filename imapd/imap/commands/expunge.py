"""EXPUNGE (RFC 3501, 6.4.3) and UID EXPUNGE (RFC 4315, 2.1)."""

from attrs import frozen

from imapd import limits
from imapd.imap.commands.verb import Done
from imapd.imap.news.telling import tell_own_expunges
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.numberset import NumberSet, sequence_set
from mailstore.uidset import UidSet


@frozen
class Expunge:
    """The UIDs to be expunged if they are ``\\Deleted``; None for all messages."""

    uids: NumberSet | None


def parse(_: Cursor) -> Expunge:
    """expunge = "EXPUNGE" """
    return Expunge(None)


def parse_uid(cursor: Cursor) -> Expunge:
    """uid-expunge = "UID" SP "EXPUNGE" SP sequence-set"""
    cursor.space()
    return Expunge(sequence_set(cursor))


async def run(session: Session, request: Expunge) -> Done:
    """Expunge; the client is told by the same way as of anyone's expunges."""
    session.require_writable()
    uids = session.selected.uids if request.uids is None else await session.named(request.uids, by_uid=True)
    gone = await expunge(session, uids)
    session.news = True
    code = await tell_own_expunges(session) if gone else None
    return Done("EXPUNGE completed", code=code if session.qresync else None)


async def expunge(session: Session, uids: UidSet) -> bool:
    """Expunge what has ``\\Deleted``, a part at a time; return whether there was any."""
    gone = False
    for part in session.progress.parts(uids, limits.CHANGED_AT_ONCE):
        expunged = await session.mailbox.expunge(part)
        if expunged.uids:
            session.own(expunged.modseq)
            gone = True
    return gone
