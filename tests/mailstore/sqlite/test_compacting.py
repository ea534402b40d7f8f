"""A log that forgets still tells what is right."""

import tracemalloc

from mailstore import changes
from mailstore.model import StoreFlags
from mailstore.sqlite import compacting
from tests.mailstore import contract_random
from tests.mailstore.contract import EVERYONE, flags, mail, name, uids
from tests.mailstore.sqlite.case import SqliteCase


class ForgetfulRandomTests(SqliteCase, contract_random.RandomContract):
    """The contract with a log that is compacted all the time, and in the middle."""

    seeds = range(3)

    async def setUp(self):
        await super().setUp()
        self.patch(compacting, "KEPT_CHANGES", 3)
        self.patch(compacting, "KEPT_EXPUNGES", 5)
        self.patch(compacting, "KEPT_MAILBOX_CHANGES", 2)
        self.patch(compacting, "AT_ONCE", 2)

    async def after_step(self):
        await super().after_step()
        if self.random.random() < 0.2:
            await compacting.compact(self.account.database)

    async def compare_log(self, box, snapshot):
        """Leave it out: the log does not begin at the beginning."""


class CompactingTests(SqliteCase):
    async def count(self, kinds="1, 2, 3"):
        sql = f"SELECT count(*) FROM change WHERE kind IN ({kinds})"
        return await self.account.database.read(lambda reader: reader.value(sql))

    async def test_changes_that_are_forgotten_are_told_by_the_messages(self):
        self.patch(compacting, "KEPT_CHANGES", 2)
        await self.append(*map(mail, "abcd"))
        start = await self.account.state()
        await self.inbox.store(uids(1, 3), StoreFlags.ADD, flags("k1"))
        await self.append(mail("e"))
        for keyword in ("k2", "k3", "k4"):
            await self.inbox.store(uids(3), StoreFlags.ADD, flags(keyword))
        whole = await self.inbox.changes_since(start)
        await compacting.compact(self.account.database)
        told = await self.inbox.changes_since(start)
        self.assertEqual((told.upto, told.uid_next), (whole.upto, whole.uid_next))
        self.assertEqual((told.changed, told.expunged), (whole.changed, whole.expunged))
        self.assertEqual({entry.modseq for entry in told.entries}, {start})
        recent = await self.inbox.changes_since(whole.upto - 1)
        self.assertEqual(recent.entries, (changes.FlagsChanged(whole.upto, uids(3)),))

    async def test_as_many_expunges_are_remembered_as_is_promised(self):
        self.patch(compacting, "KEPT_EXPUNGES", 4)
        await self.append(*(mail(str(number)) for number in range(12)), flags=flags("\\Deleted"))
        marks = [await self.account.state()]
        for gone in (uids(1, 3), uids(5), uids(7, 9, 11), uids(2)):
            await self.inbox.expunge(gone)
            marks.append(await self.account.state())
        await compacting.compact(self.account.database)
        told = [list((await self.inbox.changes_since(mark)).expunged) for mark in marks]
        everything = [1, 2, 3, 5, 7, 9, 11]
        self.assertEqual(told, [everything, everything, [2, 7, 9, 11], [2], []])

    async def test_a_mailbox_without_messages_that_forgot_them(self):
        self.patch(compacting, "KEPT_EXPUNGES", 0)
        start = await self.account.state()
        await self.append(mail("a"), mail("b"), flags=flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)
        await compacting.compact(self.account.database)
        self.assertEqual((await self.inbox.changes_since(start)).expunged, uids(1, 2))

    async def test_a_deleted_mailbox_that_forgot(self):
        self.patch(compacting, "KEPT_EXPUNGES", 0)
        sent = await self.account.mailbox(name("Sent"))
        await self.append(mail("a"), mail("b"), mailbox=sent)
        before = await self.account.state()
        await self.account.delete(name("Sent"))
        await compacting.compact(self.account.database)
        self.assertEqual((await sent.changes_since(before)).expunged, uids(1, 2))

    async def test_the_log_stays_short_whatever_one_change_brings(self):
        self.patch(compacting, "KEPT_CHANGES", 5)
        self.patch(compacting, "AT_ONCE", 3)
        await self.append(*(mail(str(number)) for number in range(40)))
        start = await self.account.state()
        await self.inbox.store(uids(*range(1, 40, 2)), StoreFlags.ADD, flags("odd"))
        self.assertEqual(await self.count("2"), 20)
        await compacting.compact(self.account.database)
        self.assertEqual(await self.count("2"), 0)
        self.assertEqual((await self.inbox.changes_since(start)).changed, uids(*range(1, 40, 2)))

    async def test_changes_of_mailboxes(self):
        self.patch(compacting, "KEPT_MAILBOX_CHANGES", 3)
        marks = [await self.account.state()]
        for number in range(5):
            await self.account.create(name(f"work{number}"))
            marks.append(await self.account.state())
        await compacting.compact(self.account.database)
        told = [await self.mailbox_changes_since(mark) for mark in marks]
        self.assertEqual([each and len(each) for each in told], [None, None, 3, 2, 1, []])

    async def test_changes_of_mailboxes_that_are_more_than_anyone_wants_to_hear(self):
        self.patch(compacting.changelog, "LONG", 2)
        start = await self.account.state()
        for number in range(3):
            await self.account.create(name(f"work{number}"))
        self.assertIsNone(await self.mailbox_changes_since(start))


A_MILLION = """
    WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 999999)
    INSERT INTO change (mailbox_id, kind, modseq, first, last) SELECT 1, 3, 10 + n / 1000, 2 * n + 1, 2 * n + 1
    FROM number"""


class MillionTests(SqliteCase):
    async def test_a_million_expunged_one_here_one_there(self):
        """They are remembered in 20 octets each, and to tell of them takes little more memory than the sets."""

        def expunge(writer):
            writer.execute(A_MILLION)
            writer.execute("UPDATE mailbox SET highest_modseq = 1009, uid_next = 2000001 WHERE id = 1")
            writer.execute("UPDATE account SET modseq = 1009")

        before = self.path.stat().st_size
        await self.account.database.write(expunge)
        self.assertLess(self.path.stat().st_size - before, 24 << 20)
        await compacting.compact(self.account.database)
        tracemalloc.start()
        try:
            for since, count in ((0, 1_000_000), (999, 10_000), (1008, 1000)):
                told = await self.inbox.changes_since(since)
                self.assertEqual((told.upto, len(told.expunged)), (1009, count))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        self.assertLess(peak, 32 << 20)
        await self.store.delete_user("ada")
