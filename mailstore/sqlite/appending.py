"""Messages come in: by APPEND, delivery or import."""

from collections.abc import Callable, Sequence

from mailstore.changes import AppendedTo, Origin
from mailstore.interfaces import NewMessage
from mailstore.model import Flags, MailboxName, Quota, Uid, Usage
from mailstore.sqlite import adopting, changelog, clock, contents, flagsets, mailboxes, messages, quotas, uidls
from mailstore.sqlite.contents import Keeping, NewContent
from mailstore.sqlite.renderings import Kinds
from mailstore.sqlite.tally import of, total
from mailstore.sqlite.transactions import Reader, Row, Writer
from mailstore.uidset import EMPTY


def prepare(
    find: Callable[[Reader], int], new: Sequence[NewMessage], keeping: Keeping, origin: Origin | None = None
) -> Callable[[Writer], AppendedTo]:
    """Do what takes no lock; return the change, of the mailbox that `find` returns then, or `NotFound`."""
    ready = [contents.prepare(message.spool.octets(), keeping) for message in new]

    def appended(writer: Writer) -> AppendedTo:
        mailbox = find(writer)
        if origin is not None:
            adopting.note_brought(writer, mailbox, origin)
        if not new:
            return AppendedTo(changelog.current(writer), *mailboxes.identity(writer, mailbox), EMPTY)
        return append(writer, mailbox, list(zip(new, ready, strict=True)), keeping.kinds)

    return appended


def foresee(reader: Reader, name: MailboxName, more: Usage, quota: Quota) -> None:
    """Raise `NotFound` or `OverQuota` if messages to this mailbox, `more` in all, would be refused."""
    mailboxes.find(reader, name)
    quotas.require_room(reader, quota, more)


def append(writer: Writer, mailbox: int, new: Sequence[tuple[NewMessage, NewContent]], kinds: Kinds) -> AppendedTo:
    """Add messages to a mailbox that is there, all or none."""
    uids = mailboxes.keep_uids(writer, mailbox, [message.uid for message, _ in new])
    modseq = changelog.advance(writer)
    now = clock.now()
    flags = [flagsets.canonical(writer, message.flags) for message, _ in new]

    def row(uid: Uid, message: NewMessage, content: NewContent, flags: Flags) -> Row:
        received = message.internal_date or now
        return (
            mailbox,
            uid,
            contents.keep(writer, content, kinds),
            flagsets.intern(writer, flags),
            content.size,
            received.seconds,
            received.zone,
            now.seconds,
            modseq,
        )

    messages.insert(writer, [row(uid, *each, its) for uid, each, its in zip(uids, new, flags, strict=True)])
    uidls.keep(writer, mailbox, [(uid, each.uidl) for uid, (each, _) in zip(uids, new, strict=True) if each.uidl])
    by = total(of(its, 1, content.size) for its, (_, content) in zip(flags, new, strict=True))
    messages.arrived(writer, mailbox, uids, modseq, by)
    object_id, uid_validity = mailboxes.identity(writer, mailbox)
    return AppendedTo(modseq, object_id, uid_validity, uids)
