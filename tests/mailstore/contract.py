"""What every backend must keep, written against `mailstore.interfaces` alone.

A backend's own tests derive from the classes of the `contract_*` modules and say how a store is opened.
"""

import os
from typing import Any

from twisted.internet.defer import Deferred, gatherResults
from twisted.trial.unittest import TestCase

from mailstore.interfaces import IMailAccount, IMailbox, IMailStore, NewMessage
from mailstore.model import NO_QUOTA, Field, Flag, Flags, MailboxName, Uid
from mailstore.renderings import Rendering
from mailstore.spool import Spool
from mailstore.uidset import UidSet

EVERYONE = UidSet([(1, 1000)])
"""More UIDs than any test gives out."""

SUBJECT = Rendering("test.subject", 1, lambda message: message.header(message.root).get(b"subject") or b"")
SIZE = Rendering("test.size", 1, lambda message: b"%d" % len(message.octets))


def mail(text: str = "hello", subject: str = "greetings") -> bytes:
    """Return the octets of a message."""
    return f"From: ada@example.org\r\nSubject: {subject}\r\n\r\n{text}\r\n".encode()


def uids(*members: int) -> UidSet:
    """Return a set of UIDs."""
    return UidSet.of(*members)


def flags(*names: str) -> Flags:
    """Return a set of flags."""
    return frozenset(map(Flag, names))


def name(text: str) -> MailboxName:
    """Return a name that is canonical as it is."""
    return MailboxName(text)


async def together(*coroutines):
    """Run coroutines at the same time; return what they return."""
    return await gatherResults([Deferred.fromCoroutine(each) for each in coroutines], consumeErrors=True)


class StoreCase(TestCase):
    """Each test has a place of its own, a store in it, and ada's open account and INBOX.

    Afterwards every account must be consistent.
    """

    renderings: tuple[Rendering, ...] = (SUBJECT, SIZE)
    max_message_octets = 1 << 20
    quota = NO_QUOTA

    def open_store(self, place: str) -> IMailStore:
        """Open the store of a place: the same mail whenever it is the same place."""
        raise NotImplementedError

    async def setUp(self):
        self.place = os.path.abspath(self.mktemp())
        self.stores: list[IMailStore] = []
        self.store = self.another_store()
        user = await self.store.add_user("ada", "hash")
        self.account: IMailAccount = await self.store.account(user.account)
        self.inbox: IMailbox = await self.account.mailbox(name("INBOX"))

    async def tearDown(self):
        problems = []
        for user in await self.store.users():
            account = await self.store.account(user.account)
            problems += await account.check_consistency()
        await gatherResults([Deferred.fromCoroutine(store.close()) for store in self.stores])
        self.assertEqual(problems, [])

    def another_store(self) -> IMailStore:
        """Open the same place once more, as another process would."""
        self.stores.append(self.open_store(self.place))
        return self.stores[-1]

    async def close(self, store: IMailStore) -> None:
        """Close a store before the test is over."""
        self.stores.remove(store)
        await store.close()

    async def reopen(self) -> None:
        """Close the store and open it again."""
        await self.close(self.store)
        self.store = self.another_store()
        user = await self.store.user("ada")
        self.account = await self.store.account(user.account)
        self.inbox = await self.account.mailbox(name("INBOX"))

    async def append(self, *octets: bytes, flags: Flags = frozenset(), date=None, mailbox=None) -> UidSet:
        """Append messages, to INBOX by default; return their UIDs."""
        spools = [Spool(each) for each in octets or (mail(),)]
        new = [NewMessage(spool, flags, date) for spool in spools]
        appended = await (mailbox or self.inbox).append(new)
        for spool in spools:
            spool.close()
        return appended.uids

    async def column(self, field, within: UidSet = EVERYONE, mailbox=None) -> dict[Uid, Any]:
        """Return the values of a field by UID."""
        values: dict[Uid, Any] = {}
        async for rows in (mailbox or self.inbox).fetch(within, [field]):
            values.update(zip(rows.uids, rows.columns[field], strict=True))
        return values

    async def octets(self, uid: int, mailbox=None) -> bytes:
        """Return a message."""
        message = (await self.column(Field.MESSAGE, uids(uid), mailbox))[Uid(uid)]
        octets: bytes = await message.read(0, message.size)
        return octets

    async def names(self) -> list[str]:
        """Return the names of the mailboxes that are not there from the beginning."""
        usual = {"INBOX", "Drafts", "Sent", "Junk", "Trash", "Archive"}
        return [each.name for each in await self.account.mailboxes() if each.name not in usual]

    async def mailbox_changes_since(self, modseq):
        """Return what happened to mailboxes, subscriptions and annotations; None if that is forgotten."""
        changes = (await self.account.changes_since(modseq)).mailboxes
        return None if changes is None else list(changes)

    async def assert_raises(self, error: type[Exception], coroutine) -> None:
        """Fail unless the coroutine raises the error."""
        try:
            await coroutine
        except error:
            return
        self.fail(f"{error.__name__} was not raised")


