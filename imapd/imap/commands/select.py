"""SELECT and EXAMINE (RFC 3501, 6.3.1 and 6.3.2), with CONDSTORE and QRESYNC (RFC 7162)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad
from imapd.imap.mailboxes.listing import describe
from imapd.imap.news.recent import first_recent, send_size
from imapd.imap.news.resync import Remembered, remembered, resynchronize
from imapd.imap.selected import Selected
from imapd.imap.session import CONDSTORE, QRESYNC, Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.flags import encode_flags
from imapd.imap.wire.names import Written
from imapd.imap.wire.objectid import encode_mailbox_id
from mailstore.interfaces import Snapshot
from mailstore.model import SYSTEM_FLAGS
from mailstore.names import mailbox_name


@frozen
class Select:
    """A mailbox to open.

    Attributes:
        mailbox: a name that may be none: even then the mailbox that is open must be left.
        read_only: whether it is EXAMINE.
        condstore: whether the client wants mod-sequences from now on.
        known: what it remembers of the mailbox; None if it did not say.

    """

    mailbox: str
    read_only: bool
    condstore: bool = False
    known: Remembered | None = None


def parse(cursor: Cursor, *, read_only: bool) -> Select:
    """select = "SELECT" SP mailbox [select-params]; examine = "EXAMINE" SP mailbox [select-params]

    select-params = SP "(" select-param *(SP select-param) ")"  (RFC 4466, 2.1)
    """
    cursor.space()
    mailbox = names.reference(cursor)
    if cursor.at_end:
        return Select(mailbox, read_only)
    cursor.space()
    found = dict(cursor.parenthesized(_parameter))
    return Select(mailbox, read_only, CONDSTORE in found, found.get(QRESYNC))


def _parameter(cursor: Cursor) -> tuple[bytes, Remembered | None]:
    """select-param = "CONDSTORE" / "QRESYNC" SP "(" ... ")"  (RFC 7162, 7)"""
    name = cursor.keyword()
    if name == CONDSTORE:
        return name, None
    if name != QRESYNC:
        raise Bad(f"SELECT has no parameter {name.decode()}")
    cursor.space()
    return name, remembered(cursor)


async def run(session: Session, request: Select) -> Done:
    """Leave the mailbox that was selected, whatever comes of it, and open this one."""
    if request.known is not None:
        _require_qresync(session, request.known)
    if session.has_selected:
        session.deselect()
        session.remark("the mailbox before is closed", "CLOSED")
    if request.condstore:
        session.enable_condstore()
    written = Written(mailbox_name(request.mailbox), request.mailbox)
    mailbox = await session.account.mailbox(written.name)
    snapshot = await mailbox.snapshot()
    recent_from = await first_recent(session, mailbox, snapshot.status.uid_next, read_only=request.read_only)
    selected = Selected(snapshot, recent_from, read_only=request.read_only)
    if session.rev2:
        await describe(session, written)
    _describe(session, snapshot, selected)
    session.select(mailbox, selected)
    if request.known is not None and request.known.uid_validity == snapshot.status.uid_validity:
        await resynchronize(session, request.known)
    return Done("mailbox selected", code="READ-ONLY" if request.read_only else "READ-WRITE")


def _require_qresync(session: Session, known: Remembered) -> None:
    """Make sure that the client may say what it remembers; `Bad` if not."""
    if not session.qresync:
        raise Bad("the parameter QRESYNC needs ENABLE QRESYNC first")
    if session.uid_only and known.sample[0]:
        raise Bad("messages have no numbers once UIDONLY is enabled; leave out the known ones", "UIDREQUIRED")


def _describe(session: Session, snapshot: Snapshot, selected: Selected) -> None:
    status = snapshot.status
    flags = encode_flags(snapshot.keywords | frozenset(SYSTEM_FLAGS))
    permanent = b"()" if selected.read_only else flags[:-1] + b" \\*)"
    session.send(b"* FLAGS %b\r\n" % flags)
    session.remark("flags that are kept", f"PERMANENTFLAGS {permanent.decode()}")
    send_size(session, len(selected.uids), len(selected.recent))
    if snapshot.first_unseen is not None and not session.uid_only and not session.rev2:
        session.remark("first unseen message", f"UNSEEN {selected.uids.rank(snapshot.first_unseen) or 0}")
    session.remark("UIDs valid", f"UIDVALIDITY {status.uid_validity}")
    session.remark("predicted next UID", f"UIDNEXT {status.uid_next}")
    session.remark("the mailbox, whatever its name", f"MAILBOXID ({encode_mailbox_id(status.id).decode()})")
    session.remark("mod-sequence of the last change", f"HIGHESTMODSEQ {status.highest_modseq}")
