"""SELECT and EXAMINE (RFC 3501, 6.3.1 and 6.3.2)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.selected import Selected
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.flags import encode_flags
from mailstore.interfaces import Snapshot
from mailstore.model import SYSTEM_FLAGS
from mailstore.names import mailbox_name


@frozen
class Select:
    """A mailbox to open, by a name that may be none: even then the one that is open must be left."""

    mailbox: str
    read_only: bool


def parse(cursor: Cursor, *, read_only: bool) -> Select:
    """select = "SELECT" SP mailbox; examine = "EXAMINE" SP mailbox"""
    cursor.space()
    return Select(names.reference(cursor), read_only)


async def run(session: Session, request: Select) -> Done:
    """Leave the mailbox that was selected, whatever comes of it, and open this one."""
    session.deselect()
    mailbox = await session.account.mailbox(mailbox_name(request.mailbox))
    snapshot = await mailbox.snapshot()
    recent_from = snapshot.first_recent
    if not request.read_only:
        recent_from = await mailbox.claim_recent(snapshot.status.uid_next)
    selected = Selected(snapshot, recent_from, read_only=request.read_only)
    _describe(session, snapshot, selected)
    session.select(mailbox, selected)
    return Done("mailbox selected", code="READ-ONLY" if request.read_only else "READ-WRITE")


def _describe(session: Session, snapshot: Snapshot, selected: Selected) -> None:
    status = snapshot.status
    flags = encode_flags(snapshot.keywords | frozenset(SYSTEM_FLAGS))
    permanent = b"()" if selected.read_only else flags[:-1] + b" \\*)"
    lines = [
        b"* FLAGS " + flags,
        b"* OK [PERMANENTFLAGS %b] flags that are kept" % permanent,
        b"* %d EXISTS" % len(selected.uids),
        b"* %d RECENT" % len(selected.recent),
        b"* OK [UIDVALIDITY %d] UIDs valid" % status.uid_validity,
        b"* OK [UIDNEXT %d] predicted next UID" % status.uid_next,
    ]
    if snapshot.first_unseen is not None:
        unseen = selected.uids.rank(snapshot.first_unseen) or 0
        lines.insert(4, b"* OK [UNSEEN %d] first unseen message" % unseen)
    session.send(b"\r\n".join(lines) + b"\r\n")
