"""What the index tells of the messages of a mailbox: its contents are turned into UIDs."""

from mailstore.sqlite import messages
from mailstore.sqlite.index.lookup import Candidates, Index, Textual
from mailstore.sqlite.narrowing import Bounds
from mailstore.sqlite.transactions import Reader
from mailstore.uidset import EMPTY, UidSet

Hint = Bounds | Candidates
"""The messages, or if they are most of the mailbox the contents."""


def hint(reader: Reader, index: Index | None, mailbox: int, key: Textual, within: UidSet) -> Hint | None:
    """Return which messages of `within` a key finds, as far as the index knows; None if it knows nothing."""
    found = None if index is None else index.candidates(key)
    if found is None:
        return None
    later = messages.newest_content(reader) - found.last
    if len(found.contents) + len(found.unsorted) + later > len(within):
        return found
    likely = messages.with_contents(reader, mailbox, found.contents) & within
    unknown = messages.with_contents(reader, mailbox, found.unsorted) | messages.with_later(reader, mailbox, found.last)
    return Bounds(likely if found.exact else EMPTY, likely | (unknown & within))
