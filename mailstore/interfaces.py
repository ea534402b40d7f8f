"""The contract that every backend keeps.

Everything that may read or write is awaitable, though a backend may answer at once; `foresee_append` alone says what it
can without waiting.  Every change is on disk when its awaitable answers, together with the mod-sequence, the counters
and the log entry that belong to it: all or nothing.  Errors are those of `mailstore.errors`.  Callers speak in UIDs and
meanings: neither sequence numbers nor wire spellings come here, and no value that is handed out lives on a transaction.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence, Set
from typing import Any, Protocol

from attrs import Factory, frozen
from zope.interface import Attribute, Interface

from mailstore.aliases import IAliases
from mailstore.annotations import MAX_VALUE_OCTETS, Annotation, Branches, EntryName
from mailstore.backups import IBackup
from mailstore.changes import (
    AccountChanges,
    Annotated,
    AppendedTo,
    Copied,
    Created,
    Expunged,
    MessageChanges,
    Origin,
    Stored,
)
from mailstore.feed import Feed
from mailstore.mime import Part
from mailstore.model import (
    AccountId,
    ExpungedFrom,
    Field,
    Flags,
    InternalDate,
    Listed,
    MailboxId,
    MailboxInfo,
    MailboxName,
    MailboxStatus,
    ModSeq,
    OwnQuota,
    Quota,
    SpecialUse,
    StoreFlags,
    Uid,
    Usage,
    User,
)
from mailstore.query import Query
from mailstore.renderings import IfKept, Rendering
from mailstore.spool import Spool
from mailstore.uidset import UidSet

Progress = Callable[[int, int], None]
"""Is told now and then how many of how many messages are done."""
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


class ILock(Protocol):
    """Something that one session has at a time."""

    @property
    def last(self) -> float:
        """When `note` was called last, by whoever had it then, in seconds since 1970 UTC; 0 if never."""

    async def note(self) -> None:
        """Note that somebody has it now."""

    async def release(self) -> None:
        """Let others have it; to be called once."""


class IMailStore(IAliases):
    """All accounts, and the register of who may use them."""

    async def add_user(name: str, password_hash: str) -> User:
        """Make a user and an account with the usual folders; `AlreadyExists`, `InvalidName`."""

    async def users() -> list[User]:
        """Return every user, by name."""

    async def user(name: str) -> User:
        """Return the user whose name this is, compared without case; `NotFound`."""

    async def password_hash(name: str) -> str:
        """Return what `add_user` or `set_password_hash` was given last; `NotFound`."""

    async def set_password_hash(name: str, password_hash: str) -> None:
        """Replace a user's hash; `NotFound`."""

    async def set_quota(name: str, quota: OwnQuota) -> None:
        """Replace a user's own limits, which hold from the next write on, in every process; `NotFound`."""

    async def delete_user(name: str) -> None:
        """Remove a user, the account and all its mail; `NotFound`."""

    async def account(account_id: AccountId) -> "IMailAccount":
        """Open an account, or hand out the one that is open; `NotFound`, `Unavailable`, `Corrupt`.

        Each call is matched by one `IMailAccount.release`.
        """

    async def check(account_id: AccountId, progress: Progress) -> list[str]:
        """Read everything that an account keeps; return what does not agree, in words for an administrator.

        The account may be open, and may be too damaged to be opened; nothing is changed.  `NotFound`, `Unavailable`.
        """

    async def repair(account_id: AccountId, progress: Progress) -> list[str]:
        """Make anew what follows from the octets of messages and from other rows; return what was done.

        What follows from nothing else stays as it is: `check` tells what is left.  `NotFound`, `Unavailable`.
        """

    async def check_register() -> list[str]:
        """Return what is wrong with the register of users and the accounts that belong to them, in the same words."""

    async def backup(place: str) -> IBackup:
        """Open a folder to back the accounts up into, made if it is not there.

        Once it is closed, `open_store` opens it too: as ``sqlite://`` and the same place, best `at_rest`.

        Raises:
            Conflict: another backup into it is under way, or it is the store's own.
            Unavailable: the disk does not allow it, or a newer program wrote it.
            Corrupt: its register of users is damaged.

        """

    async def restore(place: str, name: str, new_name: str, progress: Progress, *, replace: bool = False) -> User:
        """Bring a whole account back, with every id and mod-sequence that it had; return the user.

        Args:
            place: the folder of a backup.
            name: whose account it is in the backup.
            new_name: whose it becomes; with the password and limits of the backup, if there is no such user.
            progress: is told how it goes on.
            replace: if there is such a user, put it in place of what the user has.

        Raises:
            NotFound: there is no backup, or no such user in it.
            AlreadyExists: there is such a user, who is not to be replaced.
            InvalidName: no user may have the new name.
            Conflict: the account that would be replaced is open, here or in another process.
            Corrupt: the backup is damaged.
            Unavailable: the disk does not allow it.

        """

    async def close() -> None:
        """Finish what is being written, close every account; nothing may be asked afterwards."""


class IMailAccount(Interface):
    """One user's mailboxes."""

    id: AccountId = Attribute("the account's id")
    feed: Feed = Attribute("rings after each change of the account, whichever process made it")

    async def release() -> None:
        """Say that this holder needs the account no more; it is closed when none does."""

    async def state() -> ModSeq:
        """Return the account's mod-sequence: everything up to it has happened."""

    async def usage() -> Usage:
        """Return how much the account holds, as counted with each change."""

    async def quota() -> Quota:
        """Return the limits that hold now.  A write fails with `OverQuota` if it brings the account above one of them.

        What was there when a limit was lowered stays, and only what makes it more fails: moving or expunging never.
        """

    async def mailboxes() -> list[MailboxInfo]:
        """Return every mailbox, by name.  A name above them that is no mailbox itself is not among them."""

    async def mailbox_info(name: MailboxName) -> MailboxInfo:
        """Return what `mailboxes` says of one of them; `NotFound`."""

    async def listed(name: MailboxName) -> Listed:
        """Return what a listing says of one name, without a look at all the others."""

    async def subscriptions() -> list[MailboxName]:
        """Return every subscribed name, whether or not such a mailbox exists."""

    async def status(name: MailboxName) -> MailboxStatus:
        """Return a mailbox's counts; `NotFound`."""

    async def statuses(names: Sequence[MailboxName]) -> dict[MailboxName, MailboxStatus]:
        """Return the counts of some hundred mailboxes, names that are none left out; everybody else has a turn."""

    async def mailbox(name: MailboxName) -> "IMailbox":
        """Return a mailbox, which stays the same one through RENAME; `NotFound`."""

    def foresee_append(name: MailboxName, more: Usage) -> None:
        """Raise what an append to this mailbox would, as far as that can be known at once; `NotFound`, `OverQuota`.

        For who is about to send a message, and could be spared it; what counts is what `IMailbox.append` says then.

        Args:
            name: where it would go.
            more: what the account would hold more than now.

        """

    async def create(name: MailboxName, special_use: SpecialUse | None = None) -> Created:
        """Make a mailbox.

        Raises:
            AlreadyExists: there is one of this name.
            Conflict: another mailbox has this special use.
            TooBig: the account has too many.

        """

    async def delete(name: MailboxName) -> ModSeq:
        """Remove a mailbox and expunge what is in it; mailboxes below it stay.  Return when that was.

        Raises:
            NotFound: there is none.
            HasChildren: there is none, but there are mailboxes below the name.
            NotPermitted: it is INBOX.

        """

    async def rename(old: MailboxName, new: MailboxName) -> ModSeq:
        """Rename a mailbox and all below it; INBOX keeps its name, and its messages move to the new mailbox.

        Return when that was.

        Raises:
            NotFound: there is no `old`, nor anything below it.
            AlreadyExists: there is a `new`, or one of the new names below it.
            NotPermitted: `new` is below `old`.

        """

    async def subscribe(name: MailboxName) -> ModSeq | None:
        """Add a name to the subscriptions, existing or not; return when, None if it is there; `TooBig`."""

    async def unsubscribe(name: MailboxName) -> ModSeq | None:
        """Remove a name from the subscriptions; return when that was, None if it is not there."""

    def annotations(
        subjects: Sequence[MailboxName | None], branches: Branches, largest: int = MAX_VALUE_OCTETS
    ) -> AsyncIterator[Sequence[Annotation]]:
        """Yield the annotations of mailboxes, or with None of the account itself, in batches of bounded octets.

        They come in the order of `subjects` and for each by name; a subject that is no mailbox has none.  Special uses
        are not among them.

        Args:
            subjects: some hundred, each once.
            branches: which entries.
            largest: octets of a value; of a larger one only the size is given.

        """

    async def annotate(
        subject: MailboxName | None, values: Mapping[EntryName, bytes | None], uses: Set[SpecialUse] | None = None
    ) -> Annotated:
        """Set annotations of a mailbox, or with None of the account itself: all or none.

        Args:
            subject: what has them.
            values: by entry; None removes it.
            uses: the mailbox's special use, one at most, taken from the mailbox that has it; None leaves it as it is.

        Raises:
            NotFound: there is no such mailbox.
            TooBig: a value is too large, or there are too many (`mailstore.annotations`).

        """

    async def lock_maildrop() -> ILock:
        """Keep the account from all others who ask for this, whichever process they are in; `Conflict` if one has it.

        It is what RFC 1939, 4 asks for: nothing else waits for it.  It ends with the process that holds it.
        """

    async def expunged(since: int) -> list[ExpungedFrom]:
        """Return what was expunged since a time, in seconds since 1970 UTC, and is nowhere else in the account."""

    async def undelete(name: MailboxName, since: int, into: MailboxName | None = None, back: Passed = uncounted) -> int:
        """Bring back what `expunged` tells of one name, as new messages without ``\\Deleted``; return how many.

        They go to `into`, by default of the same name, made if need be; `back` is called with how many more came back.

        Raises:
            OverQuota, TooBig: not all found room; those that came back before stay.

        """

    async def forget_expunged(name: MailboxName | None, since: int) -> int:
        """Drop what was expunged since a time, from one name or from all, for good; return how many messages."""

    async def tidy() -> None:
        """Give up what is needed no more, and take less room; long, in steps that keep nobody waiting."""

    async def changes_since(modseq: ModSeq) -> AccountChanges:
        """Return what happened in the account after `modseq`: by index, and of some hundred mailboxes at once."""

    async def check_consistency() -> list[str]:
        """Read everything that the account keeps; return what does not agree, in words for an administrator."""


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

    async def search(query: Query, within: UidSet, passed: Passed = uncounted) -> UidSet:
        """Return the messages of `within` that `query` finds, expunged ones that are still kept among them.

        While that takes, `passed` is called with how many more of `within` were decided.
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

    async def store(
        uids: UidSet, how: StoreFlags, flags: Flags, unchanged_since: ModSeq | None = None
    ) -> Stored:
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
