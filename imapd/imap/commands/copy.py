"""COPY (RFC 3501, 6.4.7) and MOVE (RFC 6851), with COPYUID (RFC 4315)."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from attrs import frozen

from imapd import limits
from imapd.imap.commands.verb import Done
from imapd.imap.errors import No
from imapd.imap.incoming.trycreate import target
from imapd.imap.news.telling import tell_own_expunges
from imapd.imap.sending import send_status
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.numberset import NumberSet, sequence_set
from imapd.imap.wire.searchdata import encode_runs
from mailstore.changes import Copied
from mailstore.errors import StoreError
from mailstore.model import MailboxName
from mailstore.uidset import UidSet, joined


@frozen
class Copy:
    """Messages, and where they go."""

    messages: NumberSet
    target: MailboxName
    by_uid: bool


def parse(cursor: Cursor, *, by_uid: bool) -> Copy:
    """copy = "COPY" SP sequence-set SP mailbox; move = "MOVE" SP sequence-set SP mailbox"""
    cursor.space()
    messages = sequence_set(cursor)
    cursor.space()
    return Copy(messages, names.mailbox(cursor), by_uid)


async def run_copy(session: Session, request: Copy) -> Done:
    """Copy the messages with their flags and internal dates."""
    uids = await session.named(request.messages, by_uid=request.by_uid)
    _require_few(session, uids)
    await target(session, request.target)
    if not uids:
        return Done("COPY completed: there was nothing to copy")
    copied = await session.mailbox.copy(uids, request.target)
    if copied.source:
        session.own(copied.modseq)
    return Done("COPY completed", long_code=_copy_uid([copied]))


async def run_move(session: Session, request: Copy) -> Done:
    """Move the messages; COPYUID comes before the EXPUNGEs that follow from it (RFC 6851, 4.3 and 4.4)."""
    session.require_writable()
    uids = await session.named(request.messages, by_uid=request.by_uid)
    await target(session, request.target)
    if not uids:
        return Done("MOVE completed: there was nothing to move")
    moved: list[Copied] = []
    try:
        for part in session.progress.parts(uids, limits.CHANGED_AT_ONCE):
            moved.append(await session.mailbox.move(part, request.target))
            session.own(moved[-1].modseq if moved[-1].source else None)
    except StoreError:
        if not any(part.source for part in moved):
            raise
        await _tell_moved(session, moved)
        raise
    return Done("MOVE completed", code=await _tell_moved(session, moved))


async def _tell_moved(session: Session, moved: list[Copied]) -> str | None:
    """Tell where messages went, all at once, since clients expect one COPYUID; then what became of them here."""
    await send_status(session, "moved", _copy_uid(moved))
    moved.clear()  # what is told next may take as much memory
    return await tell_own_expunges(session)


def _require_few(session: Session, uids: UidSet) -> None:
    """Refuse more than are saved at once, and say which the client may begin with: the last ones (RFC 9738, 3.1)."""
    most = session.config.most_saved
    if len(uids) > most:
        first = uids.at(len(uids) - most + 1)
        raise No(f"at most {most} messages are copied at once; begin with the last", f"MESSAGELIMIT {most} {first}")


def _copy_uid(copied: Sequence[Copied]) -> Iterator[bytes]:
    """Return in pieces where messages went that were copied in parts.

    ``resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set``  (RFC 4315, 4)

    Raises:
        No: nothing was there to be copied.

    """
    if not any(part.source for part in copied):
        raise No("the messages are gone; they will be told as expunged", "EXPUNGEISSUED")
    source, target = _spelled(part.source for part in copied), _spelled(part.target for part in copied)
    return chain([b"COPYUID %d " % copied[0].uid_validity], source, [b" "], target)


def _spelled(parts: Iterable[UidSet]) -> Iterator[bytes]:
    """Yield in pieces the set of parts each of which is above those before it."""
    return encode_runs(joined(chain.from_iterable(part.runs for part in parts)))
