"""Messages from one mailbox to another, without touching their octets."""

from mailstore.changes import Copied
from mailstore.model import MailboxName, ModSeq
from mailstore.sqlite import changelog, mailboxes, messages, uidruns
from mailstore.sqlite.transactions import Writer
from mailstore.uidset import UidSet


def copy(writer: Writer, source: int, uids: UidSet, target: MailboxName) -> Copied:
    """Copy those of `uids` that are there; `NotFound` if `source` was removed or there is no `target`."""
    mailboxes.require(writer, source)
    into = mailboxes.find(writer, target)
    _, uid_validity = mailboxes.identity(writer, into)
    found = uidruns.living(writer, source, uids)
    if not found:
        return Copied(changelog.current(writer), uid_validity)
    modseq = changelog.advance(writer)
    return Copied(modseq, uid_validity, found, duplicate(writer, source, found, into, modseq))


def move(writer: Writer, source: int, uids: UidSet, target: MailboxName) -> Copied:
    """Copy, and expunge what was copied."""
    copied = copy(writer, source, uids, target)
    if copied.source:
        messages.expunge(writer, source, copied.source, copied.modseq)
    return copied


def duplicate(writer: Writer, source: int, uids: UidSet, target: int, modseq: ModSeq) -> UidSet:
    """Copy messages that are there; return what they are called in the target, in the same order."""
    first = mailboxes.take_uids(writer, target, len(uids))
    new = UidSet([(first, first + len(uids) - 1)])
    messages.copy(writer, source, uids, target=target, first=first, modseq=modseq)
    messages.arrived(writer, target, new, modseq, messages.tally(writer, target, new))
    return new
