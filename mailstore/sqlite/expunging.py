"""Messages that are marked as deleted go away."""

from mailstore.changes import Expunged
from mailstore.sqlite import changelog, mailboxes, messages, uidruns
from mailstore.sqlite.transactions import Writer
from mailstore.uidset import UidSet


def expunge(writer: Writer, mailbox: int, uids: UidSet) -> Expunged:
    """Expunge those of `uids` that are there and have ``\\Deleted``."""
    mailboxes.require(writer, mailbox)
    marked = messages.marked_deleted(writer, mailbox, uidruns.living(writer, mailbox, uids))
    if not marked:
        return Expunged(changelog.current(writer), marked)
    modseq = changelog.advance(writer)
    messages.expunge(writer, mailbox, marked, modseq)
    return Expunged(modseq, marked)
