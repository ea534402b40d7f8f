"""What one client has been told of the mailbox it selected, and what it may be told now.

Everything here is pure: a mailbox's changes come in (`learn`), what the client is to hear comes out (`tell`), and in
between the client's sequence numbers mean what they meant when it was last told.  Answering with the wrong message when
several sessions expunge is the classic fault of this field; this class is the one place where it could be made.
"""

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from imapd.imap.errors import Bad
from imapd.imap.wire.numberset import NumberSet
from mailstore.changes import Appended, Expunged, FlagsChanged, MessageChanges
from mailstore.interfaces import Snapshot
from mailstore.model import Flags, MailboxId, ModSeq, Uid
from mailstore.uidset import EMPTY, UidSet

MAX_SENT_RUNS: Final = 1000
"""Runs of flag changes kept one by one for a session that is told nothing; more are told as one run over them all."""


@frozen
class Tidings:
    """What the client is to be told, in this order.

    Attributes:
        expunged: sequence numbers for EXPUNGE, each as it counts once those before it are gone (RFC 3501, 7.4.1).
        exists: the number of messages for EXISTS; None if it did not grow.
        recent: how many messages are ``\\Recent`` to this session; None with `exists`.
        flagged: the messages whose flags changed, for FETCH.

    """

    expunged: Sequence[int] = ()
    exists: int | None = None
    recent: int | None = None
    flagged: UidSet = EMPTY

    def __bool__(self) -> bool:
        return bool(self.expunged or self.exists is not None or self.flagged)


class Selected:
    """One session's view of one mailbox."""

    __slots__ = ("_arrived", "_expunged", "_flagged", "_own", "keywords", "mailbox_id", "modseq", "read_only", "recent",
                 "uid_next", "uids")

    def __init__(self, snapshot: Snapshot, recent_from: Uid, *, read_only: bool) -> None:
        """Begin with all of `snapshot` told; messages from `recent_from` on are ``\\Recent``."""
        self.mailbox_id: Final[MailboxId] = snapshot.status.id
        self.read_only: Final = read_only
        self.uids: UidSet = snapshot.uids
        self.recent = snapshot.uids & UidSet([(recent_from, snapshot.status.uid_next - 1)])
        self.modseq: ModSeq = snapshot.status.highest_modseq
        self.uid_next: Uid = snapshot.status.uid_next
        self.keywords: Flags = snapshot.keywords
        self._arrived = self._expunged = self._flagged = EMPTY
        self._own: set[ModSeq] = set()

    # What the client's numbers mean

    def named(self, numbers: NumberSet, *, by_uid: bool) -> UidSet:
        """Return the messages that a command names.

        UIDs that are not there name nothing (RFC 3501, 6.4.8); a sequence number that is not there is an error.

        Raises:
            Bad: a sequence number is beyond the last one told.

        """
        if by_uid:
            largest = self.uids.last if self.uids else 0
            return self.uids & UidSet(numbers.resolve(largest))
        ranges = numbers.resolve(len(self.uids))
        if any(last > len(self.uids) or first < 1 for first, last in ranges):
            raise Bad(f"no such message: the mailbox has {len(self.uids)} messages")
        return self.uids & UidSet((self.uids.at(first), self.uids.at(last)) for first, last in ranges)

    def numbers(self, uids: Sequence[Uid]) -> Sequence[int]:
        """Return the sequence numbers of `uids`, ascending and all told."""
        if uids and self.uids.run_count == 1:
            shift = self.uids.first - 1
            return [uid - shift for uid in uids]
        return [number for first, last in self.uids.ranks(UidSet.from_uids(uids)) for number in range(first, last + 1)]

    # What happened, and what is told of it

    def own(self, modseq: ModSeq) -> None:
        """Note that this session made the flag changes of `modseq`, and answers for them itself."""
        self._own.add(modseq)

    def learn(self, changes: MessageChanges) -> None:
        """Take in what happened to the mailbox since `modseq`."""
        for change in changes.entries:
            match change:
                case Appended(uids=uids):
                    self._arrived |= uids
                case FlagsChanged(modseq=modseq, uids=uids) if modseq not in self._own:
                    self._flagged = _bounded(self._flagged | (uids & self.uids))
                case Expunged(uids=uids):
                    self._arrived -= uids
                    self._expunged |= uids & self.uids
        self._flagged -= self._expunged
        self._own = {modseq for modseq in self._own if modseq > changes.upto}
        self.modseq = changes.upto
        self.uid_next = changes.uid_next

    @property
    def arrived(self) -> UidSet:
        """The messages that came in and were not told yet."""
        return self._arrived

    def tell(self, *, expunges: bool, recent_from: Uid) -> Tidings:
        """Return what the client is told now, and count it as told.

        Args:
            expunges: whether the moment allows EXPUNGE (RFC 3501, 7.4.1); if not, they wait.
            recent_from: messages that arrived from this UID on are ``\\Recent`` to this session.

        """
        expunged = self._tell_expunged() if expunges and self._expunged else ()
        exists = recent = None
        if self._arrived:
            self.recent |= self._arrived & UidSet([(recent_from, self._arrived.last)])
            self.uids |= self._arrived
            exists, recent = len(self.uids), len(self.recent)
        flagged = self._flagged & self.uids
        self._arrived = self._flagged = EMPTY
        return Tidings(expunged, exists, recent, flagged)

    def _tell_expunged(self) -> list[int]:
        # From the highest down, no number is changed by those told before it.
        ranks = list(self.uids.ranks(self._expunged))
        self.uids -= self._expunged
        self.recent -= self._expunged
        self._expunged = EMPTY
        return [number for first, last in reversed(ranks) for number in range(last, first - 1, -1)]

    @property
    def pending(self) -> bool:
        """Whether something learned still waits to be told."""
        return bool(self._expunged or self._arrived or self._flagged)


def _bounded(uids: UidSet) -> UidSet:
    """Keep the memory of a session that is told nothing: a FETCH too many does no harm, one too few does."""
    return uids if uids.run_count <= MAX_SENT_RUNS else UidSet([(uids.first, uids.last)])
