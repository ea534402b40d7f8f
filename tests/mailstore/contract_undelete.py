"""What was expunged comes back, or goes for good."""

from mailstore.errors import OverQuota
from mailstore.model import Field, OwnQuota, StoreFlags
from mailstore.names import INBOX
from tests.mailstore.contract import EVERYONE, StoreCase, flags, mail, name, uids


class UndeleteContract(StoreCase):
    async def expunge(self, *which):
        await self.inbox.store(uids(*which), StoreFlags.ADD, flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)

    async def listed(self):
        return {each.mailbox: (each.messages, each.octets) for each in await self.account.expunged(0)}

    async def test_nothing_was_expunged(self):
        await self.append(mail("one"))
        self.assertEqual(await self.account.expunged(0), [])
        self.assertEqual(await self.account.undelete(INBOX, 0), 0)

    async def test_it_comes_back_as_a_new_message_with_its_flags(self):
        await self.append(mail("one"), mail("two"), flags=flags("\\Seen", "blue"))
        before = await self.column(Field.INTERNAL_DATE)
        await self.expunge(1)
        self.assertEqual(await self.listed(), {INBOX: (1, len(mail("one")))})
        start = await self.account.state()
        self.assertEqual(await self.account.undelete(INBOX, 0), 1)
        self.assertEqual((await self.inbox.snapshot()).uids, uids(2, 3))
        self.assertEqual(await self.octets(3), mail("one"))
        self.assertEqual((await self.column(Field.FLAGS))[3], flags("\\Seen", "blue"))
        self.assertEqual((await self.column(Field.INTERNAL_DATE))[3], before[1])
        self.assertEqual((await self.inbox.changes_since(start)).changed, uids(3))
        self.assertEqual((await self.account.status(INBOX)).deleted, 0)
        self.assertEqual(await self.listed(), {})

    async def test_what_was_moved_is_not_lost(self):
        await self.append(mail("one"))
        await self.inbox.move(uids(1), name("Archive"))
        self.assertEqual(await self.listed(), {})
        archive = await self.account.mailbox(name("Archive"))
        await archive.store(EVERYONE, StoreFlags.ADD, flags("\\Deleted"))
        await archive.expunge(EVERYONE)
        self.assertEqual(list(await self.listed()), ["Archive"])

    async def test_the_same_octets_come_back_once(self):
        await self.append(mail("one"), mail("one"), mail("one"))
        await self.expunge(1, 2, 3)
        self.assertEqual(await self.account.undelete(INBOX, 0), 1)
        self.assertEqual((await self.account.status(INBOX)).messages, 1)

    async def test_a_deleted_mailbox_is_made_again(self):
        await self.account.create(name("lists"))
        await self.append(mail("one"), mailbox=await self.account.mailbox(name("lists")))
        await self.account.delete(name("lists"))
        self.assertEqual(await self.account.undelete(name("lists"), 0), 1)
        lists = await self.account.mailbox(name("lists"))
        self.assertEqual(await self.octets(1, lists), mail("one"))

    async def test_into_another_mailbox(self):
        await self.append(mail("one"))
        await self.expunge(1)
        self.assertEqual(await self.account.undelete(INBOX, 0, name("Recovered")), 1)
        self.assertEqual((await self.account.status(name("Recovered"))).messages, 1)
        self.assertEqual((await self.account.status(INBOX)).messages, 0)

    async def test_only_what_was_expunged_since(self):
        await self.append(mail("one"))
        await self.expunge(1)
        self.assertEqual(await self.account.expunged(2**40), [])
        self.assertEqual(await self.account.undelete(INBOX, 2**40), 0)
        self.assertEqual(await self.account.forget_expunged(None, 2**40), 0)

    async def test_no_room(self):
        await self.append(mail("one"), mail("two"))
        await self.expunge(1)
        await self.store.set_quota("ada", OwnQuota(messages=1))
        await self.assert_raises(OverQuota, self.account.undelete(INBOX, 0))
        self.assertEqual(list(await self.listed()), [INBOX])

    async def test_room_for_some_and_how_many_that_were(self):
        await self.append(*(mail(str(number)) for number in range(450)))
        await self.expunge(*range(1, 451))
        await self.store.set_quota("ada", OwnQuota(messages=401))
        back = []
        await self.assert_raises(OverQuota, self.account.undelete(INBOX, 0, back=back.append))
        self.assertEqual(sum(back), 400)
        self.assertEqual((await self.account.status(INBOX)).messages, 400)

    async def test_many(self):
        await self.append(*(mail(str(number)) for number in range(450)))
        await self.expunge(*range(1, 451))
        self.assertEqual(await self.account.undelete(INBOX, 0), 450)
        self.assertEqual(await self.octets(451), mail("0"))
        self.assertEqual(await self.octets(900), mail("449"))

    async def test_gone_for_good(self):
        await self.append(mail("one"), mail("two"), mail("copied"))
        await self.inbox.copy(uids(3), name("Archive"))
        await self.expunge(1, 3)
        self.assertEqual(await self.account.forget_expunged(name("Trash"), 0), 0)
        self.assertEqual(await self.account.forget_expunged(INBOX, 0), 2)
        self.assertEqual(await self.account.undelete(INBOX, 0), 0)
        self.assertEqual(list(await self.column(Field.SIZE)), [2])
        self.assertEqual(await self.octets(1, await self.account.mailbox(name("Archive"))), mail("copied"))
