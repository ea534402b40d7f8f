"""What is asked of one message or of a mailbox's counts takes no more work where there are more messages."""

import re
import tracemalloc

import apsw

from mailstore.model import SEEN, Field, StoreFlags
from mailstore.names import INBOX
from mailstore.query import And, Body, Or, Text
from mailstore.uidset import UidSet
from tests.mailstore.contract import EVERYONE, flags, mail, name, uids
from tests.mailstore.sqlite.case import SqliteCase

GROWS = ("message", "content", "structure", "chunk", "rendering", "uid_run", "change", "thread_reference", "mailbox")
SCAN = re.compile(rf"SCAN ({'|'.join(GROWS)})\b")


class WorkCase(SqliteCase):
    """Counts what SQLite does: the steps of its virtual machine, by tens, and the statements."""

    async def setUp(self):
        self.steps = 0
        self.statements = {}
        apsw.connection_hooks.append(self.watch)
        self.addCleanup(apsw.connection_hooks.remove, self.watch)
        await super().setUp()

    def watch(self, connection):
        connection.set_progress_handler(self.step, 10)
        connection.exec_trace = self.trace

    def step(self):
        self.steps += 1
        return False

    def trace(self, cursor, sql, bindings):
        if "accounts" in cursor.connection.filename:
            self.statements[sql] = len(bindings or ())
        return True

    async def questions(self, oldest):
        """Ask and change what a client does all day; yield what of it was done."""
        await self.account.status(INBOX)
        yield "status"
        await self.inbox.snapshot()
        yield "snapshot"
        [_ async for _ in self.inbox.fetch(uids(oldest), [Field.FLAGS, Field.INTERNAL_DATE, Field.MESSAGE])]
        yield "fetch"
        state = await self.account.state()
        await self.inbox.store(uids(oldest), StoreFlags.ADD, flags("\\Flagged"))
        yield "store"
        await self.inbox.store(uids(oldest), StoreFlags.REMOVE, flags("\\Flagged"))
        yield "store"
        await self.inbox.changes_since(state)
        await self.account.changes_since(state)
        yield "changes"
        appended = await self.append(mail(f"after {state}"))
        yield "append"
        copied = await self.inbox.copy(appended, name("Trash"))
        await self.inbox.store(appended, StoreFlags.ADD, flags("\\Deleted", "\\Seen"))
        await self.inbox.expunge(appended)
        yield "expunge"
        trash = await self.account.mailbox(name("Trash"))
        await trash.move(copied.target, name("Junk"))
        yield "move"
        await self.account.listed(name("Trash"))
        yield "listed"


class GrowingTests(WorkCase):
    async def cost(self, oldest):
        """Return the steps of each question."""
        costs = {}
        begin = self.steps
        async for what in self.questions(oldest):
            costs[what] = costs.get(what, 0) + self.steps - begin
            begin = self.steps
        return costs

    async def grow(self, factor):
        for _ in range(factor):
            await self.inbox.copy((await self.inbox.snapshot()).uids, INBOX)

    async def test_no_work_grows_with_the_mailbox(self):
        await self.append(*map(mail, map(str, range(10))))
        await self.inbox.store((await self.inbox.snapshot()).uids, StoreFlags.ADD, frozenset({SEEN}))
        await self.inbox.store(uids(10), StoreFlags.REMOVE, frozenset({SEEN}))
        few = await self.cost(1)
        await self.grow(8)
        # All but the newest are seen: to look for the first unseen from the oldest on would pass all of them.
        seen = (await self.inbox.snapshot()).uids
        await self.inbox.store(seen - UidSet([(seen.last, seen.last)]), StoreFlags.ADD, frozenset({SEEN}))
        many = await self.cost(1)
        self.assertEqual(few.keys(), many.keys())
        for what, steps in few.items():
            self.assertLess(many[what], steps + 30, what)

    async def test_statements_search(self):
        await self.append(*map(mail, map(str, range(10))))
        self.statements.clear()
        async for _ in self.questions(1):
            pass
        self.assertGreater(len(self.statements), 30)
        self.assertEqual(self.scans(), {})

    async def test_opening_and_tidying_search(self):
        """But for the log, which is bounded and read in a thread."""
        await self.append(*map(mail, map(str, range(10))))
        self.statements.clear()
        await self.reopen()
        await self.account.tidy()
        self.assertGreater(len(self.statements), 10)
        self.assertEqual(list(self.scans().values()), [["SCAN change"]])

    def scans(self):
        """Return the statements that read a table whole, and what they read."""
        verbs = ("SELECT", "UPDATE", "DELETE", "INSERT")
        asked = {sql: count for sql, count in self.statements.items() if sql.lstrip().startswith(verbs)}
        connection = self.other_connection()
        whole = {}
        for sql, count in asked.items():
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", [None] * count)]
            scans = list(filter(SCAN.search, plan))
            if scans:
                whole[sql] = scans
        connection.close()
        return whole


class LargeMessageTests(SqliteCase):
    max_message_octets = 16 << 20

    async def test_a_search_takes_little_memory_for_a_large_text(self):
        """One that is not indexed: its octets are mapped, and its text is made piece by piece for each key."""
        octets = mail("some words, and more of them\r\n" * 300_000 + "a needle")
        await self.append(octets)
        query = Or((Text("not there"), And((Body("needle"), Text("words")))))
        tracemalloc.start()
        try:
            self.assertEqual(await self.inbox.search(query, EVERYONE), uids(1))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        self.assertLess(peak, 3 << 20)
