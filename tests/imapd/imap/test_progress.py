"""What a client hears while its command takes long (RFC 9585)."""

from itertools import count

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import SynchronousTestCase, TestCase

from imapd import limits
from imapd.imap.progress import Progress
from imapd.imap.session import Session
from imapd.limits import PROGRESS_SECONDS
from mailstore.sqlite import searching
from mailstore.sqlite.mailbox import Mailbox
from tests.imapd.imap.harness import Server

COUNT = 4


class CodeTest(SynchronousTestCase):
    def code(self, done, goal, tag=b"A001"):
        progress = Progress()
        progress.begin(goal)
        progress.passed(done)
        return progress.code(tag)

    def test_codes(self):
        self.assertEqual(self.code(454, 1000), 'INPROGRESS ("A001" 454 1000)')
        self.assertEqual(self.code(0, 1), 'INPROGRESS ("A001" 0 1)')
        self.assertEqual(self.code(0, 0), 'INPROGRESS ("A001" NIL NIL)')
        self.assertEqual(self.code(7, 0), 'INPROGRESS ("A001" NIL NIL)')

    def test_the_goal_is_not_reached(self):
        self.assertEqual(self.code(1000, 1000), 'INPROGRESS ("A001" 999 1000)')
        self.assertEqual(self.code(1001, 1000), 'INPROGRESS ("A001" 999 1000)')

    def test_a_tag_that_would_end_the_code(self):
        self.assertEqual(self.code(1, 2, b"a]"), "INPROGRESS (NIL 1 2)")


class ProgressTest(TestCase):
    async def setUp(self):
        self.server = await Server(self.mktemp()).start()
        await self.server.deliver("ada", "INBOX", *(b"Subject: %d\r\n\r\n" % number for number in range(COUNT)))
        self.client = await self.server.connect().login("ada", "INBOX")

    async def tearDown(self):
        await self.server.stop()

    def wait(self, seconds):
        self.server.clock.advance(seconds)
        return self.client.taken()

    def holding(self, owner, name, counted=0, passing=0):
        """Make a method of the store wait, after some calls; return what lets it go on."""
        go_on = Deferred()
        method = getattr(owner, name)
        calls = count(1)

        async def held(*args, **named):
            if counted:
                args[-1](counted)
            if next(calls) > passing:
                await go_on
            return await method(*args, **named)

        self.patch(owner, name, held)
        return go_on

    async def test_a_search(self):
        go_on = self.holding(searching, "search", counted=3)
        self.client.send(b"A001 SEARCH TEXT x\r\n")
        self.assertEqual(self.wait(PROGRESS_SECONDS - 1), b"")
        told = b'* OK [INPROGRESS ("A001" 3 4)] still working on it\r\n'
        self.assertEqual(self.wait(1), told)
        self.assertEqual(self.wait(PROGRESS_SECONDS - 1), b"")
        self.assertEqual(self.wait(1), told)
        go_on.callback(None)
        self.assertEqual((await self.client.answer(b"A001"))[0], b"* SEARCH")
        self.assertEqual(self.wait(3 * PROGRESS_SECONDS), b"")

    async def test_many_mailboxes_are_counted_instead(self):
        await self.server.deliver("ada", "Work", b"\r\n")
        go_on = self.holding(searching, "search")
        self.client.send(b"x ESEARCH IN (personal) ALL\r\n")
        self.assertEqual(self.wait(PROGRESS_SECONDS)[:30], b'* OK [INPROGRESS ("x" 2 7)] st')
        go_on.callback(None)
        self.assertEqual(len(await self.client.answer()), 3)

    async def test_what_the_store_does_in_one_step(self):
        go_on = self.holding(Mailbox, "copy")
        self.client.send(b"x COPY 1:2 Trash\r\n")
        self.assertEqual(self.wait(PROGRESS_SECONDS), b'* OK [INPROGRESS ("x" NIL NIL)] still working on it\r\n')
        go_on.callback(None)
        await self.client.answer()

    async def test_what_the_store_does_in_parts(self):
        self.patch(limits, "CHANGED_AT_ONCE", 3)
        for method, command in (
            ("store", b"STORE 1:* +FLAGS.SILENT \\Seen"),
            ("expunge", b"UID EXPUNGE 1:*"),
            ("move", b"MOVE 1:* Trash"),
        ):
            go_on = self.holding(Mailbox, method, passing=1)
            self.client.send(b"x " + command + b"\r\n")
            while self.client.connection.session.progress.done < 3:
                await deferLater(reactor, 0.001)
            self.assertIn(b'* OK [INPROGRESS ("x" 3 4)] still', self.wait(PROGRESS_SECONDS), command)
            go_on.callback(None)
            await self.client.answer()

    async def test_one_command_after_the_other(self):
        go_on = self.holding(searching, "search", counted=3)
        self.client.send(b"x SEARCH ALL\r\n")
        self.wait(PROGRESS_SECONDS)
        go_on.callback(None)
        await self.client.answer()
        go_on = self.holding(Mailbox, "copy")
        self.client.send(b"y NOOP\r\nx COPY 1 Trash\r\n")
        await self.client.answer(b"y")
        self.assertEqual(self.wait(PROGRESS_SECONDS)[:34], b'* OK [INPROGRESS ("x" NIL NIL)] st')
        go_on.callback(None)
        await self.client.answer()

    async def test_never_inside_a_response(self):
        go_on = Deferred()
        drained = Session.drained

        async def held(session):
            await go_on
            await drained(session)

        self.patch(Session, "drained", held)
        self.client.send(b"x SORT (ARRIVAL) UTF-8 ALL\r\n")
        while not self.client.connection.session.responding:
            await deferLater(reactor, 0.001)
        told = self.wait(PROGRESS_SECONDS) + self.wait(PROGRESS_SECONDS)
        go_on.callback(None)
        rest = b"\r\n".join(await self.client.answer())
        self.assertEqual(told + rest, b"* SORT 1 2 3 4\r\nx OK SORT completed")

    async def test_not_while_the_client_is_waited_for(self):
        self.client.send(b"x IDLE\r\n")
        self.assertEqual(self.client.taken(), b"+ idling\r\n")
        self.assertEqual(self.wait(3 * PROGRESS_SECONDS), b"")
        self.client.send(b"DONE\r\n")
        await self.client.answer()
