"""Flags change, at once for all messages that have the same ones."""

from collections.abc import Callable, Sequence
from typing import Final

from attrs import frozen

from mailstore.changes import FlagsChanged, Stored
from mailstore.model import DELETED, SEEN, Flags, ModSeq, StoreFlags
from mailstore.sqlite import changelog, flagsets, mailboxes, messages, uidruns
from mailstore.sqlite.tally import Tally, total
from mailstore.sqlite.transactions import Reader, Writer
from mailstore.uidset import EMPTY, UidSet

Combine = Callable[[Flags], Flags]

_COMBINE: Final[dict[StoreFlags, Callable[[Flags, Flags], Flags]]] = {
    StoreFlags.REPLACE: lambda _, given: given,
    StoreFlags.ADD: lambda old, given: old | given,
    StoreFlags.REMOVE: lambda old, given: old - given,
}


@frozen
class Step:
    """The messages of a block that have the flags `old` will have the flags `new`.

    Taking the steps one after another is safe: to combine twice is to combine once, so no `new` is another's `old`.
    """

    old: Flags
    new: Flags
    old_id: int

    @property
    def changes(self) -> bool:
        """Whether the messages do not have the flags already."""
        return self.new != self.old

    @property
    def marks(self) -> int:
        """1 if the messages will have ``\\Deleted`` and have it not, -1 if they will not but have it, else 0."""
        return (DELETED in self.new) - (DELETED in self.old)

    def tally(self, number: int, octets: int) -> Tally:
        """Return by how much the counts of the mailbox change, if that many messages of so many octets change."""
        return Tally(
            messages=0,
            unseen=number * ((SEEN in self.old) - (SEEN in self.new)),
            deleted=number * self.marks,
            octets=0,
            deleted_octets=octets * self.marks,
        )


def store(
    writer: Writer, mailbox: int, uids: UidSet, *, how: StoreFlags, flags: Flags, unchanged_since: ModSeq | None
) -> Stored:
    """Change the flags of those of `uids` that are there, except those that changed after `unchanged_since`."""
    before = mailboxes.highest_modseq(writer, mailbox)
    found = uidruns.living(writer, mailbox, uids)
    refused = EMPTY if unchanged_since is None else messages.changed_since(writer, mailbox, found, unchanged_since)
    given = flagsets.canonical(writer, flags)
    steps = [
        (block, _steps(writer, mailbox, block, lambda old: _COMBINE[how](old, given)))
        for block in (found - refused).batches(messages.WRITTEN)
    ]
    common = _common(steps) if found == uids and not refused else None
    planned = [(block, changing) for block, every in steps if (changing := [step for step in every if step.changes])]
    if not planned:
        return Stored(changelog.current(writer), EMPTY, refused, common, before)
    modseq = changelog.advance(writer)
    taken = [_take(writer, mailbox, *each, modseq) for each in planned]
    changed = UidSet.joined(uids for uids, _ in taken)
    by = total(by for _, by in taken)
    if any(by):  # no STORE gives ``\\Seen`` to one message and takes it from another
        messages.count(writer, mailbox, by, changed)
    changelog.record(writer, mailbox, FlagsChanged(modseq, changed))
    return Stored(modseq, changed, refused, common, before)


def _steps(reader: Reader, mailbox: int, block: UidSet, combine: Combine) -> list[Step]:
    """Return what must be done for the messages of a block."""
    return [Step(old, combine(old), flagset) for flagset, old in messages.flag_sets(reader, mailbox, block)]


def _common(planned: Sequence[tuple[UidSet, Sequence[Step]]]) -> Flags | None:
    """Return the flags that all messages will have; None if they will have different ones."""
    outcomes = {step.new for _, steps in planned for step in steps}
    return outcomes.pop() if len(outcomes) == 1 else None


def _take(
    writer: Writer, mailbox: int, block: UidSet, steps: list[Step], modseq: ModSeq
) -> tuple[UidSet, Tally]:
    """Take the steps; return the messages that are changed, and by how much the counts are."""
    tallies = []
    left = len(block)
    for step in steps:
        octets = messages.octets_of(writer, mailbox, block, step.old_id) if step.marks else 0
        new_id = flagsets.intern(writer, step.new)
        number = messages.set_flags(writer, mailbox, block, old=step.old_id, new=new_id, modseq=modseq)
        tallies.append(step.tally(number, octets))
        left -= number
    changed = messages.changed_since(writer, mailbox, block, ModSeq(modseq - 1)) if left else block
    return changed, total(tallies)
