"""Flags change, at once for all messages that have the same ones."""

from collections.abc import Callable
from typing import Final

from mailstore.changes import FlagsChanged, Stored
from mailstore.model import DELETED, SEEN, Flags, ModSeq, StoreFlags
from mailstore.sqlite import changelog, flagsets, mailboxes, messages, uidruns
from mailstore.sqlite.tally import Tally, total
from mailstore.sqlite.transactions import Writer
from mailstore.uidset import EMPTY, UidSet

Combine = Callable[[Flags], Flags]

_COMBINE: Final[dict[StoreFlags, Callable[[Flags, Flags], Flags]]] = {
    StoreFlags.REPLACE: lambda _, given: given,
    StoreFlags.ADD: lambda old, given: old | given,
    StoreFlags.REMOVE: lambda old, given: old - given,
}


def store(
    writer: Writer, mailbox: int, uids: UidSet, *, how: StoreFlags, flags: Flags, unchanged_since: ModSeq | None
) -> Stored:
    """Change the flags of those of `uids` that are there, except those that changed after `unchanged_since`."""
    before = mailboxes.highest_modseq(writer, mailbox)
    found = uidruns.living(writer, mailbox, uids)
    refused = EMPTY if unchanged_since is None else messages.changed_since(writer, mailbox, found, unchanged_since)
    given = flagsets.canonical(writer, flags)
    change = _Change(writer, mailbox, lambda old: _COMBINE[how](old, given))
    changed = UidSet.joined(map(change.make, (found - refused).batches(messages.WRITTEN)))
    common = change.common() if found == uids and not refused else None
    if change.modseq is None:
        return Stored(changelog.current(writer), EMPTY, refused, common, before)
    by = total(change.tallies)
    if any(by):  # no STORE gives ``\\Seen`` to one message and takes it from another
        messages.count(writer, mailbox, by, changed)
    changelog.record(writer, mailbox, FlagsChanged(change.modseq, changed))
    return Stored(change.modseq, changed, refused, common, before)


class _Change:
    """One change of flags, made block by block.

    Attributes:
        modseq: its mod-sequence; None as long as no message is different by it.
        tallies: by how much the counts of the mailbox change.

    """

    def __init__(self, writer: Writer, mailbox: int, combine: Combine) -> None:
        self._writer = writer
        self._mailbox = mailbox
        self._combine = combine
        self._outcomes: set[Flags] = set()
        self.modseq: ModSeq | None = None
        self.tallies: list[Tally] = []

    def common(self) -> Flags | None:
        """Return the flags that all messages have by this; None if they have different ones."""
        [common, *others] = self._outcomes or [None]
        return None if others else common

    def make(self, block: UidSet) -> UidSet:
        """Change the flags of messages that are there; return those that are different by that.

        Mostly all have the flags of the first, which is known when all are changed.  To take one flag set after the
        other is safe: to combine twice is to combine once, so what one step has changed none changes again.
        """
        left = len(block)
        for looked_at in (UidSet.of(block.first), block):
            for flagset, old in messages.flag_sets(self._writer, self._mailbox, looked_at):
                left -= self._step(block, flagset, old)
            if not left:
                return block
        if self.modseq is None or left == len(block):
            return EMPTY
        return messages.changed_since(self._writer, self._mailbox, block, ModSeq(self.modseq - 1))

    def _step(self, block: UidSet, flagset: int, old: Flags) -> int:
        """Change the messages of a block that have one flag set; return how many."""
        new = self._combine(old)
        self._outcomes.add(new)
        if new == old:
            return 0
        if self.modseq is None:
            self.modseq = changelog.advance(self._writer)
        deleted = (DELETED in new) - (DELETED in old)
        octets = messages.octets_of(self._writer, self._mailbox, block, flagset) if deleted else 0
        new_id = flagsets.intern(self._writer, new)
        number = messages.set_flags(self._writer, self._mailbox, block, old=flagset, new=new_id, modseq=self.modseq)
        self.tallies.append(
            Tally(
                messages=0,
                unseen=number * ((SEEN in old) - (SEEN in new)),
                deleted=number * deleted,
                octets=0,
                deleted_octets=octets * deleted,
            )
        )
        return number
