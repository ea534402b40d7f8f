"""What POP3 asks of a store beside IMAP: names of messages that stay, a lock, and removal at the end of a session."""

import time

from mailstore.changes import Expunged
from mailstore.errors import Conflict
from mailstore.interfaces import NewMessage
from mailstore.model import Field
from mailstore.names import INBOX
from mailstore.spool import Spool
from mailstore.uidset import EMPTY
from tests.mailstore.contract import EVERYONE, StoreCase, flags, mail, name, uids


class UidlContract(StoreCase):
    async def bring(self, *names, mailbox=None):
        """Append messages that were called so elsewhere."""
        new = [NewMessage(Spool(mail(f"{number}")), uidl=each) for number, each in enumerate(names)]
        await (mailbox or self.inbox).append(new)

    async def derived(self, uid, mailbox=INBOX):
        return f"{uid:08x}{(await self.account.status(mailbox)).uid_validity:08x}"

    async def test_most_are_called_by_uid_and_uidvalidity(self):
        await self.append(mail(), mail())
        names = await self.column(Field.UIDL)
        self.assertEqual(names, {1: await self.derived(1), 2: await self.derived(2)})
        await self.reopen()
        self.assertEqual(await self.column(Field.UIDL), names)

    async def test_a_message_keeps_what_it_was_called_elsewhere(self):
        await self.bring("!", None, "x" * 70)
        self.assertEqual(await self.column(Field.UIDL), {1: "!", 2: await self.derived(2), 3: "x" * 70})
        await self.reopen()
        self.assertEqual((await self.column(Field.UIDL))[1], "!")

    async def test_what_is_no_name(self):
        bad = ("", "x" * 71, "a b", "\x7f", "ä", "line\r\n")
        await self.bring(*bad)
        self.assertEqual(await self.column(Field.UIDL), {uid: await self.derived(uid) for uid in range(1, 7)})

    async def test_no_two_messages_have_the_same(self):
        await self.bring("a", "a")
        await self.bring("a", await self.derived(9), await self.derived(1))
        names = list((await self.column(Field.UIDL)).values())
        self.assertEqual(names, ["a", *[await self.derived(uid) for uid in (2, 3, 4, 5)]])

    async def test_each_mailbox_for_itself(self):
        other = await self.account.mailbox(name("Archive"))
        await self.bring("a")
        await self.bring("a", mailbox=other)
        self.assertEqual((await self.column(Field.UIDL), await self.column(Field.UIDL, mailbox=other)), ({1: "a"},) * 2)

    async def test_a_message_that_is_brought_once_more(self):
        await self.bring("a", "b")
        await self.inbox.remove(uids(1))
        self.assertEqual((await self.column(Field.UIDL))[1], "a")
        await self.bring("a", "b")
        self.assertEqual(await self.column(Field.UIDL, uids(3, 4)), {3: "a", 4: await self.derived(4)})

    async def test_a_message_that_comes_back_is_called_as_it_was(self):
        await self.bring("a", None, None)
        names = await self.column(Field.UIDL)
        await self.inbox.remove(uids(1, 3))
        await self.account.undelete(INBOX, 0)
        self.assertEqual(await self.column(Field.UIDL, uids(4, 5)), {4: names[1], 5: names[3]})
        await self.inbox.remove(uids(2))
        await self.account.undelete(INBOX, 0, name("Archive"))
        archive = await self.account.mailbox(name("Archive"))
        self.assertEqual((await self.column(Field.UIDL, mailbox=archive))[1], await self.derived(1, name("Archive")))

    async def test_a_name_that_a_message_may_come_to_have(self):
        await self.bring(None)
        await self.bring(await self.derived(3), await self.derived(1), await self.derived(4))
        await self.append()
        self.assertEqual(list((await self.column(Field.UIDL)).values()), [await self.derived(n) for n in range(1, 6)])

    async def test_a_copy_is_another_message(self):
        await self.bring("a")
        await self.inbox.copy(uids(1), INBOX)
        self.assertEqual(await self.column(Field.UIDL), {1: "a", 2: await self.derived(2)})

    async def test_what_is_gone_for_good_leaves_no_name(self):
        await self.bring("a")
        await self.inbox.remove(uids(1))
        await self.account.forget_expunged(None, 0)
        self.assertEqual(await self.column(Field.UIDL), {})
        self.assertEqual(await self.account.check_consistency(), [])


class MaildropLockContract(StoreCase):
    async def test_one_at_a_time(self):
        lock = await self.account.lock_maildrop()
        await self.assert_raises(Conflict, self.account.lock_maildrop())
        await lock.release()
        await (await self.account.lock_maildrop()).release()

    async def test_in_every_process(self):
        lock = await self.account.lock_maildrop()
        other = self.another_store()
        account = await other.account(self.account.id)
        await self.assert_raises(Conflict, account.lock_maildrop())
        await self.append()
        await lock.release()
        await (await account.lock_maildrop()).release()

    async def test_it_says_when_it_was_noted_last(self):
        lock = await self.account.lock_maildrop()
        self.assertEqual(lock.last, 0.0)
        await lock.release()
        lock = await self.account.lock_maildrop()
        self.assertEqual(lock.last, 0.0)
        await lock.note()
        await lock.release()
        await self.reopen()
        lock = await self.account.lock_maildrop()
        self.assertLess(abs(lock.last - time.time()), 100)
        await lock.release()

    async def test_each_account_for_itself(self):
        bob = await self.store.add_user("bob", "hash")
        locks = [await self.account.lock_maildrop(), await (await self.store.account(bob.account)).lock_maildrop()]
        for lock in locks:
            await lock.release()


class RemoveContract(StoreCase):
    async def test_messages_go_whatever_their_flags(self):
        await self.append(mail(), mail(), flags=flags("\\Seen"))
        await self.append(flags=flags("\\Deleted"))
        before = await self.account.state()
        removed = await self.inbox.remove(uids(2, 3, 7))
        self.assertEqual(removed, Expunged(await self.account.state(), uids(2, 3)))
        self.assertEqual((await self.inbox.snapshot()).uids, uids(1))
        changes = await self.inbox.changes_since(before)
        self.assertEqual(changes.expunged, uids(2, 3))
        self.assertEqual(set(await self.column(Field.SIZE)), {1, 2, 3})

    async def test_nothing_to_remove(self):
        await self.append()
        before = await self.account.state()
        self.assertEqual(await self.inbox.remove(uids(5)), Expunged(before, EMPTY))
        self.assertEqual(await self.account.state(), before)
        self.assertEqual(set(await self.column(Field.SIZE, EVERYONE)), {1})
