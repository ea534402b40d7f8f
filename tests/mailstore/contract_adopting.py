"""Mailboxes come from elsewhere with UIDVALIDITY and UIDs, and resume where they ended."""

from mailstore.changes import Origin
from mailstore.errors import Conflict, NotFound, OverQuota
from mailstore.interfaces import NewMessage
from mailstore.model import Field, OwnQuota, Uid
from mailstore.names import INBOX
from mailstore.spool import Spool
from mailstore.uidset import EMPTY, UidSet
from tests.mailstore.contract import EVERYONE, StoreCase, mail, name, uids

VALIDITY = 1_234_567_890


def bringing(*wanted: int | None) -> list[NewMessage]:
    """Return messages that bring UIDs."""
    return [NewMessage(Spool(mail(str(uid))), uid=None if uid is None else Uid(uid)) for uid in wanted]


class AdoptingContract(StoreCase):
    async def test_an_unused_mailbox_becomes_the_one_elsewhere(self):
        await self.inbox.adopt(VALIDITY, Uid(100))
        first = await self.inbox.append(bringing(3, 7, 8))
        second = await self.inbox.append(bringing(20))
        self.assertEqual((first.uids, second.uids), (uids(3, 7, 8), uids(20)))
        self.assertEqual({first.uid_validity, second.uid_validity}, {VALIDITY})
        self.assertEqual(await self.octets(7), mail("7"))
        status = (await self.inbox.snapshot()).status
        self.assertEqual((status.uid_validity, status.uid_next, status.messages), (VALIDITY, 21, 4))
        await self.inbox.finish()
        self.assertEqual((await self.account.status(INBOX)).uid_next, 100)
        self.assertEqual(await self.append(), uids(100))
        await self.reopen()
        self.assertEqual((await self.inbox.snapshot()).uids, uids(3, 7, 8, 20, 100))

    async def test_who_looks_on_is_told_of_it(self):
        before = await self.account.state()
        rung = []
        self.account.feed.subscribe(lambda: rung.append(1))
        await self.inbox.adopt(VALIDITY, Uid(9))
        await self.inbox.append(bringing(2, 5))
        changes = await self.inbox.changes_since(before)
        self.assertEqual((changes.changed, changes.uid_next), (uids(2, 5), 6))
        self.assertTrue(rung)
        self.assertEqual(set((await self.column(Field.MODSEQ)).values()), {before + 2})

    async def test_what_comes_in_meanwhile_gets_no_uid_of_elsewhere(self):
        await self.inbox.adopt(VALIDITY, Uid(100))
        await self.inbox.append(bringing(1))
        self.assertEqual(await self.append(), uids(100))
        self.assertEqual((await self.inbox.append(bringing(2, 100, 500))).uids, uids(101, 102, 103))
        await self.inbox.adopt(VALIDITY, Uid(200))
        self.assertEqual((await self.inbox.append(bringing(2, 150, None, 160))).uids, uids(200, 201, 202, 203))

    async def test_copies_get_no_uid_of_elsewhere(self):
        await self.append()
        await self.account.create(name("work"))
        work = await self.account.mailbox(name("work"))
        await work.adopt(VALIDITY, Uid(50))
        copied = await self.inbox.copy(EVERYONE, name("work"))
        self.assertEqual((copied.target, copied.uid_validity), (uids(50), VALIDITY))

    async def test_what_brings_a_uid_that_is_not_adopted_gets_the_next(self):
        self.assertEqual((await self.inbox.append(bringing(7, None, 3))).uids, uids(1, 2, 3))
        await self.account.create(name("work"))
        work = await self.account.mailbox(name("work"))
        await work.adopt(VALIDITY, Uid(10))
        self.assertEqual((await work.append(bringing(4, None, 5, 20))).uids, uids(4, 10, 11, 12))
        self.assertEqual((await work.append(bringing(20))).uids, uids(13))

    async def test_uids_adopted_later_go_on(self):
        await self.inbox.adopt(VALIDITY, Uid(3))
        await self.inbox.append(bringing(1, 2))
        await self.inbox.finish()
        await self.inbox.adopt(VALIDITY, Uid(9))
        self.assertEqual((await self.inbox.append(bringing(6, 8))).uids, uids(6, 8))
        await self.inbox.adopt(VALIDITY, Uid(4))
        await self.inbox.finish()
        self.assertEqual((await self.account.status(INBOX)).uid_next, 9)

    async def test_a_mailbox_that_held_messages_keeps_its_own(self):
        await self.append()
        validity = (await self.account.status(INBOX)).uid_validity
        await self.assert_raises(Conflict, self.inbox.adopt(VALIDITY, Uid(9)))
        self.assertEqual((await self.account.status(INBOX)).uid_validity, validity)
        await self.inbox.adopt(validity, Uid(9))
        self.assertEqual(await self.append(), uids(9))

    async def test_a_uid_validity_is_one_mailboxs_for_ever(self):
        await self.account.create(name("work"))
        work = await self.account.mailbox(name("work"))
        own = (await self.account.status(INBOX)).uid_validity
        await self.assert_raises(Conflict, work.adopt(own, Uid(9)))
        await work.adopt(VALIDITY, Uid(9))
        await self.assert_raises(Conflict, self.inbox.adopt(VALIDITY, Uid(9)))
        await self.account.delete(name("work"))
        await self.assert_raises(Conflict, self.inbox.adopt(VALIDITY, Uid(9)))
        await self.assert_raises(NotFound, work.adopt(VALIDITY, Uid(9)))
        await self.assert_raises(NotFound, work.finish())
        self.assertEqual((await self.account.status(INBOX)).uid_validity, own)

    async def test_an_adopted_uid_validity_is_not_made_again(self):
        last = (await self.account.status(name("Archive"))).uid_validity
        ahead = last + 1000
        await self.inbox.adopt(ahead, Uid(9))
        found = set()
        for number in range(1003):
            await self.account.create(name(f"m{number}"))
            found.add((await self.account.status(name(f"m{number}"))).uid_validity)
        self.assertNotIn(ahead, found)
        self.assertEqual(len(found), 1003)

    async def test_what_cannot_be_adopted(self):
        for validity, uid_next in ((0, 1), (-1, 1), (1 << 32, 1), (1, 0), (1, 0xFFFF_FFFF), (1, 1 << 40)):
            await self.assert_raises(Conflict, self.inbox.adopt(validity, Uid(uid_next)))
        await self.inbox.adopt(0xFFFF_FFFF, Uid(1))
        await self.account.create(name("next"))

    async def test_which_were_brought_is_noted_with_the_messages(self):
        self.assertEqual(await self.inbox.brought("there", 5), EMPTY)
        for noted in ((1, 2), (5,), (9, 10, 11), (4, 6), (3, 20), (5,), (12,)):
            await self.inbox.append(bringing(None), Origin("there", 5, uids(*noted)))
        await self.inbox.append(bringing(None), Origin("there", 6, uids(1)))
        found = [await self.inbox.brought("there", each) for each in (4, 5, 6)]
        self.assertEqual(found, [EMPTY, UidSet([(1, 6), (9, 12), (20, 20)]), uids(1)])
        self.assertEqual(await self.inbox.brought("here", 5), EMPTY)
        await self.reopen()
        self.assertEqual(await self.inbox.brought("there", 6), uids(1))

    async def test_what_is_here_already_is_noted_without_a_message(self):
        before = await self.account.state()
        appended = await self.inbox.append([], Origin("there", 5, uids(7)))
        self.assertEqual((appended.uids, appended.modseq), (EMPTY, before))
        self.assertEqual(await self.inbox.brought("there", 5), uids(7))

    async def test_what_fails_is_not_noted(self):
        await self.store.set_quota("ada", OwnQuota(messages=1))
        await self.inbox.adopt(VALIDITY, Uid(9))
        await self.assert_raises(OverQuota, self.inbox.append(bringing(1, 2), Origin("there", VALIDITY, uids(1, 2))))
        self.assertEqual(await self.inbox.brought("there", VALIDITY), EMPTY)
        appended = await self.inbox.append(bringing(1), Origin("there", VALIDITY, uids(1)))
        self.assertEqual(appended.uids, uids(1))

    async def test_a_mailbox_that_is_removed_forgets_what_was_brought(self):
        await self.account.create(name("work"))
        work = await self.account.mailbox(name("work"))
        await work.append(bringing(1), Origin("there", 5, uids(1)))
        await self.account.delete(name("work"))
        await self.account.create(name("work"))
        work = await self.account.mailbox(name("work"))
        self.assertEqual(await work.brought("there", 5), EMPTY)

    async def test_gaps_cost_no_more_than_runs(self):
        await self.inbox.adopt(VALIDITY, Uid(10_000))
        wanted = list(range(1, 3000, 3))
        for start in range(0, len(wanted), 100):
            await self.inbox.append(bringing(*wanted[start : start + 100]))
        self.assertEqual((await self.inbox.snapshot()).uids, UidSet.from_uids(wanted))
