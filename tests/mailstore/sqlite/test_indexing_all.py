"""All accounts of a folder are indexed, whatever is wrong with one of them."""

import fcntl
import os
import time
from io import StringIO

import apsw

from mailstore.model import MailboxName
from mailstore.query import Body
from mailstore.sqlite.index import keeping
from mailstore.sqlite.index.files import index_path
from mailstore.sqlite.index.keeping import Keeper, keep_indexed
from mailstore.sqlite.index.upkeep import Upkeep
from tests.mailstore.contract import EVERYONE, mail, uids
from tests.mailstore.sqlite.indexing import IndexCase


def upto(account):
    with apsw.Connection(str(index_path(account))) as connection:
        return connection.execute("SELECT upto FROM made").fetchone()[0]


class KeeperTest(IndexCase):
    async def setUp(self):
        await super().setUp()
        self.patch(keeping, "YOUNG", 0)
        self.adas = self.account.database.path
        self.bob = await self.in_another_folder()
        self.bobs = self.bob.database.path
        self.keeper = Keeper(self.adas.parent.parent.parent)
        self.addCleanup(self.keeper.close)

    async def in_another_folder(self):
        """Return the account of a new user in another folder than ada's, of which there are 256."""
        while (user := await self.store.add_user("bob", "hash")).account[:2] == self.account.id[:2]:
            await self.store.delete_user("bob")
        return await self.store.account(user.account)

    @property
    def path(self):
        return self.adas

    def look_and_work(self):
        """Return which accounts had something to do."""
        self.keeper.look()
        had = set(self.keeper.due)
        while self.keeper.due:
            self.keeper.work()
        return had

    def ring(self, account, seconds=0):
        """Let a bell have been rung some time ago."""
        os.utime(account.with_suffix(".bell"), (time.time() - seconds,) * 2)

    async def test_those_whose_bell_was_rung(self):
        self.assertEqual(self.look_and_work(), {self.adas, self.bobs})
        self.assertEqual(self.look_and_work(), set())
        await self.append(mail("one"), mail("two"))
        self.assertEqual(self.look_and_work(), {self.adas})
        self.assertEqual((upto(self.adas), upto(self.bobs)), (2, 0))
        self.assertEqual(await self.inbox.search(Body("two"), EVERYONE), uids(2))

    async def test_one_that_is_removed_meanwhile_hides_no_other(self):
        root = self.adas.parent.parent.parent
        bells = keeping._bells(root)
        first, _ = next(bells)
        other = self.bobs if first == self.adas else self.adas
        for number in range(3):
            other.with_name(f"{number}.bell").symlink_to("nowhere")  # listed, and not there
        self.assertEqual([account for account, _ in bells], [other])
        self.assertEqual(list(keeping._bells(root / "not there")), [])

    async def test_one_that_was_rung_just_now_is_looked_at_again(self):
        self.patch(keeping, "YOUNG", 10 * 10**9)
        for seconds, again in ((0, True), (20, False)):
            self.ring(self.adas, seconds)
            self.look_and_work()
            self.assertEqual(self.adas in self.look_and_work(), again)

    async def test_each_in_turn(self):
        inbox = await self.bob.mailbox(MailboxName("INBOX"))
        await self.append(*(mail(f"{number}") for number in range(9)))
        await self.append(*(mail(f"{number}") for number in range(9)), mailbox=inbox)
        self.keeper.look()
        for _ in range(4):
            self.keeper.work()
        self.assertEqual((upto(self.adas), upto(self.bobs)), (6, 6))

    async def test_damage_stops_no_other(self):
        self.look_and_work()
        await self.append(mail("one"))
        await self.append(mail("two"), mailbox=await self.bob.mailbox(MailboxName("INBOX")))
        whole = self.adas.read_bytes()
        self.patch(keeping.sys, "stderr", said := StringIO())
        self.keeper.close()
        self.patch(keeping, "Upkeep", self.failing)
        self.assertEqual(self.look_and_work(), {self.adas, self.bobs})
        self.assertEqual((upto(self.adas), upto(self.bobs)), (0, 1))
        self.assertIn(str(self.adas), said.getvalue())
        self.assertEqual(self.look_and_work(), set())
        self.broken = False
        self.patch(keeping, "RETRY_SECONDS", 0.0)
        self.keeper._not_before = {self.adas: 0.0}
        self.assertEqual(self.look_and_work(), {self.adas})
        self.assertEqual(upto(self.adas), 1)
        self.assertEqual(self.adas.read_bytes(), whole)

    broken = True

    def failing(self, account):
        if account == self.adas and self.broken:
            raise apsw.CorruptError("as if")
        return Upkeep(account)

    async def test_one_whose_index_was_thrown_away(self):
        await self.append(mail("one"))
        self.look_and_work()
        self.discard()
        self.account.bell.ring()
        self.look_and_work()
        self.assertEqual(upto(self.adas), 1)

    async def test_one_that_was_removed(self):
        self.look_and_work()
        folder = self.bobs.parent
        await self.store.delete_user("bob")
        self.assertEqual(self.look_and_work(), set())
        self.assertEqual([file.name for file in folder.iterdir() if self.bobs.stem in file.name], [])

    async def test_few_stay_open_and_none_for_long(self):
        self.patch(keeping, "OPEN", 1)
        self.look_and_work()
        self.assertEqual(len(self.keeper._open), 1)
        self.patch(keeping, "IDLE_SECONDS", -1.0)
        self.look_and_work()
        self.assertEqual(len(self.keeper._open), 0)

    async def test_nothing_while_space_is_short(self):
        await self.append(mail("one"))
        self.patch(keeping.os, "nice", lambda _: None)
        turns = []
        self.patch(keeping, "is_short", lambda folder: len(turns) < 10)
        keep_indexed(self.place, lambda seconds: turns.append(seconds) or len(turns) > 9)
        self.assertFalse(index_path(self.adas).exists())
        keep_indexed(self.place, lambda seconds: turns.append(seconds) or len(turns) > 40)
        self.assertEqual(upto(self.adas), 1)

    async def test_a_look_that_others_keep_waiting_is_no_dearer(self):
        waits = []
        self.patch(keeping.os, "nice", lambda _: None)
        self.patch(Keeper, "look", lambda _: time.sleep(0.05))
        keep_indexed(self.place, lambda seconds: waits.append(seconds) or len(waits) > 1)
        self.assertLessEqual(waits[1], keeping.LOOK_SECONDS)

    async def test_until_the_end(self):
        await self.append(mail("one"))
        waits = []

        def ended(seconds):
            waits.append(seconds)
            return len(waits) > 20

        self.patch(keeping.os, "nice", lambda _: None)
        keep_indexed(self.place, ended)
        self.assertEqual(upto(self.adas), 1)
        with open(f"{self.place}/indexer.lock", "w") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            waits.clear()
            self.discard()
            keep_indexed(self.place, ended)
        self.assertFalse(index_path(self.adas).exists())


