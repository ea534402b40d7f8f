"""Commands about many messages: changed a part at a time, told a part at a time, in bounded memory."""

import re
import tracemalloc

from imapd import limits
from imapd.doors import outflow
from imapd.imap.news import telling
from mailstore.errors import Unavailable
from mailstore.model import DELETED, StoreFlags
from mailstore.names import INBOX
from mailstore.sqlite import changelog
from mailstore.sqlite.chunks import Chunks
from mailstore.sqlite.contents import CHUNK
from mailstore.sqlite.mailbox import Mailbox
from mailstore.uidset import UidSet
from tests.imapd.imap.harness import patience
from tests.imapd.imap.test_connection import BIG, ConnectionTestCase, run_as_deferred

MESSAGES = [b"Subject: number %d\r\n\r\n" % number for number in range(1, 8)]


@run_as_deferred
class ReadingTest(ConnectionTestCase):
    async def test_a_large_section_is_read_once(self):
        await self.server.deliver("ada", "INBOX", BIG)
        client = await self.server.connect().login(mailbox="INBOX")
        of, read = Chunks.of, []

        async def noted(chunks, place, number, last):
            read.append(number)
            return await of(chunks, place, number, last)

        self.patch(Chunks, "of", noted)
        self.assertIn(BIG, await client.command(b"FETCH 1 BODY.PEEK[]"))
        self.assertEqual(read, list(range(-(-len(BIG) // CHUNK))))


@run_as_deferred
class PartsTest(ConnectionTestCase):
    async def start(self, **settings):
        await super().start(**settings)
        self.patch(limits, "CHANGED_AT_ONCE", 3)
        self.patch(telling, "AT_ONCE", 2)
        await self.server.deliver("ada", "INBOX", *MESSAGES)
        self.client = await self.server.connect().login(mailbox="INBOX")

    def failing(self, name, calls):
        """Let the store's `name` work for some calls and then fail."""
        whole, left = getattr(Mailbox, name), [None] * calls

        async def partly(mailbox, *arguments):
            if not left:
                raise Unavailable("the disk is full")
            left.pop()
            return await whole(mailbox, *arguments)

        self.patch(Mailbox, name, partly)

    async def test_moved_messages_are_told_at_once(self):
        told = await self.client.succeeds(b"MOVE 1:* Archive")
        self.assertRegex(told[0], rb"^\* OK \[COPYUID \d+ 1:7 1:7\]")
        self.assertEqual(told[1:], [b"* %d EXPUNGE" % number for number in range(7, 0, -1)])

    async def test_a_move_that_fails_on_the_way(self):
        self.failing("move", 1)
        answer = await self.client.command(b"MOVE 1:* Archive")
        self.assertRegex(answer, rb"^\* OK \[COPYUID \d+ 1:3 1:3\]")
        self.assertIn(b"* 3 EXPUNGE\r\n* 2 EXPUNGE\r\n* 1 EXPUNGE\r\n", answer)
        self.assertRegex(answer, rb"x NO \[UNAVAILABLE\]")
        self.assertEqual(await self.client.succeeds(b"UID SEARCH ALL"), [b"* SEARCH 4 5 6 7"])

    async def test_a_store_that_fails_on_the_way(self):
        self.failing("store", 2)
        answer = await self.client.command(b"STORE 1:* +FLAGS.SILENT (\\Flagged)")
        self.assertEqual(re.findall(rb"\* (\d) FETCH", answer), [b"%d" % number for number in range(1, 7)])
        self.assertRegex(answer, rb"x NO \[UNAVAILABLE\]")

    async def test_a_silent_store_whose_history_is_long(self):
        self.patch(changelog, "LONG", 2)
        other = await self.server.connect().login(mailbox="INBOX")
        await other.succeeds(b"STORE 7 +FLAGS (\\Answered)")
        told = await self.client.succeeds(b"STORE 1,3,5,7 +FLAGS.SILENT (\\Flagged)")
        self.assertEqual(told, [b"* 7 FETCH (UID 7 FLAGS (\\Answered \\Flagged \\Recent))"])

    async def test_conditional_stores_in_parts(self):
        [told] = [line for line in await self.client.succeeds(b"STATUS INBOX (HIGHESTMODSEQ)") if b"STATUS" in line]
        modseq = int(re.search(rb"HIGHESTMODSEQ (\d+)", told)[1])
        await self.client.succeeds(b"STORE 2,6 +FLAGS.SILENT (\\Seen)")
        answer = await self.client.command(b"STORE 1:* (UNCHANGEDSINCE %d) +FLAGS.SILENT (\\Flagged)" % modseq)
        self.assertIn(b"x OK [MODIFIED 2,6]", answer)
        self.assertEqual(await self.client.succeeds(b"SEARCH FLAGGED"), [b"* SEARCH 1 3 4 5 7"])

    async def test_expunges_in_parts(self):
        await self.client.succeeds(b"STORE 1,3,4,6,7 +FLAGS.SILENT (\\Deleted)")
        told = await self.client.succeeds(b"EXPUNGE")
        self.assertEqual(told, [b"* %d EXPUNGE" % number for number in (7, 6, 4, 3, 1)])

    async def test_vanished_in_parts(self):
        await self.client.succeeds(b"ENABLE QRESYNC")
        await self.client.succeeds(b"STORE 1,3,5,7 +FLAGS.SILENT (\\Deleted)")
        self.client.send(b"x EXPUNGE\r\n")
        *told, ending = await self.client.answer()
        self.assertEqual(told, [b"* VANISHED 1,3", b"* VANISHED 5,7"])
        self.assertRegex(ending, rb"^x OK \[HIGHESTMODSEQ \d+\]")


@run_as_deferred
class ScatteredTest(ConnectionTestCase):
    """A mailbox of which every other message is gone."""

    messages = 1 << 14

    async def start(self, **settings):
        await super().start(**settings)
        await self.server.deliver("ada", "INBOX", MESSAGES[0])
        account = await self.server.store.account((await self.server.store.user("ada")).account)
        inbox = await account.mailbox(INBOX)
        while len(uids := (await inbox.snapshot()).uids) < self.messages:
            await inbox.copy(uids, INBOX)
        odd = UidSet.ascending((uid, uid) for uid in range(1, self.messages, 2))
        await inbox.store(odd, StoreFlags.ADD, frozenset({DELETED}))
        await inbox.expunge(odd)
        await account.release()
        self.client = await self.server.connect(room=1 << 16).login(mailbox="INBOX")

    async def peak(self, command):
        """Return how many octets a command took in memory, beyond those of its answer."""
        tracemalloc.start()
        try:
            answer = await self.client.command(command)
            return tracemalloc.get_traced_memory()[1] - 3 * len(answer), answer
        finally:
            tracemalloc.stop()

    async def test_memory_of_answers(self):
        runs = self.messages // 2
        for command in (b"SEARCH ALL", b"UID SEARCH RETURN (ALL) ALL", b"UID FETCH 1:* (FLAGS)"):
            octets, answer = await self.peak(command)
            self.assertIn(b"%d" % runs, answer)
            self.assertLess(octets, 40 * runs + (1 << 20), command)

    async def test_a_slow_client_holds_up_long_codes(self):
        self.patch(outflow, "GATHER", 1 << 12)
        slow, last = await self.server.connect(room=1000).login(mailbox="INBOX"), self.messages
        for command, code in (
            (b"COPY 1:* Archive", rb"x OK \[COPYUID \d+ 2,4,6,.*,%d 1:%d\] COPY" % (last, last // 2)),
            (rb"UID STORE 1:* (UNCHANGEDSINCE 1) FLAGS (\Seen)", rb"x OK \[MODIFIED 2,4,6,.*,%d\] STORE" % last),
            (rb"STORE 1:* (UNCHANGEDSINCE 1) FLAGS (\Seen)", rb"x OK \[MODIFIED 1:%d\] STORE" % (last // 2)),
            (b"MOVE 1:* Junk", rb"\* OK \[COPYUID \d+ 2,4,6,.*,%d 1:%d\] moved" % (last, last // 2)),
        ):
            slow.send(b"x " + command + b"\r\n")
            waits = patience()
            while b"[" not in slow.transport.value():
                if b"FETCH" in slow.transport.value():
                    slow.transport.empty()
                await waits("a code", slow.transport.value())
            await self.client.succeeds(b"NOOP")
            self.assertLess(len(slow.transport.value()), 20_000, command)
            answer = await slow.answer()
            self.assertTrue(any(re.match(code, line) for line in answer), command)

    async def test_memory_of_expunges(self):
        await self.client.succeeds(b"STORE 1:* +FLAGS.SILENT (\\Deleted)")
        octets, answer = await self.peak(b"EXPUNGE")
        self.assertEqual(answer.count(b"EXPUNGE\r\n"), self.messages // 2)
        self.assertLess(octets, 40 * (self.messages // 2) + (1 << 20))
