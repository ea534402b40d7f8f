"""Contents that are as far from the UIDs as those of the batch before are told without being spelled."""

from mailstore.errors import Corrupt
from mailstore.interfaces import NewMessage
from mailstore.model import Field, StoreFlags
from mailstore.spool import Spool
from mailstore.sqlite import selections
from mailstore.uidset import UidSet
from tests.mailstore.contract import EVERYONE, SUBJECT, flags, mail, name, uids
from tests.mailstore.sqlite.case import SqliteCase

BATCH = 10
MANY = 60


class DistanceCase(SqliteCase):
    renderings = (SUBJECT,)

    async def setUp(self):
        await super().setUp()
        self.patch(selections, "BLOCK", BATCH)
        self.patch(selections, "_MANY", 2)
        self.told = []
        at = selections._at
        self.patch(selections, "_at", lambda *where: self.told.append(where) or at(*where))
        await self.reopen()

    async def letters(self, *subjects):
        spools = [Spool(mail("body", each)) for each in subjects]
        await self.inbox.append([NewMessage(spool) for spool in spools])
        for spool in spools:
            spool.close()

    async def assert_subjects(self, *subjects, within=EVERYONE):
        for source in (SUBJECT, Field.SIZE):
            found = await self.column(source, within)
            said = [len(mail("body", each)) if source is Field.SIZE else each.encode() for each in subjects]
            self.assertEqual(list(found.values()), said)


class TestContents(DistanceCase):
    async def test_of_one_import_are_spelled_for_the_first_batch_alone(self):
        subjects = [f"s{each}" for each in range(MANY)]
        await self.letters(*subjects)
        await self.assert_subjects(*subjects)
        self.assertEqual([block.first for _, block in self.told], [*range(BATCH + 1, MANY, BATCH)])

    async def test_that_are_further_away_from_the_middle_of_a_batch_on(self):
        first, last = [f"a{each}" for each in range(35)], [f"b{each}" for each in range(35)]
        await self.letters(*first)
        await self.append(mail("body", "other"), mailbox=await self.account.mailbox(name("Sent")))
        await self.letters(*last)
        await self.assert_subjects(*first, *last)

    async def test_of_which_one_in_the_middle_of_a_batch_came_before(self):
        subjects = [f"s{each}" for each in range(MANY)]
        subjects[25] = subjects[3]
        await self.letters(*subjects)
        await self.assert_subjects(*subjects)

    async def test_of_a_mailbox_with_gaps(self):
        subjects = [f"s{each}" for each in range(MANY)]
        await self.letters(*subjects)
        await self.inbox.store(uids(5, 17, 18, 33), StoreFlags.ADD, flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)
        left = [each for each in range(1, MANY + 1) if each not in (5, 17, 18, 33)]
        await self.assert_subjects(*(subjects[uid - 1] for uid in left), within=UidSet.from_uids(left))
        self.assertTrue(any(block.run_count > 1 for _, block in self.told))

    async def test_of_which_a_damaged_row_has_none(self):
        await self.letters(*(f"s{each}" for each in range(MANY)))
        for _ in range(2):
            await self.account.database.rest()
        has, may_have = "content_id INTEGER NOT NULL", "content_id INTEGER"
        self.change("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'message'", has, may_have)
        self.change("UPDATE message SET content_id = NULL WHERE uid = 25")
        self.change("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'message'", may_have, has)
        await self.reopen()
        await self.assert_raises(Corrupt, self.column(SUBJECT))
        self.assertEqual(len(self.flushLoggedErrors(TypeError)), 1)
        await self.account.database.write(lambda to: to.execute("UPDATE message SET content_id = 25 WHERE uid = 25"))

    def change(self, sql, *bindings):
        connection = self.other_connection()
        connection.execute("PRAGMA writable_schema = 1")
        connection.execute(sql, bindings)
        connection.close()
