"""One user's mailboxes, open in this process."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence, Set
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import Final, TypeVar

from attrs import evolve
from twisted.internet.defer import CancelledError, Deferred, succeed
from zope.interface import implementer

from mailstore.annotations import MAX_VALUE_OCTETS, Annotation, Branches, EntryName
from mailstore.changes import AccountChanges, Annotated, AppendedTo, Created, Origin
from mailstore.errors import Busy, NotFound, StoreError, TooBig, Unavailable
from mailstore.feed import Feed
from mailstore.interfaces import IMailAccount, NewMessage, Passed, Source, uncounted
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
    Uid,
    Usage,
)
from mailstore.policy import Policy
from mailstore.sqlite import (
    annotating,
    appending,
    changed,
    changelog,
    dictionaries,
    hierarchy,
    locking,
    mailboxes,
    quotas,
    undeleting,
    upgrading,
)
from mailstore.sqlite.check import check
from mailstore.sqlite.compacting import compact
from mailstore.sqlite.condensing import condense
from mailstore.sqlite.database import Database
from mailstore.sqlite.files import is_gone
from mailstore.sqlite.flagsets import FlagSets
from mailstore.sqlite.index.using import SearchIndex
from mailstore.sqlite.locking import MaildropLock
from mailstore.sqlite.mailbox import Mailbox
from mailstore.sqlite.opening import Opened
from mailstore.sqlite.purging import purge
from mailstore.sqlite.recents import Recents
from mailstore.sqlite.registry import Registry
from mailstore.sqlite.repacking import repack
from mailstore.sqlite.selections import Selection
from mailstore.sqlite.shrinking import shrink
from mailstore.sqlite.threads import Threads
from mailstore.sqlite.transactions import Reader, Writer
from mailstore.sqlite.uidruns import UidMaps
from mailstore.sqlite.waking import Waking

T = TypeVar("T")

_HELD_DAYS: Final = 1
"""How long expunged messages are kept at least while somebody has the maildrop, who may still ask for them."""

_SELECTIONS: Final = 8
"""Kinds of fetches that are kept ready, some kilobyte each: clients ask for the same fields again and again."""


@implementer(IMailAccount)
class Account:
    """An open account; see `IMailAccount`."""

    def __init__(
        self,
        account_id: AccountId,
        opened: Opened,
        threads: Threads,
        *,
        registry: Registry,
        policy: Policy,
        release: Callable[[], Awaitable[None]],
        damaged: Callable[[BaseException], None],
    ) -> None:
        self.id = account_id
        self.feed = Feed()
        self.removed = Feed()
        self.bell: Final = opened.bell
        self.waking: Final = Waking(self.feed, self.bell)
        self.keeping = opened.keeping
        self.database: Final = Database(
            opened.path,
            opened.reading,
            threads,
            require=self.bell.require,
            ring=self.bell.ring,
            state=changelog.current,
            committed=self._committed,
            damaged=damaged,
        )
        self.index: Final = SearchIndex(opened.path, self.bell.ring)
        self.policy: Final = policy
        self.recents: Final = Recents()
        self.uid_maps: Final = UidMaps()
        self._flagsets = FlagSets()
        self._selections = lru_cache(_SELECTIONS)(
            partial(Selection, self.database, self._flagsets, opened.keeping.kinds)
        )
        self._registry = registry
        self._threads = threads
        self._release = release
        self.seen = opened.modseq
        self._tidying: Deferred[None] = succeed(None)

    async def release(self) -> None:
        """Say that this holder needs the account no more."""
        await self._release()

    def stamp(self) -> bytes | None:
        """Return what is another after each change, before anybody is told of it."""
        return self.waking.stamp()

    async def state(self) -> ModSeq:
        """Return the account's mod-sequence."""
        return await self.database.read(changelog.current)

    async def usage(self) -> Usage:
        """Return how much the account holds."""
        return await self.database.read(quotas.usage)

    async def quota(self) -> Quota:
        """Return the limits that hold now."""
        return await self._registry.quota(self.id)

    async def mailboxes(self) -> list[MailboxInfo]:
        """Return every mailbox, by name."""
        if await self.database.read(mailboxes.are_many):
            return await self.database.read_in_thread(mailboxes.listing)
        return await self.database.read(mailboxes.listing)

    async def mailbox_info(self, name: MailboxName) -> MailboxInfo:
        """Return what `mailboxes` says of one of them; `NotFound`."""
        return await self.database.read(partial(mailboxes.info, name=name))

    async def listed(self, name: MailboxName) -> Listed:
        """Return what a listing says of one name."""
        return await self.database.read(partial(hierarchy.listed, name=name))

    async def subscriptions(self) -> list[MailboxName]:
        """Return every subscribed name."""
        return await self.database.read(hierarchy.subscriptions)

    async def status(self, name: MailboxName) -> MailboxStatus:
        """Return a mailbox's counts; `NotFound`."""
        return await self.database.read(partial(self._status, name=name))

    async def statuses(self, names: Sequence[MailboxName]) -> dict[MailboxName, MailboxStatus]:
        """Return the counts of those of `names` that are mailboxes."""
        found = await self.database.read(partial(self._statuses, names=names))
        await self.database.pause()
        return found

    def _status(self, reader: Reader, name: MailboxName) -> MailboxStatus:
        return self._counts(reader, mailboxes.find(reader, name))

    def _counts(self, reader: Reader, mailbox: int) -> MailboxStatus:
        return mailboxes.status(reader, mailbox, self.recents.claimed(mailbox))

    def _statuses(self, reader: Reader, names: Sequence[MailboxName]) -> dict[MailboxName, MailboxStatus]:
        found = {}
        for name in names:
            with suppress(NotFound):
                found[name] = self._status(reader, name)
        return found

    async def mailbox(self, name: MailboxName) -> Mailbox:
        """Return a mailbox; `NotFound`."""

        return Mailbox(self, *await self.database.read(partial(mailboxes.find_identity, name=name)))

    async def append(self, name: MailboxName, messages: Sequence[NewMessage]) -> AppendedTo:
        """Add messages to a mailbox, all or none; `NotFound`, `TooBig`, `OverQuota`."""
        return await self.append_where(partial(mailboxes.find, name=name), messages)

    async def append_where(
        self, find: Callable[[Reader], int], messages: Sequence[NewMessage], origin: Origin | None = None
    ) -> AppendedTo:
        """Add messages to the mailbox that `find` returns in the transaction that adds them; errors as of `append`."""
        self.require_size(*messages)
        prepare = partial(appending.prepare, find, messages, self.keeping, origin)
        return await self.write_prepared(prepare, sum(len(message.spool) for message in messages))

    def require_size(self, *messages: NewMessage) -> None:
        """Make sure that no message is too large; `TooBig`."""
        if max((len(message.spool) for message in messages), default=0) > self.policy.max_message_octets:
            raise TooBig(f"a message has at most {self.policy.max_message_octets} octets")

    def foresee_append(self, name: MailboxName, more: Usage) -> None:
        """Raise `NotFound` or `OverQuota`; say nothing if a file is busy."""
        with suppress(Busy, Unavailable):
            quota = self._registry.quota_now(self.id)
            self.database.read_now(partial(appending.foresee, name=name, more=more, quota=quota))

    async def create(self, name: MailboxName, special_use: SpecialUse | None = None) -> Created:
        """Make a mailbox; `AlreadyExists`, `Conflict`, `TooBig`."""
        return await self.write(partial(hierarchy.create, name=name, special_use=special_use))

    async def delete(self, name: MailboxName) -> ModSeq:
        """Remove a mailbox and expunge what is in it; `NotFound`, `HasChildren`, `NotPermitted`."""
        return await self.write(partial(hierarchy.delete, name=name))

    async def rename(self, old: MailboxName, new: MailboxName) -> ModSeq:
        """Rename a mailbox and all below it; `NotFound`, `AlreadyExists`, `NotPermitted`, `InvalidName`."""
        return await self.write(partial(hierarchy.rename, old=old, new=new))

    async def subscribe(self, name: MailboxName) -> ModSeq | None:
        """Add a name to the subscriptions; `TooBig`."""
        return await self.write(partial(hierarchy.subscribe, name=name))

    async def unsubscribe(self, name: MailboxName) -> ModSeq | None:
        """Remove a name from the subscriptions."""
        return await self.write(partial(hierarchy.unsubscribe, name=name))

    def annotations(
        self, subjects: Sequence[MailboxName | None], branches: Branches, largest: int = MAX_VALUE_OCTETS
    ) -> AsyncIterator[Sequence[Annotation]]:
        """Yield the annotations of mailboxes, or with None of the account itself."""
        return annotating.read(self.database, subjects, branches, largest)

    async def annotate(
        self, subject: MailboxName | None, values: Mapping[EntryName, bytes | None], uses: Set[SpecialUse] | None = None
    ) -> Annotated:
        """Set annotations of a mailbox, or with None of the account itself; `NotFound`, `TooBig`."""
        return await self.write(partial(annotating.annotate, subject=subject, values=values, uses=uses))

    async def changes_since(self, modseq: ModSeq) -> AccountChanges:
        """Return what happened in the account after `modseq`, in a part of its mailboxes if in many."""
        return await self.database.read(partial(changed.since, modseq=modseq, status=self._counts))

    def selection(self, fields: Sequence[Source]) -> Selection:
        """Return a fetch that is ready."""
        return self._selections(tuple(fields))

    async def write_within_quota(self, change: Callable[[Writer], T]) -> T:
        """Make a change, unless it makes the account hold more than it may; `OverQuota`."""
        return await self.write(quotas.keep(await self.quota(), change))

    def write(self, change: Callable[[Writer], T]) -> "Deferred[T]":
        """Make a change; see `Database.write`."""
        return self.database.write(_claiming(self.recents.take_unwritten(), change))

    async def write_prepared(self, prepare: Callable[[], Callable[[Writer], T]], octets: int) -> T:
        """Make a change that needs some work before, within the quota; see `Database.write_prepared`; `OverQuota`."""
        quota = await self.quota()
        claims = self.recents.take_unwritten()
        return await self.database.write_prepared(lambda: _claiming(claims, quotas.keep(quota, prepare())), octets)

    def look(self) -> None:
        """Wake the listeners, if there are any and the account has changed, whoever did, or that cannot be told now."""
        if not self.feed:
            return
        try:
            seen = self.database.glance(changelog.current)
        except Busy:
            self.waking.ring()
            return
        except StoreError:  # closing, or damaged: nothing can be told
            return
        self._notice(seen)

    def _committed(self, modseq: ModSeq | Exception) -> None:
        """Wake the listeners if a commit has changed the account, whose mod-sequence it says unless it failed."""
        if isinstance(modseq, Exception):
            self.look()
        else:
            self._notice(modseq)

    def _notice(self, modseq: ModSeq) -> None:
        if modseq > self.seen:
            self.seen = modseq
            self.waking.ring()

    def look_again(self) -> None:
        """Wake the listeners if the account has changed, or was removed, though no bell was heard."""
        if self._is_removed():
            self.removed.ring()
        elif self.database.may_have_changed():
            self.look()

    def _is_removed(self) -> bool:
        """Tell whether the account, or only its file, is certainly not there any more."""
        return self.bell.is_removed() or is_gone(self.database.path)

    async def check_consistency(self) -> list[str]:
        """Return what does not agree in the account's file, in words for an administrator."""
        return await check(self.database, self.keeping.kinds.registered)

    async def lock_maildrop(self) -> MaildropLock:
        """Keep others who ask for this from the account; `Conflict`."""
        return await locking.lock(self._maildrop, self._threads)

    @property
    def _maildrop(self) -> Path:
        return self.database.path.with_suffix(".maildrop")

    async def expunged(self, since: int) -> list[ExpungedFrom]:
        """Return what was expunged since a time and can come back."""
        return await self.database.read_in_thread(partial(undeleting.listing, since=since))

    async def undelete(
        self, name: MailboxName, since: int, into: MailboxName | None = None, back: Passed = uncounted
    ) -> int:
        """Bring back what was expunged from `name`; return how many messages; `OverQuota`, `TooBig`."""
        return await undeleting.undelete(self.database, await self.quota(), name, since, into or name, passed=back)

    async def forget_expunged(self, name: MailboxName | None, since: int) -> int:
        """Drop what was expunged for good; return how many messages."""
        return await undeleting.forget(self.database, name, since)

    async def tidy(self) -> None:
        """Drop for good what is long gone, and take less room; ends early when the account is closed."""
        with suppress(StoreError, CancelledError):
            if not self._tidying.called:
                await self._tidying  # it may have passed by what came in since
            if self._tidying.called:
                self._tidying = Deferred.fromCoroutine(self._tidy())
            await self._tidying

    async def _tidy(self) -> None:
        with self.bell.upkeep() as ours:  # what two processes did at once one of them would do in vain
            if ours:
                kept = self.policy.kept_days
                if kept < _HELD_DAYS and await locking.is_locked(self._maildrop, self._threads):
                    kept = max(kept, _HELD_DAYS)
                await purge(self.database, kept)
                await compact(self.database)
                await condense(self.database)
                await repack(self.database, self.keeping.kinds)
                await shrink(self.database)
                await self._threads.to_read(lambda: upgrading.forget_copies(self.database.path))
        self.keeping = evolve(self.keeping, packing=await self.database.read(dictionaries.newest))
        await self.rest()

    async def rest(self) -> None:
        """Let go of what nobody has asked for since this was called last."""
        await self.database.rest(self.index.rest)

    async def close(self) -> None:
        """Write what is still to be written, and let go of the files."""
        self._tidying.cancel()
        claims = self.recents.take_unwritten()
        if claims and not self._is_removed():
            written = self.database.write(partial(mailboxes.claim_recent, claims=claims))
            written.addErrback(lambda failure: failure.trap(StoreError) and None)  # a lost claim is no error
        await self.database.close(self.index.close)
        self.bell.close()


def _claiming(claims: Mapping[int, Uid], change: Callable[[Writer], T]) -> Callable[[Writer], T]:
    """Return `change` and in it what sessions have claimed since the last one; if it fails, both are lost."""

    def claimed(writer: Writer) -> T:
        mailboxes.claim_recent(writer, claims)
        return change(writer)

    return claimed if claims else change
