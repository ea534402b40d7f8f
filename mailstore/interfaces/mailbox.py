"""One mailbox, and its messages as they go in and come out."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import Any, Protocol

from attrs import Factory, frozen
from zope.interface import Attribute, Interface

from mailstore.changes import AppendedTo, Copied, Expunged, MessageChanges, Origin, Stored
from mailstore.errors import Corrupt
from mailstore.mime import Part
from mailstore.model import (
    Field,
    Flags,
    InternalDate,
    MailboxId,
    MailboxName,
    MailboxStatus,
    ModSeq,
    StoreFlags,
    Uid,
)
from mailstore.query import Query
from mailstore.renderings import IfKept, Rendering
from mailstore.spool import Spool
from mailstore.uidset import UidSet

Source = Field | Rendering | IfKept
"""What `IMailbox.fetch` can be asked for."""


@frozen
class NewMessage:
    """A message to be appended; its octets are kept exactly.

    Attributes:
        spool: the octets; stays the caller's to close.
        flags: initial flags.
        internal_date: None for now.
        uid: the UID to have, if the mailbox has adopted it (`IMailbox.adopt`) and given out none from it on; otherwise,
            and if None, the mailbox chooses.
        uidl: what POP3 clients know the message by from another server; not taken if it is no UIDL (RFC 1939, 7), or if
            another message in the mailbox has it.

    """

    spool: Spool
    flags: Flags = frozenset()
    internal_date: InternalDate | None = None
    uid: Uid | None = None
    uidl: str | None = None


@frozen
class Snapshot:
    """A mailbox as it is at one moment: what a session's view begins with.

    Attributes:
        status: the counts.
        uids: every message that is there.
        first_unseen: the smallest UID without ``\\Seen``; None if all have it.
        first_recent: messages from this UID on are ``\\Recent`` to the session that claims them.
        keywords: every keyword in use in the account, in its canonical spelling.

    """

    status: MailboxStatus
    uids: UidSet
    first_unseen: Uid | None
    first_recent: Uid
    keywords: Flags


@frozen
class Rows:
    """What a fetch found, by columns: `columns[field][n]` belongs to `uids[n]`."""

    uids: Sequence[Uid]
    columns: dict[Source, Sequence[Any]] = Factory(dict)


Passed = Callable[[int], None]
"""Called from time to time with how many more messages a method is done with."""


def uncounted(_: int) -> None:
    """Count nothing."""


Damaged = Callable[[Corrupt], None]
"""Called with what says that messages are damaged, and were left out."""


def raised(damage: Corrupt) -> None:
    """Have nothing left out: raise what says so."""
    raise damage


def left_out(_: Corrupt) -> None:
    """Let what is damaged be left out; whoever asks for it hears of it."""


class IStoredMessage(Protocol):
    """One message's octets and its shape, read as far as they are asked for."""

    @property
    def size(self) -> int:
        """Octets of the whole message."""

    async def root(self) -> Part:
        """Return the part tree, its offsets counted in octets from the message's first."""

    async def read(self, start: int, stop: int) -> bytes:
        """Return the octets from `start` up to `stop` (those that exist).

        Raises:
            Expunged: they are gone for good.

        """

    def stream(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the same octets in pieces of bounded size."""


class IMailbox(Interface):
    """One mailbox, for any number of sessions."""

    id: MailboxId = Attribute("the mailbox's id")

    async def snapshot() -> Snapshot:
        """Return the mailbox as it is now; `NotFound` once it was deleted, here and in every method below."""

    async def changes_since(modseq: ModSeq, own: Collection[ModSeq] = ()) -> MessageChanges:
        """Return what happened to the mailbox's messages after `modseq`, however long ago that was.

        Flags that the changes `own` changed may be left out: whoever asks made them, and knows.

        What is forgotten of a long history is made good by telling too much, never too little.  A mailbox that was
        deleted answers too: all its messages are expunged.
        """

    def fetch(uids: UidSet, fields: Sequence[Source]) -> AsyncIterator[Rows]:
        """Yield the messages of `uids` in ascending order, in batches of bounded rows.

        A message that was expunged is found for as long as its row is kept, so that a session that was not told yet
        still reads it; one whose row is gone is left out.
        """

    async def search(
        query: Query, within: UidSet, passed: Passed = uncounted, damaged: Damaged = raised
    ) -> UidSet:
        """Return the messages of `within` that `query` finds, expunged ones that are still kept among them.

        While that takes, `passed` is called with how many more of `within` were decided.  A message that would have to
        be read and cannot, for it is damaged, is left out, also of what a `Not` finds; then `damaged` is called.
        """

    async def append(messages: Sequence[NewMessage], origin: Origin | None = None) -> AppendedTo:
        """Add messages, and note which of a mailbox elsewhere they are: all or none.

        Their UIDs ascend in the order given.  `TooBig`, `OverQuota`, `Unavailable`.
        """

    async def adopt(uid_validity: int, uid_next: Uid) -> ModSeq:
        """Be the mailbox that was elsewhere until now: have its UIDVALIDITY, and let its messages keep their UIDs.

        UIDs below `uid_next` are then for messages that bring one (`NewMessage.uid`), ascending; all others get UIDs
        from there on, so that none means two messages to a client that knows them from elsewhere.  It may be asked
        again, with a later `uid_next`; once all were brought, `finish`.

        Args:
            uid_validity: of the other mailbox.
            uid_next: the least UID that it has not given out.

        Raises:
            Conflict: this mailbox has held messages under another UIDVALIDITY; or the account has given this one to
                another mailbox, were it removed since; or there is none such.

        """

    async def brought(source: str, uid_validity: int) -> UidSet:
        """Return the UIDs that were noted here for a mailbox elsewhere (`Origin`)."""

    async def finish() -> ModSeq:
        """Give out no UID any more below the `uid_next` that was adopted, and tell it as the mailbox's own."""

    async def store(uids: UidSet, how: StoreFlags, flags: Flags, unchanged_since: ModSeq | None = None) -> Stored:
        """Change the flags of messages, expunged ones left out; `TooBig` if the account has too many keywords."""

    async def copy(uids: UidSet, target: MailboxName) -> Copied:
        """Copy messages with flags and internal date; `NotFound` if there is no `target`, `OverQuota`."""

    async def move(uids: UidSet, target: MailboxName) -> Copied:
        """Copy messages and expunge them here, in one transaction; `NotFound` if there is no `target`."""

    async def replace(uid: Uid, target: MailboxName, message: NewMessage) -> AppendedTo:
        """Add a message to `target` and expunge `uid` here, in one transaction.

        Raises:
            NotFound: there is no `target`.
            Expunged: `uid` is gone.
            TooBig: the message is too large.
            OverQuota: it is so much larger than the other that the account would hold too much.

        """

    async def expunge(uids: UidSet) -> Expunged:
        """Expunge those of `uids` that have ``\\Deleted``; return them, and when that was if there are any."""

    async def remove(uids: UidSet) -> Expunged:
        """Expunge messages, whatever their flags, in one transaction; return those that were there, and when it was."""

    async def claim_recent(upto: Uid) -> Uid:
        """Make messages below `upto` ``\\Recent`` to this caller and no later one; return the first that is its own."""
