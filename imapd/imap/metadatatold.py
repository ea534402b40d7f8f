"""What a client that has enabled METADATA was told of changes (RFC 5464, 4.4.2); pure."""

from collections.abc import Iterable

from mailstore.annotations import EntryName
from mailstore.changes import MailboxChange, MailboxRenamed, MetadataChanged
from mailstore.model import MailboxName, ModSeq
from mailstore.names import INBOX

Changed = dict[MailboxName | None, dict[EntryName, None]]
"""Entries by mailbox, None for the server: each once, in the order in which they changed."""


class MetadataTold:
    """How far the client was told, and which of the changes behind that are its own."""

    __slots__ = ("_own", "upto")

    def __init__(self, upto: ModSeq) -> None:
        self.upto = upto
        self._own: set[ModSeq] = set()

    def made(self, modseq: ModSeq) -> None:
        """Take note of a change by the client itself, which it is not told."""
        self._own.add(modseq)

    def learn(self, changes: Iterable[MailboxChange], upto: ModSeq) -> Changed:
        """Return what others changed, of all that happened up to `upto`; mailboxes have the names that they got."""
        found: Changed = {}
        for change in changes:
            match change:
                case MetadataChanged() if change.modseq not in self._own:
                    found.setdefault(change.name, {}).update(dict.fromkeys(change.entries))
                case MailboxRenamed() if change.old in found:
                    moved = found[change.old] if change.old == INBOX else found.pop(change.old)
                    found.setdefault(change.name, {}).update(moved)  # the new INBOX has what the old one had
        self._own = {modseq for modseq in self._own if modseq > upto}
        self.upto = upto
        return found
