"""What happened in an account, and in which mailboxes."""

from mailstore.changes import MailboxCreated, MailboxDeleted, MessagesChanged, SubscriptionChanged
from mailstore.model import StoreFlags
from mailstore.names import INBOX
from tests.mailstore.contract import EVERYONE, StoreCase, flags, mail, name, uids


class AccountChangesContract(StoreCase):
    async def since(self, modseq):
        """Return what happened by the names of mailboxes; all of it must be told at once."""
        changes = await self.account.changes_since(modseq)
        self.assertTrue(changes.whole)
        self.assertEqual(changes.upto, await self.account.state())
        for each in changes.messages:
            self.assertEqual(each.status, await self.account.status(each.status.name))
        return {each.status.name: (each.appended, each.flagged, each.expunged) for each in changes.messages}

    async def test_nothing(self):
        now = await self.account.state()
        changes = await self.account.changes_since(now)
        self.assertEqual((changes.upto, changes.whole, changes.mailboxes, changes.messages), (now, True, (), ()))

    async def test_each_kind_of_change(self):
        start = await self.account.state()
        await self.append(mail("one"), mail("two"))
        self.assertEqual(await self.since(start), {"INBOX": (True, False, False)})
        appended = await self.account.state()
        await self.inbox.store(uids(1), StoreFlags.ADD, flags("\\Deleted"))
        self.assertEqual(await self.since(appended), {"INBOX": (False, True, False)})
        self.assertEqual(await self.since(start), {"INBOX": (True, True, False)})
        flagged = await self.account.state()
        await self.inbox.expunge(EVERYONE)
        self.assertEqual(await self.since(flagged), {"INBOX": (False, False, True)})
        self.assertEqual(await self.since(start), {"INBOX": (True, True, True)})

    async def test_several_mailboxes_the_last_one_last(self):
        await self.append()
        start = await self.account.state()
        await self.account.create(name("work"))
        await self.inbox.copy(EVERYONE, name("Sent"))
        await self.inbox.move(EVERYONE, name("Trash"))
        found = await self.since(start)
        self.assertEqual(
            found,
            {
                "work": (False, False, False),
                "Sent": (True, False, False),
                "INBOX": (False, False, True),
                "Trash": (True, False, False),
            },
        )
        self.assertEqual(list(found)[:2], ["work", "Sent"])

    async def test_mailboxes_and_subscriptions(self):
        start = await self.account.state()
        await self.account.create(name("work"))
        await self.append(mailbox=await self.account.mailbox(name("work")))
        await self.account.subscribe(name("work"))
        await self.account.delete(name("work"))
        changes = await self.account.changes_since(start)
        self.assertEqual(
            changes.mailboxes,
            (
                MailboxCreated(start + 1, name("work")),
                SubscriptionChanged(start + 3, name("work")),
                MailboxDeleted(start + 4, name("work")),
            ),
        )
        self.assertEqual(changes.messages, ())

    async def test_very_many_mailboxes_in_parts(self):
        start = await self.account.state()
        names = [name(f"m{number:03}") for number in range(450)]
        for each in names:
            await self.account.create(each)
        found, upto, whole = [], start, False
        while not whole:
            changes = await self.account.changes_since(upto)
            self.assertLess(len(changes.messages), 300)
            self.assertEqual(
                [change.name for change in changes.mailboxes], [each.status.name for each in changes.messages]
            )
            found += [each.status.name for each in changes.messages]
            upto, whole = changes.upto, changes.whole
        self.assertEqual(found, names)
        self.assertEqual(upto, await self.account.state())

    async def test_what_another_process_did(self):
        start = await self.account.state()
        other = self.another_store()
        account = await other.account((await other.user("ada")).account)
        await self.append(mailbox=await account.mailbox(INBOX))
        self.assertEqual(
            (await self.account.changes_since(start)).messages,
            (MessagesChanged(await self.account.status(INBOX), appended=True, flagged=False, expunged=False),),
        )
