"""What happened in an account, as values: one entry of the change log each.

The log says which messages a transaction touched, never how they look now: who wants that fetches it.  So it can be
told late, told to many, and told in one step for many entries.
"""

from attrs import frozen

from mailstore.annotations import EntryName
from mailstore.model import Flags, MailboxId, MailboxName, MailboxStatus, ModSeq, Uid
from mailstore.uidset import EMPTY, UidSet


@frozen
class Appended:
    """Messages came in: by APPEND, COPY, MOVE or delivery."""

    modseq: ModSeq
    uids: UidSet


@frozen
class FlagsChanged:
    """The flags of messages changed."""

    modseq: ModSeq
    uids: UidSet


@frozen
class Expunged:
    """Messages went away."""

    modseq: ModSeq
    uids: UidSet


MessageChange = Appended | FlagsChanged | Expunged


@frozen
class MessageChanges:
    """What happened to one mailbox's messages after a mod-sequence.

    Attributes:
        upto: the mod-sequence that the entries reach; ask from here the next time.
        uid_next: the mailbox's next UID as of `upto`.
        entries: in ascending order of mod-sequence; of a long history one of each kind, appended, changed and expunged,
            at the mod-sequence that was asked from.  Of a history that is forgotten in part, what came in or changed
            is named as both, and every UID that is not there may be named as expunged.

    """

    upto: ModSeq
    uid_next: Uid
    entries: tuple[MessageChange, ...] = ()

    @property
    def run_count(self) -> int:
        """How many runs of messages the entries have: what it costs to bring them together."""
        return sum(entry.uids.run_count for entry in self.entries)

    @property
    def changed(self) -> UidSet:
        """The messages that came in or whose flags changed, whether or not they are still there."""
        return self._touched(Appended, FlagsChanged)

    @property
    def expunged(self) -> UidSet:
        """The messages that went away, those among them that nobody ever saw."""
        return self._touched(Expunged)

    def _touched(self, *kinds: type[MessageChange]) -> UidSet:
        return UidSet.union([entry.uids for entry in self.entries if isinstance(entry, kinds)])


@frozen
class MailboxCreated:
    """A mailbox came into being."""

    modseq: ModSeq
    name: MailboxName


@frozen
class MailboxDeleted:
    """A mailbox went away."""

    modseq: ModSeq
    name: MailboxName


@frozen
class MailboxRenamed:
    """A mailbox has another name."""

    modseq: ModSeq
    old: MailboxName
    name: MailboxName


@frozen
class SubscriptionChanged:
    """A name was subscribed or unsubscribed."""

    modseq: ModSeq
    name: MailboxName


@frozen
class MetadataChanged:
    """Annotations came, changed or went.

    Attributes:
        name: the mailbox that has them, by its name at that time; None for the account itself.
        entries: their names, those that were removed among them.

    """

    modseq: ModSeq
    name: MailboxName | None
    entries: tuple[EntryName, ...]


MailboxChange = MailboxCreated | MailboxDeleted | MailboxRenamed | SubscriptionChanged | MetadataChanged


@frozen
class MessagesChanged:
    """The messages of a mailbox changed; if nothing happened to any, the mailbox is new.

    Attributes:
        status: the mailbox's counts as they are by now.
        appended: whether messages came in.
        flagged: whether flags of messages changed.
        expunged: whether messages went away.

    """

    status: MailboxStatus
    appended: bool
    flagged: bool
    expunged: bool


@frozen
class AccountChanges:
    """What happened in an account after a mod-sequence.

    Attributes:
        upto: the mod-sequence that this reaches; ask from here the next time.
        whole: whether that is all so far; if not, ask again.
        mailboxes: what happened to mailboxes, subscriptions and annotations, in order; None if that is so much, or so
            long ago, that the store does not remember it.
        messages: the mailboxes whose messages changed, as far as they are still there, the last one last.

    """

    upto: ModSeq
    whole: bool
    mailboxes: tuple[MailboxChange, ...] | None
    messages: tuple[MessagesChanged, ...]


@frozen
class Created:
    """The answer to the making of a mailbox."""

    modseq: ModSeq
    mailbox: MailboxId


@frozen
class Origin:
    """Messages of a mailbox elsewhere, which are appended to one of the store.

    Attributes:
        source: names it, among all that are ever brought into this one.
        uid_validity: its UIDVALIDITY.
        uids: what the messages are called there.

    """

    source: str
    uid_validity: int
    uids: UidSet


@frozen
class AppendedTo:
    """The answer to an append: where the messages went (RFC 4315, APPENDUID)."""

    modseq: ModSeq
    mailbox: MailboxId
    uid_validity: int
    uids: UidSet


@frozen
class Copied:
    """The answer to a copy or move: the n-th of `source` is now the n-th of `target` (RFC 4315, COPYUID)."""

    modseq: ModSeq
    uid_validity: int
    source: UidSet = EMPTY
    target: UidSet = EMPTY


@frozen
class Annotated:
    """The answer to a change of annotations.

    Attributes:
        modseq: of the change; None if all was so already.
        displaced: the mailbox that had the special use before.

    """

    modseq: ModSeq | None = None
    displaced: MailboxName | None = None


@frozen
class Stored:
    """The answer to a change of flags.

    Attributes:
        modseq: of the change; the messages whose flags were already so keep theirs.
        changed: the messages whose flags are now different.
        refused: the messages that had changed since the given mod-sequence (RFC 7162, MODIFIED), left as they were.
        before: the mailbox's mod-sequence before the change, since when nothing else has happened to it; None if that
            is not known.
        flags: what every message that was named has by this change; None if one is not there, was refused, or has
            other flags than another.

    """

    modseq: ModSeq
    changed: UidSet = EMPTY
    refused: UidSet = EMPTY
    flags: Flags | None = None
    before: ModSeq | None = None
