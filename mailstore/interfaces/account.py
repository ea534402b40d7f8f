"""What one user has."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from typing import Protocol

from zope.interface import Attribute, Interface

from mailstore.annotations import MAX_VALUE_OCTETS, Annotation, Branches, EntryName
from mailstore.changes import AccountChanges, Annotated, AppendedTo, Created
from mailstore.feed import Feed
from mailstore.interfaces.mailbox import IMailbox, NewMessage, Passed, uncounted
from mailstore.model import (
    AccountId,
    ExpungedFrom,
    Listed,
    MailboxInfo,
    MailboxName,
    MailboxStatus,
    ModSeq,
    Quota,
    SpecialUse,
    Usage,
)

Progress = Callable[[int, int], None]
"""Is told now and then how many of how many messages are done."""


class ILock(Protocol):
    """Something that one session has at a time."""

    @property
    def last(self) -> float:
        """When `note` was called last, by whoever had it then, in seconds since 1970 UTC; 0 if never."""

    async def note(self) -> None:
        """Note that somebody has it now."""

    async def release(self) -> None:
        """Let others have it; to be called once."""


class IMailAccount(Interface):
    """One user's mailboxes."""

    id: AccountId = Attribute("the account's id")
    feed: Feed = Attribute("rings after each change of the account, whichever process made it")
    removed: Feed = Attribute("rings when the account is removed, by whichever process: it can be asked nothing then")
    seen: ModSeq = Attribute("the account's mod-sequence when the feed last rang for a change")

    def stamp() -> bytes | None:
        """Return what is another after each change of the account, before anybody is told that the change is done.

        Who reads it, then asks what happened, and later reads the same, need not ask again: nobody was told of anything
        since, by whichever process.  None if that cannot be said now.
        """

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

    async def mailbox(name: MailboxName) -> IMailbox:
        """Return a mailbox, which stays the same one through RENAME; `NotFound`."""

    async def append(name: MailboxName, messages: Sequence[NewMessage]) -> AppendedTo:
        """Add messages to the mailbox that has this name then, as `IMailbox.append` does; `NotFound`."""

    def foresee_append(name: MailboxName, more: Usage) -> None:
        """Raise what an append to this mailbox would, as far as that can be known at once; `NotFound`, `OverQuota`.

        For who is about to send a message, and could be spared it; what counts is what `append` says then.

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
