"""One mailbox, for any number of sessions."""

from collections.abc import AsyncIterator, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

from zope.interface import implementer

from mailstore.changes import AppendedTo, Copied, Expunged, MessageChanges, Origin, Stored
from mailstore.interfaces import Damaged, IMailbox, NewMessage, Passed, Rows, Snapshot, Source, raised, uncounted
from mailstore.model import Flags, MailboxId, MailboxName, ModSeq, StoreFlags, Uid
from mailstore.query import Query
from mailstore.sqlite import (
    adopting,
    copying,
    expunging,
    fetching,
    flagsets,
    history,
    mailboxes,
    replacing,
    searching,
    storing,
    uidruns,
)
from mailstore.sqlite.transactions import Reader
from mailstore.uidset import UidSet

if TYPE_CHECKING:
    from mailstore.sqlite.account import Account


@implementer(IMailbox)
class Mailbox:
    """A mailbox of an open account; see `IMailbox`."""

    def __init__(self, account: "Account", row: int, mailbox_id: MailboxId) -> None:
        """Take the account, the id of the row, and the id that it has everywhere."""
        self.id = mailbox_id
        self._row = row
        self._account = account

    async def snapshot(self) -> Snapshot:
        """Return the mailbox as it is now; `NotFound`."""
        database = self._account.database
        snapshot: Snapshot | None = await database.read(self._snapshot_of_few)
        return await database.read_in_thread(self._snapshot) if snapshot is None else snapshot

    def _snapshot_of_few(self, reader: Reader) -> Snapshot | None:
        """Return the mailbox as it is; None if that is more than a moment's work."""
        return None if uidruns.are_many(reader, self._row) else self._snapshot(reader)

    def _snapshot(self, reader: Reader) -> Snapshot:
        claimed = self._account.recents.claimed(self._row)
        status = mailboxes.status(reader, self._row, claimed)
        return Snapshot(
            status=status,
            uids=self._account.uid_maps.of(reader, self._row, status.highest_modseq),
            first_unseen=mailboxes.first_unseen(reader, self._row),
            first_recent=max(claimed, mailboxes.first_recent(reader, self._row)),
            keywords=flagsets.known_keywords(reader),
        )

    async def changes_since(self, modseq: ModSeq, own: Collection[ModSeq] = ()) -> MessageChanges:
        """Return what happened after `modseq`, also to a mailbox that was deleted; flags of `own` may be left out."""
        ask = partial(history.since, self._account.database, self._row, modseq, own)
        return await (ask() if own else self._account.waking.once((self._row, modseq), ask))

    def fetch(self, uids: UidSet, fields: Sequence[Source]) -> AsyncIterator[Rows]:
        """Yield messages in ascending order, in batches of bounded rows and octets."""
        return fetching.fetch(self._account.database, self._account.selection(fields), self._row, uids)

    async def search(
        self, query: Query, within: UidSet, passed: Passed = uncounted, damaged: Damaged = raised
    ) -> UidSet:
        """Return the messages of `within` that `query` finds; `NotFound`."""
        account = self._account
        await account.database.read(partial(mailboxes.require, mailbox=self._row))
        database, index = account.database, account.index
        return await searching.search(database, index, self._row, query, within, passed, damaged=damaged)

    async def append(self, messages: Sequence[NewMessage], origin: Origin | None = None) -> AppendedTo:
        """Add messages, all or none; `TooBig`, `OverQuota`.  Their spools must stay open until this answers."""
        return await self._account.append_where(partial(mailboxes.require, mailbox=self._row), messages, origin)

    async def store(
        self, uids: UidSet, how: StoreFlags, flags: Flags, unchanged_since: ModSeq | None = None
    ) -> Stored:
        """Change flags; `NotFound`, `TooBig`."""
        change = partial(
            storing.store, mailbox=self._row, uids=uids, how=how, flags=flags, unchanged_since=unchanged_since
        )
        return await self._account.write(change)

    async def copy(self, uids: UidSet, target: MailboxName) -> Copied:
        """Copy messages; `NotFound`, `OverQuota`."""
        return await self._account.write_within_quota(lambda writer: copying.copy(writer, self._row, uids, target))

    async def move(self, uids: UidSet, target: MailboxName) -> Copied:
        """Copy messages and expunge them here; `NotFound`."""
        return await self._account.write(lambda writer: copying.move(writer, self._row, uids, target))

    async def replace(self, uid: Uid, target: MailboxName, message: NewMessage) -> AppendedTo:
        """Add a message to `target` and expunge `uid` here; `NotFound`, `Expunged`, `TooBig`, `OverQuota`."""
        self._account.require_size(message)
        prepare = partial(replacing.prepare, self._row, uid, target, message, self._account.keeping)
        return await self._account.write_prepared(prepare, len(message.spool))

    async def expunge(self, uids: UidSet) -> Expunged:
        """Expunge messages that have ``\\Deleted``; return them; `NotFound`."""
        return await self._account.write(lambda writer: expunging.expunge(writer, self._row, uids))

    async def adopt(self, uid_validity: int, uid_next: Uid) -> ModSeq:
        """Take over UIDVALIDITY and UIDs of a mailbox elsewhere; `NotFound`, `Conflict`."""
        return await self._account.write(
            partial(adopting.adopt, mailbox=self._row, uid_validity=uid_validity, uid_next=uid_next)
        )

    async def brought(self, source: str, uid_validity: int) -> UidSet:
        """Return which messages of a mailbox elsewhere were brought here, by their UIDs there."""
        read = partial(adopting.brought, mailbox=self._row, source=source, uid_validity=uid_validity)
        return await self._account.database.read_in_thread(read)

    async def finish(self) -> ModSeq:
        """Give out no UID any more that was adopted; `NotFound`."""
        return await self._account.write(partial(adopting.finish, mailbox=self._row))

    async def remove(self, uids: UidSet) -> Expunged:
        """Expunge messages, whatever their flags; return them; `NotFound`."""
        return await self._account.write(lambda writer: expunging.remove(writer, self._row, uids))

    async def claim_recent(self, upto: Uid) -> Uid:
        """Make messages below `upto` recent to this caller; return the first that is; `NotFound`."""
        if (claimed := self._account.recents.claimed(self._row)) >= upto:
            return claimed
        first = await self._account.database.read(partial(mailboxes.first_recent, mailbox=self._row))
        return self._account.recents.claim(self._row, first, upto)
