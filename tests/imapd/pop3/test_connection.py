"""One connection: time, order, back-pressure, the lock, and what is left when it ends."""

from twisted.internet.defer import Deferred

from imapd import limits
from imapd.doors.outflow import GATHER
from imapd.pop3.maildrop import AHEAD
from mailstore.errors import Corrupt, Unavailable
from mailstore.sqlite.chunks import Chunks
from mailstore.sqlite.mailbox import Mailbox
from tests.imapd.imap.test_connection import run_as_deferred
from tests.imapd.pop3.case import LETTER, Pop3Case

REMOTE = "192.0.2.1"
BIG = b"Subject: big\r\n\r\n" + b"0123456789abcd\r\n" * (5 << 16)


@run_as_deferred
class TimeTest(Pop3Case):
    async def test_a_minute_to_log_in_whatever_is_said_meanwhile(self):
        client = self.connect()
        await client.answer()
        for _ in range(3):
            self.server.clock.advance(19)
            await client.succeeds(b"USER ada")
        self.server.clock.advance(limits.LOGIN_SECONDS - 3 * 19 - 1)
        self.assertFalse(client.transport.disconnecting)
        self.server.clock.advance(1)
        await client.ended()
        self.assertEqual(client.taken(), b"")

    async def test_ten_minutes_then_the_end_without_a_word_and_nothing_deleted(self):
        await self.deliver(LETTER)
        client = await self.connect().login()
        await client.succeeds(b"DELE 1")
        self.server.clock.advance(599)
        await client.succeeds(b"NOOP")
        self.server.clock.advance(599)
        self.assertFalse(client.transport.disconnecting)
        self.server.clock.advance(1)
        await self.empty()
        self.assertEqual(client.taken(), b"")
        again = await self.connect().login()
        self.assertEqual(await again.succeeds(b"STAT"), b"+OK 1 %d" % len(LETTER))

    async def test_a_client_that_does_not_take_its_answer_is_dropped(self):
        await self.deliver(BIG)
        client = await self.connect(room=1 << 16).login()
        client.send(b"RETR 1\r\n")
        self.assertTrue(client.transport.full)
        self.assertLess(len(client.transport.value()), 4 * GATHER)
        self.server.clock.advance(600)
        await client.ended()

    async def test_a_client_that_takes_it_slowly_is_not(self):
        await self.deliver(BIG)
        client = await self.connect(room=1 << 16).login()
        client.send(b"RETR 1\r\n")
        got = b""
        while not got.endswith(b"\r\n.\r\n"):
            self.server.clock.advance(500)
            got += await client.octets(1) + client.taken()
        self.assertEqual(got.partition(b"\r\n")[2], BIG + b".\r\n")
        self.assertEqual(self.logged("slow"), [])

    async def test_nor_one_that_takes_the_answers_to_many_commands_slowly(self):
        await self.deliver(*[LETTER + b"hello\r\n" * 5000] * 20)
        client = await self.connect(room=1 << 16).login()
        client.send(b"".join(b"RETR %d\r\n" % number for number in range(1, 21)))
        got = b""
        while got.count(b"\r\n.\r\n") < 20:
            self.server.clock.advance(200)
            got += await client.octets(1) + client.taken()
        self.assertFalse(client.transport.disconnecting)


@run_as_deferred
class OrderTest(Pop3Case):
    async def test_pipelined_commands_are_answered_in_order_and_in_one_write(self):
        await self.deliver(*[LETTER] * 3)
        client = await self.connect().login()
        before = client.transport.writes
        client.send(b"DELE 2\r\nSTAT\r\nLIST 1\r\nNOOP\r\nRSET\r\n" + b"NOOP\r\n" * 200)
        answers = client.taken_lines()
        self.assertEqual(answers[1:3], [b"+OK 2 %d" % (2 * len(LETTER)), b"+OK 1 %d" % len(LETTER)])
        self.assertEqual(len(answers), 205)
        self.assertEqual(client.transport.writes, before + 1)

    async def test_a_whole_session_in_one_segment(self):
        await self.deliver(LETTER, LETTER)
        client = self.connect()
        client.send(b"USER ada\r\nPASS secret\r\nSTAT\r\nRETR 1\r\nDELE 1\r\nQUIT\r\nSTAT\r\n")
        await client.ended()
        answers = client.taken_lines()
        self.assertEqual(answers[3], b"+OK 2 %d" % (2 * len(LETTER)))
        self.assertEqual(answers[-3:], [b".", b"+OK marked as deleted", b"+OK goodbye"])
        again = await self.connect().login()
        self.assertEqual(await again.succeeds(b"STAT"), b"+OK 1 %d" % len(LETTER))

    async def test_many_conversations_in_one_segment(self):
        client = self.connect()
        await client.answer()
        client.send(b"AUTH PLAIN\r\n*\r\nSTLX\r\nCAPA\r\n" * 2000)
        self.assertEqual(client.taken().count(b"cancelled"), 2000)

    async def test_reading_pauses_while_much_waits(self):
        await self.deliver(BIG)
        client = await self.connect(room=1 << 16).login()
        client.send(b"RETR 1\r\n")
        client.send(b"NOOP\r\n" * (limits.WAITING_OCTETS // 6 + 2))
        self.assertEqual(client.transport.producerState, "paused")
        got = b""
        while got.count(b"+OK\r\n") < limits.WAITING_OCTETS // 6:
            got += await client.octets(1) + client.taken()
        self.assertEqual(client.transport.producerState, "producing")


@run_as_deferred
class LockTest(Pop3Case):
    async def test_one_session_of_a_user_at_a_time(self):
        first, second = await self.connect().login(), self.connect()
        await second.answer()
        await second.succeeds(b"USER ada")
        self.assertEqual(await second.says(b"PASS secret"), b"-ERR [IN-USE] another session has the maildrop")
        await (await self.connect().login("bob")).succeeds(b"STAT")
        await first.succeeds(b"QUIT")
        await second.succeeds(b"USER ada")
        await second.succeeds(b"PASS secret")

    async def test_a_session_that_is_lost_lets_go_and_deletes_nothing(self):
        await self.deliver(LETTER)
        client = await self.connect().login()
        await client.succeeds(b"DELE 1")
        await client.gone()
        again = await self.connect().login()
        self.assertEqual(await again.succeeds(b"STAT"), b"+OK 1 %d" % len(LETTER))

    async def test_a_login_that_comes_too_soon(self):
        await self.restart(pop3_login_delay=3600)
        await (await self.connect().login()).succeeds(b"QUIT")
        client = self.connect()
        await client.answer()
        self.assertIn(b"LOGIN-DELAY 3600", await client.lists(b"CAPA"))
        await client.succeeds(b"USER ada")
        self.assertEqual(await client.says(b"PASS secret"), b"-ERR [LOGIN-DELAY] wait longer between two logins")
        await client.succeeds(b"USER bob")
        await client.succeeds(b"PASS secret")


@run_as_deferred
class BesideImapTest(Pop3Case):
    async def test_numbers_sizes_and_messages_stay_whatever_imap_expunges(self):
        letters = [LETTER.replace(b"one", name) for name in (b"a", b"bb", b"ccc")]
        await self.deliver(*letters)
        client = await self.connect().login()
        other = await self.server.connect().login(mailbox="INBOX")
        await other.succeeds(b"STORE 1:2 +FLAGS.SILENT (\\Deleted)")
        await other.succeeds(b"EXPUNGE")
        await self.deliver(LETTER)
        sizes = [b"%d %d" % (number, len(each)) for number, each in enumerate(letters, 1)]
        self.assertEqual(await client.lists(b"LIST"), sizes)
        self.assertEqual(await client.succeeds(b"STAT"), b"+OK 3 %d" % sum(map(len, letters)))
        self.assertEqual(len(await client.lists(b"UIDL")), 3)
        for number, letter in enumerate(letters, 1):
            self.assertEqual(await client.retrieved(number), letter)
        await client.succeeds(b"DELE 1")
        await client.succeeds(b"DELE 3")
        await client.succeeds(b"QUIT")
        self.assertIn(b"* 1 EXPUNGE", await other.succeeds(b"NOOP"))

    async def test_what_is_gone_for_good(self):
        await self.deliver(LETTER, LETTER)
        client = await self.connect().login()
        other = await self.server.connect().login(mailbox="INBOX")
        await other.succeeds(b"STORE 1 +FLAGS.SILENT (\\Deleted)")
        await other.succeeds(b"EXPUNGE")
        await other.connection.session.account.forget_expunged(None, 0)
        for command in (b"RETR 1", b"TOP 1 0", b"UIDL 1"):
            self.assertEqual(await client.says(command), b"-ERR the message is gone for good")
        self.assertEqual([line[:2] for line in await client.lists(b"UIDL")], [b"2 "])
        self.assertEqual(len(await client.lists(b"LIST")), 2)

    async def test_what_is_gone_for_good_once_it_was_looked_up(self):
        await self.deliver(LETTER, b"second\r\n", b"third\r\n")
        client = await self.connect().login()
        await client.lists(b"RETR 1")
        other = await self.server.connect().login(mailbox="INBOX")
        await other.succeeds(b"STORE 2 +FLAGS.SILENT (\\Deleted)")
        await other.succeeds(b"EXPUNGE")
        await other.connection.session.account.forget_expunged(None, 0)
        await self.deliver(b"fourth\r\n")
        self.assertEqual(await client.says(b"RETR 2"), b"-ERR the message is gone for good")
        self.assertEqual(await client.retrieved(3), b"third\r\n")

    async def test_more_than_are_looked_up_together(self):
        letters = [b"%d\r\n" % number for number in range(2 * AHEAD + 3)]
        await self.deliver(*letters)
        client = await self.connect().login()
        numbers = [5, *range(1, len(letters) + 1), 1]
        self.assertEqual([await client.retrieved(number) for number in numbers], [letters[n - 1] for n in numbers])

    async def test_a_message_that_was_taken_is_seen(self):
        await self.deliver(LETTER, LETTER, BIG)
        client = await self.connect(room=1 << 16).login()
        await client.lists(b"TOP 1 0")
        await client.lists(b"RETR 2")
        client.send(b"RETR 3\r\n")
        await client.gone()
        await self.empty()
        other = await self.server.connect().login(mailbox="INBOX")
        self.assertEqual((await other.succeeds(b"SEARCH SEEN"))[0], b"* SEARCH 2")


@run_as_deferred
class EndTest(Pop3Case):
    async def test_shutting_down(self):
        await self.deliver(LETTER)
        clients = [self.connect(), await self.connect().login(), self.connect()]
        await clients[1].succeeds(b"DELE 1")
        clients[2].send(b"AUTH PLAIN\r\n")
        down = Deferred.fromCoroutine(self.door.shut_down())
        for client in clients:
            await client.ended()
            last = client.taken_lines()[-1]
            self.assertEqual(last, b"-ERR [SYS/TEMP] the server is shutting down; connect again later")
        await down
        other = await self.server.connect().login(mailbox="INBOX")
        self.assertEqual(await other.succeeds(b"SEARCH ALL"), [b"* SEARCH 1"])

    async def test_a_user_who_is_removed(self):
        await self.deliver(LETTER)
        client = await self.connect().login()
        await client.succeeds(b"DELE 1")
        await self.server.store.delete_user("ada")
        await client.ended()
        self.assertEqual(client.taken_lines()[-1], b"-ERR [SYS/PERM] the account was removed")
        self.assertEqual(len(self.logged("the account of ada was removed")), 1)
        await self.empty()

    async def test_nothing_is_left_of_a_client_that_goes_away(self):
        await self.deliver(BIG)
        waiting = self.connect()
        waiting.send(b"AUTH PLAIN\r\n")
        taking = await self.connect(room=1 << 16).login()
        taking.send(b"RETR 1\r\n")
        for client in (self.connect(), waiting, taking):
            await client.gone()
        await self.empty()
        self.assertEqual(self.door.admission.counted, {})
        self.assertEqual(self.server.clock.getDelayedCalls(), [])

    async def test_each_is_counted_once(self):
        stays, waiting = self.connect(), self.connect()
        waiting.send(b"AUTH PLAIN\r\n")
        await waiting.gone()
        self.assertEqual(self.door.admission.strangers("127.0.0.1"), 1)
        await stays.gone()

    async def test_a_client_that_goes_away_while_its_password_is_checked(self):
        client = self.connect()
        login, answer = self.server.portal.login, Deferred()
        self.patch(self.server.portal, "login", lambda *args: answer.addCallback(lambda _: login(*args)))
        client.send(b"USER ada\r\nPASS secret\r\n")
        await client.gone()
        answer.callback(None)
        await self.empty()

    async def test_too_many_strangers(self):
        self.patch(limits, "STRANGERS_PER_ADDRESS", 1)
        first, second = self.connect(), self.connect()
        self.assertTrue((await first.line()).startswith(b"+OK"))
        self.assertTrue((await second.line()).startswith(b"-ERR [SYS/TEMP] too many connections"))
        await second.ended()

    async def test_too_many_sessions_of_a_user(self):
        self.patch(limits, "CONNECTIONS_PER_USER", 0)
        client = self.connect()
        await client.answer()
        await client.succeeds(b"USER ada")
        self.assertEqual(
            await client.says(b"PASS secret"), b"-ERR [SYS/TEMP] you have too many sessions; end some first"
        )
        self.patch(limits, "CONNECTIONS_PER_USER", 1)
        await client.succeeds(b"USER ada")
        await client.succeeds(b"PASS secret")
        await client.succeeds(b"QUIT")
        await self.empty()
        self.assertEqual(self.door.admission.counted, {})

    async def test_a_client_that_never_says_a_command(self):
        client = self.connect()
        client.send(b"GET / HTTP/1.1\r\n" * 50)
        await client.ended()
        answers = client.taken_lines()
        self.assertEqual(len(answers), 1 + limits.POP3_FAULTS + 1)
        self.assertEqual(answers[-1], b"-ERR too many commands that are none")

    async def test_the_log(self):
        client = self.connect()
        await client.answer()
        await client.succeeds(b"USER e'l")
        await client.says(b"PASS wrong")
        await client.succeeds(b"USER ada")
        await client.succeeds(b"PASS secret")
        await client.succeeds(b"QUIT")
        await client.ended()
        failed, login, logout = self.logged("log")
        self.assertEqual(failed, """login failed: "e'l" from 127.0.0.1""")
        self.assertEqual(login, "login: ada from 127.0.0.1, no TLS")
        self.assertTrue(logout.startswith("logout: ada from 127.0.0.1, 51 octets in, "))


@run_as_deferred
class FaultTest(Pop3Case):
    """Whenever the store fails, a command has one answer that says so, and the next one is understood."""

    def failing(self, kind, method, error, at=1):
        """Let a method fail once, at its `at`-th call."""
        really, calls = getattr(kind, method), []

        def fails(*args, **named):
            calls.append(method)
            if len(calls) == at:
                raise error
            return really(*args, **named)

        self.patch(kind, method, fails)

    async def test_at_the_login(self):
        await self.deliver(LETTER)
        client = self.connect()
        await client.answer()
        for method in ("snapshot", "fetch"):
            self.failing(Mailbox, method, Unavailable("the disk is full"))
            await client.succeeds(b"USER ada")
            self.assertEqual(await client.says(b"PASS secret"), b"-ERR [SYS/TEMP] the disk is full")
        await client.succeeds(b"USER ada")
        await client.succeeds(b"PASS secret")

    async def test_before_a_message_is_sent(self):
        await self.deliver(LETTER)
        client = await self.connect().login()
        self.failing(Chunks, "of", Corrupt("damaged"))
        self.assertEqual(await client.says(b"RETR 1"), b"-ERR [SYS/PERM] damaged")
        self.assertEqual(await client.retrieved(1), LETTER)

    async def test_in_the_middle_of_a_message_the_connection_ends(self):
        await self.deliver(BIG)
        client = await self.connect().login()
        self.failing(Chunks, "of", Corrupt("damaged"), at=3)
        client.send(b"RETR 1\r\n")
        await client.ended()
        self.assertNotIn(b"\r\n.\r\n", client.taken())
        self.assertTrue(self.logged("an answer to ada from 127.0.0.1 broke off: damaged"))

    async def test_whatever_happens_in_the_middle_of_a_message(self):
        await self.deliver(BIG)
        client = await self.connect().login()
        self.failing(Chunks, "of", KeyError("/var/mail/ada"), at=3)
        client.send(b"RETR 1\r\n")
        await client.ended()
        self.assertNotIn(b"-ERR", client.taken())
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)

    async def test_at_quit_nothing_is_deleted_and_the_client_is_told(self):
        await self.deliver(LETTER)
        client = await self.connect().login()
        await client.succeeds(b"DELE 1")
        self.failing(Mailbox, "remove", Unavailable("the disk is full"))
        self.assertEqual(await client.says(b"QUIT"), b"-ERR [SYS/TEMP] no message was removed")
        await client.ended()
        self.assertEqual(await (await self.connect().login()).succeeds(b"STAT"), b"+OK 1 %d" % len(LETTER))

    async def test_when_flags_cannot_be_stored(self):
        await self.deliver(LETTER, LETTER)
        client = await self.connect().login()
        await client.lists(b"RETR 1")
        await client.succeeds(b"DELE 2")
        self.failing(Mailbox, "store", Unavailable("the disk is full"))
        await client.succeeds(b"QUIT")
        self.assertEqual(await (await self.connect().login()).succeeds(b"STAT"), b"+OK 1 %d" % len(LETTER))

    async def test_a_slow_command_is_logged(self):
        await self.deliver(LETTER)
        client = await self.connect().login()
        go, fetch = Deferred(), Mailbox.fetch

        async def waits(*args):
            await go
            async for rows in fetch(*args):
                yield rows

        self.patch(Mailbox, "fetch", waits)
        client.send(b"RETR 1\r\n")
        self.server.clock.advance(2)
        go.callback(None)
        await client.answer()
        self.assertEqual(self.logged("slow"), ["slow command: RETR took 2.000 s for ada from 127.0.0.1"])

    async def test_what_should_not_be_raised(self):
        await self.deliver(LETTER)
        client = await self.connect().login()
        self.failing(Mailbox, "fetch", KeyError("/var/mail/ada"))
        answer = await client.says(b"RETR 1")
        self.assertRegex(answer, rb"^-ERR \[SYS/PERM\] internal error, reference [0-9a-f]{8}$")
        self.assertEqual(await client.retrieved(1), LETTER)
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)
