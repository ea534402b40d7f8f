"""NOOP sees what was acknowledged to anybody before it was sent, and asks the store no oftener than that needs."""

from mailstore.errors import Unavailable
from mailstore.sqlite.bell import Bell
from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred


@run_as_deferred
class DeafTest(ConnectionTestCase):
    """A session that hears no bell, as if another process wrote and its bell came later."""

    async def start(self, **settings):
        await super().start(**settings)
        await self.server.deliver("ada", "INBOX", b"one")
        self.client = await self.server.connect().login(mailbox="INBOX")
        session = self.client.connection.session
        session.account.feed.unsubscribe(session._rung)
        self.asked = []
        ask = session.mailbox.changes_since
        session._mailbox.changes_since = lambda *since: self.asked.append(since) or ask(*since)

    async def answer(self, tag, exists):
        """Check whether the answer with `tag` says that there are two messages."""
        self.assertEqual(b"* 2 EXISTS" in await self.client.answer(tag), exists, tag)

    async def deliver(self):
        await self.server.deliver("ada", "INBOX", b"two")

    async def test_it_asks_if_anything_was_done_since_the_last_question(self):
        for _ in range(2):
            await self.client.succeeds(b"NOOP")
            self.assertEqual(len(self.asked), 1)
        await self.deliver()
        self.assertIn(b"* 2 EXISTS", await self.client.succeeds(b"NOOP"))
        self.assertEqual(len(self.asked), 2)

    async def test_it_asks_each_time_where_nobody_can_say_whether_anything_was_done(self):
        self.patch(Bell, "stamp", lambda _: None)
        for times in 1, 2:
            await self.client.succeeds(b"NOOP")
            self.assertEqual(len(self.asked), times)
        await self.deliver()
        self.assertIn(b"* 2 EXISTS", await self.client.succeeds(b"NOOP"))

    async def test_what_was_done_before_the_mailbox_was_selected_is_known(self):
        await self.client.succeeds(b"NOOP")
        await self.deliver()
        self.assertIn(b"* 2 EXISTS", await self.client.succeeds(b"SELECT INBOX"))
        await self.server.deliver("ada", "INBOX", b"three")
        self.assertIn(b"* 3 EXISTS", await self.client.succeeds(b"NOOP"))

    async def test_a_change_of_flags_is_heard_however_many_ask(self):
        other = await self.server.connect().login(mailbox="INBOX")
        for command in b"STORE 1 +FLAGS (\\Seen)", b"STORE 1 -FLAGS (\\Seen)", b"STORE 1 +FLAGS (\\Seen)":
            await other.succeeds(command)
            self.assertIn(b"* 1 FETCH", b"".join(await self.client.succeeds(b"NOOP")))
            self.assertNotIn(b"FETCH", b"".join(await self.client.succeeds(b"NOOP")))

    async def test_one_question_for_what_came_in_before_it(self):
        await self.deliver()
        self.client.send(b"a NOOP\r\nb NOOP\r\nc NOOP\r\n")
        await self.answer(b"a", exists=True)
        await self.answer(b"c", exists=False)
        self.assertEqual(len(self.asked), 1)

    async def test_a_command_that_came_in_later_asks_again(self):
        self.client.send(b"a NOOP\r\nb NOOP\r\n")
        await self.answer(b"b", exists=False)
        await self.deliver()
        self.client.send(b"c NOOP\r\n")
        await self.answer(b"c", exists=True)

    async def test_so_does_one_whose_end_came_in_later(self):
        self.client.send(b"a NOOP\r\nb NOO")
        await self.answer(b"a", exists=False)
        await self.deliver()
        self.client.send(b"P\r\n")
        await self.answer(b"b", exists=True)

    async def test_so_does_one_that_came_in_while_the_question_was_asked(self):
        """The command before was sent earlier, and may have been asked for when less had been acknowledged."""
        ask = self.client.connection.session._mailbox.changes_since

        async def ask_and_receive(*since):
            changes = await ask(*since)
            if len(self.asked) == 1:
                await self.deliver()
                self.client.send(b"b NOOP\r\n")
            return changes

        self.client.connection.session._mailbox.changes_since = ask_and_receive
        self.client.send(b"a NOOP\r\n")
        await self.answer(b"a", exists=False)
        await self.answer(b"b", exists=True)

    async def test_idle_between_two(self):
        self.client.send(b"a NOOP\r\nb IDLE\r\n")
        await self.answer(b"a", exists=False)
        self.assertEqual(await self.client.line(), b"+ idling")
        await self.deliver()
        self.client.send(b"DONE\r\nc NOOP\r\n")
        await self.answer(b"b", exists=False)
        await self.answer(b"c", exists=True)

    async def test_a_question_that_failed_is_asked_again(self):
        session = self.client.connection.session
        ask, session._mailbox.changes_since = session._mailbox.changes_since, self.fail_once
        self._ask = ask
        await self.deliver()
        self.client.send(b"a NOOP\r\nb NOOP\r\n")
        await self.answer(b"a", exists=False)
        await self.answer(b"b", exists=True)

    async def fail_once(self, *since):
        self.client.connection.session._mailbox.changes_since = self._ask
        raise Unavailable("the disk is full")


@run_as_deferred
class OwnChangesTest(ConnectionTestCase):
    async def test_what_was_changed_between_two_noops_of_one_segment_is_told(self):
        client = await self.server.connect().login(mailbox="INBOX")
        client.send(b"a NOOP\r\nb APPEND INBOX {3+}\r\none\r\nc NOOP\r\nd STORE 1 +FLAGS (\\Seen)\r\ne NOOP\r\n")
        told = await client.answer(b"e")
        self.assertIn(b"* 1 EXISTS", told)
        self.assertEqual(len([line for line in told if line.startswith(b"* 1 FETCH")]), 1)

    async def test_what_others_changed_meanwhile_is_told(self):
        """A session that waits for its own change hears of another's that was acknowledged before its own."""
        await self.server.deliver("ada", "INBOX", b"one")
        ours, other = [await self.server.connect().login(mailbox="INBOX") for _ in range(2)]
        other.send(b"x STORE 1 +FLAGS (\\Seen)\r\n")
        ours.send(b"a NOOP\r\nb CREATE new\r\nc NOOP\r\n")
        await other.answer()
        told = await ours.answer(b"c")
        self.assertRegex(b" ".join(told), rb"\* 1 FETCH \(UID 1 FLAGS \(\\Seen")
