"""Messages that are marked as deleted go away."""

from mailstore.sqlite import changelog, mailboxes, messages, uidruns
from mailstore.sqlite.transactions import Writer
from mailstore.uidset import UidSet


def expunge(writer: Writer, mailbox: int, uids: UidSet) -> UidSet:
    """Expunge those of `uids` that are there and have ``\\Deleted``; return them."""
    mailboxes.require(writer, mailbox)
    marked = messages.marked_deleted(writer, mailbox, uidruns.living(writer, mailbox, uids))
    if marked:
        messages.expunge(writer, mailbox, marked, changelog.advance(writer))
    return marked
