"""Messages go away: those that are marked as deleted, or whatever their flags."""

from mailstore.changes import Expunged
from mailstore.sqlite import changelog, mailboxes, messages, uidruns
from mailstore.sqlite.tally import Tally
from mailstore.sqlite.transactions import Writer
from mailstore.uidset import UidSet


def expunge(writer: Writer, mailbox: int, uids: UidSet) -> Expunged:
    """Expunge those of `uids` that are there and have ``\\Deleted``."""
    mailboxes.require(writer, mailbox)
    return _expunge(writer, mailbox, *messages.marked_deleted(writer, mailbox, uidruns.living(writer, mailbox, uids)))


def remove(writer: Writer, mailbox: int, uids: UidSet) -> Expunged:
    """Expunge those of `uids` that are there."""
    mailboxes.require(writer, mailbox)
    found = uidruns.living(writer, mailbox, uids)
    return _expunge(writer, mailbox, found, messages.tally(writer, mailbox, found))


def _expunge(writer: Writer, mailbox: int, uids: UidSet, counts: Tally) -> Expunged:
    if not uids:
        return Expunged(changelog.current(writer), uids)
    modseq = changelog.advance(writer)
    messages.expunge(writer, mailbox, uids, modseq, counts)
    return Expunged(modseq, uids)
