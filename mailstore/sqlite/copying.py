"""Messages from one mailbox to another, without touching their octets."""

from mailstore.changes import Copied
from mailstore.model import MailboxName, ModSeq
from mailstore.sqlite import changelog, mailboxes, messages, uidruns
from mailstore.sqlite.tally import NO_MESSAGES, Tally
from mailstore.sqlite.transactions import Writer
from mailstore.uidset import UidSet


def copy(writer: Writer, source: int, uids: UidSet, target: MailboxName) -> Copied:
    """Copy those of `uids` that are there; `NotFound` if `source` was removed or there is no `target`."""
    return _copy(writer, source, uids, target)[0]


def move(writer: Writer, source: int, uids: UidSet, target: MailboxName) -> Copied:
    """Copy, and expunge what was copied."""
    copied, counts = _copy(writer, source, uids, target)
    if copied.source:
        messages.expunge(writer, source, copied.source, copied.modseq, counts)
    return copied


def _copy(writer: Writer, source: int, uids: UidSet, target: MailboxName) -> tuple[Copied, Tally]:
    mailboxes.require(writer, source)
    into = mailboxes.find(writer, target)
    _, uid_validity = mailboxes.identity(writer, into)
    found = uidruns.living(writer, source, uids)
    if not found:
        return Copied(changelog.current(writer), uid_validity), NO_MESSAGES
    modseq = changelog.advance(writer)
    new, counts = duplicate(writer, source, found, into, modseq)
    return Copied(modseq, uid_validity, found, new), counts


def duplicate(writer: Writer, source: int, uids: UidSet, target: int, modseq: ModSeq) -> tuple[UidSet, Tally]:
    """Copy messages; return what they are called in the target, in the same order, and their counts."""
    first = mailboxes.take_uids(writer, target, len(uids))
    new = UidSet([(first, first + len(uids) - 1)])
    messages.copy(writer, source, uids, target=target, first=first, modseq=modseq)
    counts = messages.tally(writer, target, new)
    messages.arrived(writer, target, new, modseq, counts)
    return new, counts
