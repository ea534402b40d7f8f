"""What one client has been told of the mailbox it selected, and what it may be told now.

Everything here is pure: a mailbox's changes come in (`learn`), what the client is to hear comes out (`tell`), and in
between the client's sequence numbers mean what they meant when it was last told.  Answering with the wrong message when
several sessions expunge is the classic fault of this field; this class is the one place where it could be made.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from attrs import frozen

from imapd.imap.errors import Bad
from imapd.imap.news.context import Context
from imapd.imap.news.notifying import Wish
from imapd.imap.wire.numberset import NumberSet
from mailstore.changes import Appended, Expunged, FlagsChanged, MessageChange, MessageChanges, Stored
from mailstore.interfaces import Snapshot
from mailstore.model import Flags, MailboxId, ModSeq, Uid
from mailstore.uidset import EMPTY, UidSet

MAX_SENT_RUNS: Final = 1000
"""Runs of flag changes kept one by one for a session that is told nothing; more are told as one run over them all."""
_NO_CHANGES: Final[frozenset[ModSeq]] = frozenset()  # one for all: each that is made takes 216 octets


@frozen
class Tidings:
    """What the client is to be told, in this order.

    Attributes:
        vanished: the messages that are gone, for VANISHED (RFC 7162, 3.2.10) or EXPUNGE.
        before: all messages that were told until here; their numbers are those of EXPUNGE.
        exists: the number of messages for EXISTS; None if it did not grow.
        recent: how many messages are ``\\Recent`` to this session; None with `exists`.
        flagged: the messages whose flags changed, for FETCH.

    """

    vanished: UidSet = EMPTY
    before: UidSet = EMPTY
    exists: int | None = None
    recent: int | None = None
    flagged: UidSet = EMPTY

    def __bool__(self) -> bool:
        return bool(self.vanished or self.exists is not None or self.flagged)

    @property
    def expunged(self) -> Iterator[int]:
        """Sequence numbers for EXPUNGE, from the highest down, so that none is changed by those before it."""
        for first, last in self.vanished.runs_descending:
            highest = self.before.count_below(last) + 1
            yield from range(highest, highest - (last - first + 1), -1)


class Selected:
    """One session's view of one mailbox."""

    __slots__ = (
        "_arrived",
        "_expunged",
        "_flagged",
        "_made",
        "_own",
        "_untold_since",
        "contexts",
        "keywords",
        "mailbox_id",
        "modseq",
        "new",
        "read_only",
        "recent",
        "saved",
        "told_modseq",
        "uid_next",
        "uid_only",
        "uids",
    )

    def __init__(self, snapshot: Snapshot, recent_from: Uid, *, read_only: bool) -> None:
        """Begin with all of `snapshot` told; messages from `recent_from` on are ``\\Recent``."""
        self.mailbox_id: Final[MailboxId] = snapshot.status.id
        self.read_only: Final = read_only
        self.uid_only = False
        """Whether the client calls messages by UID alone, and is told of them so (RFC 9586)."""
        self.uids: UidSet = snapshot.uids
        self.recent = snapshot.uids & UidSet([(recent_from, snapshot.status.uid_next - 1)])
        self.modseq: ModSeq = snapshot.status.highest_modseq
        self.uid_next: Uid = snapshot.status.uid_next
        self.keywords: Flags = snapshot.keywords
        self._arrived = self._made = self._expunged = self._flagged = EMPTY
        self.new: UidSet = EMPTY
        """Messages that were counted to the client and not told of yet, but for those that it put there itself."""
        self._own = _NO_CHANGES
        self._untold_since: dict[type[MessageChange], ModSeq] = {}
        self.told_modseq = ModSeq(0)
        """The highest mod-sequence in the FETCH responses so far."""
        self.saved: UidSet = EMPTY
        """What the last SEARCH saved, for ``$`` (RFC 5182); messages that are gone from `uids` count as gone here."""
        self.contexts: dict[bytes, Context] = {}
        """The searches whose results are kept up to date (RFC 5267), by tag."""

    def call_by_uid(self) -> None:
        """Call messages by UID alone from here on, in what is kept up to date too (RFC 9586)."""
        self.uid_only = True
        for context in self.contexts.values():
            context.by_uid = True

    def forget_recent(self) -> None:
        """Take no message for ``\\Recent`` from here on, in what is kept up to date neither."""
        self._doubt(self.recent)
        self.recent = EMPTY

    # What the client's numbers mean

    def named(self, numbers: NumberSet, *, by_uid: bool) -> UidSet:
        """Return the messages that a command names.

        UIDs that are not there name nothing (RFC 3501, 6.4.8); a sequence number that is not there is an error.

        Raises:
            Bad: a sequence number is beyond the last one told.

        """
        if numbers.saved:
            return self.uids & self.saved
        if by_uid:
            largest = self.uids.last if self.uids else 0
            return self.uids & UidSet(numbers.resolve(largest))
        ranges = numbers.resolve(len(self.uids))
        if any(last > len(self.uids) or first < 1 for first, last in ranges):
            raise Bad(f"no such message: the mailbox has {len(self.uids)} messages")
        if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
            return UidSet.of(self.uids.at(ranges[0][0]))
        return self.uids.at_ranks(ranges)

    def numbers(self, uids: Sequence[Uid]) -> Sequence[int]:
        """Return what `uids`, ascending and all told, are called: their sequence numbers, or they themselves."""
        if self.uid_only:
            return uids
        if not uids:
            return uids
        first, last = self.uids.rank(uids[0]), self.uids.rank(uids[-1])
        if first and last and last - first + 1 == len(uids):
            return range(first, last + 1)
        return [number for low, high in self.uids.ranks(UidSet.from_uids(uids)) for number in range(low, high + 1)]

    # What happened, and what is told of it

    def own(self, modseq: ModSeq) -> None:
        """Note that this session made the change of `modseq`, and answers for it itself."""
        self._own |= {modseq}

    def follow(self, stored: Stored) -> bool:
        """Take in a change of flags that this session made itself, if it is all that happened; tell whether it is.

        What is kept up to date has to be looked at anew: then the change is learned with the others.
        """
        if stored.before != self.modseq or self.contexts:
            return False
        self.modseq = stored.modseq
        return True

    @property
    def answered(self) -> Collection[ModSeq]:
        """The changes whose flags need not be learned: this session made them, and nothing is to be looked at anew."""
        return () if self.contexts else self._own

    def learn(self, changes: MessageChanges) -> None:
        """Take in what happened to the mailbox since `modseq`."""
        for change in changes.entries:
            match change:
                case Appended(uids=uids):
                    self._arrived |= uids - self.uids  # a history told in short may name what is known
                    self._made |= uids if change.modseq in self._own else EMPTY
                case FlagsChanged(modseq=modseq, uids=uids) if self.contexts or modseq not in self._own:
                    known = uids & self.uids
                    self._doubt(known)
                    if modseq not in self._own:
                        self._flagged = _bounded(self._flagged | known)
                case Expunged(uids=uids):
                    self._arrived -= uids
                    self._expunged |= uids & self.uids
            if self._waiting[type(change)]:
                self._untold_since.setdefault(type(change), change.modseq)
        self._flagged -= self._expunged
        waiting = self._waiting
        self._untold_since = {kind: modseq for kind, modseq in self._untold_since.items() if waiting[kind]}
        self._own = _NO_CHANGES
        self.modseq = changes.upto
        self.uid_next = changes.uid_next

    def _doubt(self, uids: UidSet) -> None:
        """Note that messages may have come to be found by what is kept up to date, or not to be found."""
        for context in self.contexts.values():
            context.stale = _bounded(context.stale | uids)

    @property
    def expunged(self) -> UidSet:
        """The messages that went away and were not told yet."""
        return self._expunged

    @property
    def _waiting(self) -> dict[type[MessageChange], UidSet]:
        return {Appended: self._arrived, FlagsChanged: self._flagged, Expunged: self._expunged}

    @property
    def arrived(self) -> UidSet:
        """The messages that came in and were not told yet."""
        return self._arrived

    def tell(self, wish: Wish, *, expunges: bool, recent_from: Uid) -> Tidings:
        """Return what the client is told now, and count it as told, but for flags, which are still to be fetched.

        Args:
            wish: what it is told at all; the rest waits.
            expunges: whether the moment allows EXPUNGE (RFC 3501, 7.4.1); if not, they wait.
            recent_from: messages that arrived from this UID on are ``\\Recent`` to this session.

        """
        before = self.uids
        vanished = self._tell_expunged() if wish.expunges and (expunges or wish.at_once) else EMPTY
        flagged = self._flagged & self.uids if wish.flags else EMPTY
        arrived = self._tell_arrived(recent_from) if wish.messages else EMPTY
        if self.contexts and (vanished or arrived):  # what ``*`` stands for may be another message
            self._doubt(arrived | UidSet.of(*(uids.last for uids in (before, self.uids) if uids)))
        before = before if vanished else EMPTY
        if not arrived:
            return Tidings(vanished, before, flagged=flagged)
        return Tidings(vanished, before, len(self.uids), len(self.recent), flagged)

    def _tell_expunged(self) -> UidSet:
        vanished, self._expunged = self._expunged, EMPTY
        self._untold_since.pop(Expunged, None)
        self.uids -= vanished
        self.recent -= vanished
        return vanished

    def flags_told(self) -> None:
        """Count the changes of flags as told."""
        self._flagged = EMPTY
        self._untold_since.pop(FlagsChanged, None)

    def _tell_arrived(self, recent_from: Uid) -> UidSet:
        arrived, made = self._arrived, self._made
        self._arrived = self._made = EMPTY
        self._untold_since.pop(Appended, None)
        self.new |= arrived - made
        if arrived:
            if recent_from <= arrived.last:
                self.recent |= arrived & UidSet([(recent_from, arrived.last)])
            self.uids |= arrived
        return arrived

    @property
    def highest_modseq(self) -> ModSeq:
        """What the client may take for the mailbox's mod-sequence.

        It stays below that of the oldest change that was not told: a client that asks from here on must hear of it
        (RFC 7162, 3.2).
        """
        return ModSeq(min(self._untold_since.values()) - 1) if self._untold_since else self.modseq

    @property
    def ahead(self) -> bool:
        """Whether the client may believe to know more than it was told, by the mod-sequences of FETCH responses."""
        return self.told_modseq > self.highest_modseq

    @property
    def pending(self) -> bool:
        """Whether something learned still waits to be told."""
        return bool(self._arrived or self._flagged or self._expunged)

    @property
    def settled(self) -> bool:
        """Whether there is nothing to tell as long as nothing happens."""
        return not (self._untold_since or self.new or self.contexts or self.told_modseq > self.modseq)


def _bounded(uids: UidSet) -> UidSet:
    """Keep the memory of a session that is told nothing: a FETCH too many does no harm, one too few does."""
    return uids if uids.run_count <= MAX_SENT_RUNS else UidSet([(uids.first, uids.last)])
