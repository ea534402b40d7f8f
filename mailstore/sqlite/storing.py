"""Flags change, at once for all messages that have the same ones."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

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


class _Effect(NamedTuple):
    """What it does to the counts that a message gets other flags: 1, 0 or -1 each."""

    unseen: int
    deleted: int


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
        self._known: dict[int, Flags] = {}
        """The flag sets that were seen, and the flags that each becomes."""
        self._moves: dict[_Effect, dict[int, int]] = {}
        """Which flag set becomes which other."""
        self.modseq: ModSeq | None = None
        self.tallies: list[Tally] = []

    def common(self) -> Flags | None:
        """Return the flags that all messages have by this; None if they have different ones."""
        [common, *others] = set(self._known.values()) or [None]
        return None if others else common

    def make(self, block: UidSet) -> UidSet:
        """Change the flags of messages that are there; return those that are different by that.

        Mostly all have the flag sets of those before, or of the first, which is known when all are changed.  To take
        some flag sets after the others is safe: to combine twice is to combine once, so what one step has changed none
        changes again.
        """
        left = len(block) - self._move(block)
        for looked_at in (UidSet.of(block.first), block):
            if left and self._learn(looked_at):
                left -= self._move(block)
        if not left:
            return block
        if self.modseq is None or left == len(block):
            return EMPTY
        return messages.changed_since(self._writer, self._mailbox, block, ModSeq(self.modseq - 1))

    def _learn(self, uids: UidSet) -> bool:
        """Find out what becomes of the flag sets of messages; tell whether any of them is a new one that changes."""
        sets = messages.flag_sets(self._writer, self._mailbox, uids)
        fresh = [(flagset, old, self._combine(old)) for flagset, old in sets if flagset not in self._known]
        changing = [(flagset, old, new) for flagset, old, new in fresh if new != old]
        self._known.update((flagset, new) for flagset, _, new in fresh)
        for flagset, old, new in changing:
            effect = _Effect((SEEN in old) - (SEEN in new), (DELETED in new) - (DELETED in old))
            self._moves.setdefault(effect, {})[flagset] = flagsets.intern(self._writer, new)
        return bool(changing)

    def _move(self, block: UidSet) -> int:
        """Change the messages of a block whose flag sets are known to change; return how many."""
        return sum(self._give(block, effect, moves) for effect, moves in self._moves.items())

    def _give(self, block: UidSet, effect: _Effect, moves: Mapping[int, int]) -> int:
        if self.modseq is None:
            self.modseq = changelog.advance(self._writer)
        octets = messages.octets_of(self._writer, self._mailbox, block, [*moves]) if effect.deleted else 0
        number = messages.set_flags(self._writer, self._mailbox, block, moves, self.modseq)
        self.tallies.append(
            Tally(
                messages=0,
                unseen=number * effect.unseen,
                deleted=number * effect.deleted,
                octets=0,
                deleted_octets=octets * effect.deleted,
            )
        )
        return number
