"""An account that nobody asks has no connection to its file, and is in use all the same."""

from contextlib import closing

import apsw
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from mailstore.errors import Busy, Corrupt
from mailstore.query import Header
from mailstore.sqlite import connections, marks
from mailstore.sqlite.alone import alone
from mailstore.sqlite.index.upkeep import bring_up_to_date
from tests.mailstore.contract import EVERYONE, mail, name, uids
from tests.mailstore.sqlite.case import SqliteCase


class RestTests(SqliteCase):
    async def setUp(self):
        await super().setUp()
        await self.append()

    @property
    def database(self):
        return self.account.database

    async def rest(self):
        for _ in range(3):
            await self.database.rest()
        self.assertIsNone(self.database._reading)

    async def test_after_a_while_without_a_question(self):
        await self.database.rest()
        await self.account.state()
        await self.database.rest()
        self.assertIsNotNone(self.database._reading)
        await self.rest()
        self.assertFalse(self.path.with_name(f"{self.path.name}-wal").exists())
        self.assertEqual((await self.account.status("INBOX")).messages, 1)
        self.assertEqual(await self.append(), uids(2))

    async def test_until_somebody_comes(self):
        await self.rest()
        again = await self.store.account(self.account.id)
        self.assertIsNotNone(self.database._reading)
        await self.database.rest()
        self.assertIsNotNone(self.database._reading)
        await self.rest()
        await again.release()

    async def test_who_comes_hears_what_is_wrong_when_he_asks(self):
        await self.rest()
        whole = self.path.read_bytes()
        self.path.write_bytes(b"x" * len(whole))
        again = await self.store.account(self.account.id)
        with self.assertRaises(Corrupt):
            await again.state()
        self.path.write_bytes(whole)
        with closing(apsw.Connection(str(self.path))) as other:
            other.pragma("locking_mode", "EXCLUSIVE")
            other.execute("BEGIN EXCLUSIVE; COMMIT")
            busy = await self.store.account(self.account.id)
        self.assertEqual((await busy.status("INBOX")).messages, 1)
        await again.release()
        await busy.release()

    async def test_the_search_index_too(self):
        bring_up_to_date(self.path)
        await self.append(mail("of which the index knows nothing"))
        index, query = self.account.index, Header("subject", "hello")
        found = await self.inbox.search(query, EVERYONE)
        self.assertIsNotNone(index._connection)
        self.assertNotEqual(index.known._values, {})
        for _ in range(3):
            await self.account.rest()
        self.assertIsNone(index._connection)
        self.assertEqual(index.known._values, {})
        self.assertEqual(await self.inbox.search(query, EVERYONE), found)

    async def test_it_is_in_use(self):
        await self.rest()
        with self.assertRaises(Busy), alone(self.path):
            pass
        self.assertEqual((await self.account.status("INBOX")).messages, 1)
        await self.rest()
        await self.account.release()
        await self.store.close()
        self.stores.remove(self.store)
        with alone(self.path), self.assertRaises(Busy), alone(self.path):
            pass
        self.store = self.another_store()

    async def test_who_holds_the_file_for_a_moment_is_waited_for(self):
        await self.rest()
        with closing(apsw.Connection(str(self.path))) as other:
            other.pragma("locking_mode", "EXCLUSIVE")
            other.execute("BEGIN EXCLUSIVE; COMMIT")
            self.assertRaises(Busy, self.database.read_now, lambda _: None)
            asked = Deferred.fromCoroutine(self.account.state())
        await asked

    async def test_news_are_heard(self):
        await self.rest()
        heard = Deferred()
        self.account.feed.subscribe(lambda: heard.called or heard.callback(None))
        other = self.another_store()
        there = await other.account(self.account.id)
        await self.append(mailbox=await there.mailbox(name("INBOX")))
        await heard.addTimeout(5, reactor)

    async def test_what_was_not_heard_is_seen_and_nothing_is_opened_to_see_nothing(self):
        await self.rest()
        self.patch(marks, "_YOUNG_NANOSECONDS", 0)
        self.account.look_again()
        await self.rest()
        for _ in range(2):
            self.account.look_again()
            self.assertIsNone(self.database._reading)
        with closing(connections.writing(self.path)) as other:
            other.execute("UPDATE account SET modseq = modseq + 1")
        heard = []
        self.account.feed.subscribe(lambda: heard.append(1))
        self.account.look_again()
        self.assertEqual(heard, [1])

    async def test_a_look_does_not_keep_it_from_resting(self):
        self.account.feed.subscribe(lambda: None)
        self.account.look_again()
        await self.rest()
        self.account.look_again()  # the log was written back, so the file is another
        self.assertIsNotNone(self.database._reading)
        await self.database.rest()
        self.assertIsNone(self.database._reading)

    async def test_damage_that_came_meanwhile_is_noted(self):
        await self.rest()
        noted = []
        self.database._damaged = noted.append
        whole = self.path.read_bytes()
        self.path.write_bytes(b"x" * len(whole))
        self.assertRaises(Corrupt, self.database.read_now, lambda _: None)
        self.path.write_bytes(whole)
        self.assertEqual(len(noted), 1)
