"""What counts against the quota of an account, and what it stops."""

from contextlib import closing

from mailstore.errors import NotFound, OverQuota
from mailstore.interfaces import NewMessage
from mailstore.model import UNLIMITED, OwnQuota, Quota, StoreFlags, Usage
from mailstore.names import INBOX
from mailstore.spool import Spool
from tests.mailstore.contract import EVERYONE, StoreCase, flags, name, together, uids

SENT = name("Sent")
TRASH = name("Trash")


async def replace(mailbox, uid, target, octets):
    """Replace a message by another one."""
    with closing(Spool(octets)) as spool:
        await mailbox.replace(uid, target, NewMessage(spool))


class UsageContract(StoreCase):
    async def holds(self, octets, messages):
        self.assertEqual(await self.account.usage(), Usage(octets, messages))

    async def test_what_comes_and_goes(self):
        await self.holds(0, 0)
        await self.append(b"a" * 100, b"b" * 50)
        await self.append(b"c" * 7, mailbox=await self.account.mailbox(SENT))
        await self.holds(157, 3)
        await self.inbox.store(uids(2), StoreFlags.ADD, flags("\\Deleted"))
        await self.holds(157, 3)
        await self.inbox.expunge(EVERYONE)
        await self.holds(107, 2)
        await self.reopen()
        await self.holds(107, 2)

    async def test_a_copy_counts_again(self):
        await self.append(b"a" * 100)
        await self.append(b"a" * 100)
        await self.inbox.copy(EVERYONE, SENT)
        await self.inbox.copy(uids(1), INBOX)
        await self.holds(500, 5)

    async def test_a_move_counts_once(self):
        await self.append(b"a" * 100)
        await self.inbox.move(EVERYONE, SENT)
        await self.holds(100, 1)
        await self.append(b"b")
        await self.account.rename(INBOX, name("old"))
        await self.holds(101, 2)

    async def test_a_replacement_counts_for_what_it_replaces(self):
        await self.append(b"a" * 100)
        await replace(self.inbox, 1, SENT, b"b" * 30)
        await self.holds(30, 1)

    async def test_a_deleted_mailbox_counts_no_more(self):
        await self.append(b"a" * 100)
        await self.account.create(name("work"))
        await self.inbox.copy(EVERYONE, name("work"))
        await self.account.delete(name("work"))
        await self.holds(100, 1)

    async def test_octets_that_are_marked_as_deleted(self):
        await self.append(b"a" * 100, b"b" * 10, b"c")
        for how, flag, changed, octets in (
            (StoreFlags.ADD, "\\Deleted", (1, 2), 110),
            (StoreFlags.ADD, "\\Seen", (1, 2, 3), 110),
            (StoreFlags.REPLACE, "\\Flagged", (2,), 100),
            (StoreFlags.REPLACE, "\\Deleted", (3,), 101),
            (StoreFlags.REMOVE, "\\Deleted", (1,), 1),
        ):
            await self.inbox.store(uids(*changed), how, flags(flag))
            self.assertEqual((await self.account.status(INBOX)).deleted_octets, octets)
        await self.inbox.copy(EVERYONE, TRASH)
        self.assertEqual((await self.account.status(TRASH)).deleted_octets, 1)
        await self.inbox.expunge(EVERYONE)
        self.assertEqual((await self.account.status(INBOX)).deleted_octets, 0)


class QuotaContract(StoreCase):
    quota = Quota(octets=1000, messages=4)

    async def set(self, octets=None, messages=None):
        await self.store.set_quota("ada", OwnQuota(octets, messages))

    async def refused(self, change):
        """Fail unless the change is refused and leaves everything as it was."""
        before = await self.everything()
        await self.assert_raises(OverQuota, change)
        self.assertEqual(await self.everything(), before)

    async def everything(self):
        names = [each.name for each in await self.account.mailboxes()]
        return await self.account.usage(), await self.account.state(), await self.account.statuses(names)

    async def test_octets_up_to_the_limit(self):
        await self.append(b"a" * 600)
        await self.refused(self.append(b"b" * 401))
        await self.append(b"b" * 400)
        await self.refused(self.append(b"c"))

    async def test_messages_up_to_the_limit(self):
        await self.append(b"1", b"2")
        await self.refused(self.append(b"3", b"4", b"5"))
        await self.append(b"3", b"4")
        await self.refused(self.append(b"5", mailbox=await self.account.mailbox(SENT)))

    async def test_a_copy_is_refused_though_it_takes_no_room(self):
        await self.append(b"a" * 501, b"b")
        await self.refused(self.inbox.copy(EVERYONE, SENT))
        await self.inbox.copy(uids(2), SENT)

    async def test_a_full_account_moves_and_expunges(self):
        await self.append(b"a" * 997, b"b", b"c", b"d")
        await self.inbox.move(uids(1, 2), SENT)
        await self.account.rename(INBOX, name("old"))
        old = await self.account.mailbox(name("old"))
        await old.store(EVERYONE, StoreFlags.ADD, flags("\\Deleted"))
        self.assertEqual((await old.expunge(EVERYONE)).uids, uids(1, 2))
        await self.append(b"e")

    async def test_a_replacement_by_what_is_larger_counts_for_the_difference(self):
        await self.append(b"a" * 900, b"b" * 100)
        await self.refused(replace(self.inbox, 1, INBOX, b"c" * 901))
        await replace(self.inbox, 1, SENT, b"c" * 900)

    async def test_what_is_above_a_lowered_limit_stays_and_may_become_less(self):
        await self.append(b"a" * 300, b"b" * 100, b"c" * 100)
        await self.set(octets=200, messages=1)
        self.assertEqual(await self.octets(1), b"a" * 300)
        await self.inbox.move(uids(2), SENT)
        await self.refused(replace(self.inbox, 1, INBOX, b"d" * 301))
        await replace(self.inbox, 1, INBOX, b"d" * 200)
        await self.refused(self.append(b"f"))
        await self.account.delete(SENT)
        await self.inbox.store(EVERYONE, StoreFlags.ADD, flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)
        await self.append(b"f")

    async def test_limits_of_ones_own(self):
        self.assertEqual(await self.account.quota(), Quota(1000, 4))
        await self.set(octets=UNLIMITED)
        self.assertEqual(await self.account.quota(), Quota(UNLIMITED, 4))
        await self.append(b"a" * 2000)
        await self.set(messages=0)
        self.assertEqual(await self.account.quota(), Quota(1000, 0))
        self.assertEqual((await self.store.user("ADA")).quota, OwnQuota(messages=0))
        self.assertEqual([user.quota for user in await self.store.users()], [OwnQuota(messages=0)])
        await self.set()
        self.assertEqual(await self.account.quota(), Quota(1000, 4))
        await self.assert_raises(NotFound, self.store.set_quota("bob", OwnQuota()))

    async def test_a_new_limit_holds_at_once_in_every_process(self):
        other = self.another_store()
        account = await other.account((await other.user("ada")).account)
        inbox = await account.mailbox(INBOX)
        await self.set(octets=10)
        await self.refused(self.append(b"a" * 11, mailbox=inbox))
        await self.set(octets=11)
        await self.append(b"a" * 11, mailbox=inbox)

    async def test_no_limit_is_passed_by_many_at_once(self):
        other = self.another_store()
        account = await other.account((await other.user("ada")).account)
        boxes = [self.inbox, await account.mailbox(INBOX), await account.mailbox(SENT)] * 5
        outcomes = await together(*(self.outcome(self.append(b"a" * 10, mailbox=box)) for box in boxes))
        self.assertEqual(sorted(outcomes), [False] * 11 + [True] * 4)
        self.assertEqual(await self.account.usage(), Usage(40, 4))
        self.assertEqual(await account.usage(), Usage(40, 4))

    async def outcome(self, change):
        try:
            await change
        except OverQuota:
            return False
        return True

    async def test_what_is_foreseen(self):
        await self.append(b"a" * 990)
        self.account.foresee_append(INBOX, Usage(10, 3))
        self.assertRaises(OverQuota, self.account.foresee_append, INBOX, Usage(11, 1))
        self.assertRaises(OverQuota, self.account.foresee_append, INBOX, Usage(4, 4))
        self.assertRaises(NotFound, self.account.foresee_append, name("none"), Usage(11, 1))
        await self.set(octets=5)
        self.account.foresee_append(INBOX, Usage(0, 0))
        self.assertRaises(OverQuota, self.account.foresee_append, INBOX, Usage(1, 1))
