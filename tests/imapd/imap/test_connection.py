"""One connection: time, order, back-pressure, privacy, faults, and what is left when it ends."""

import re

from twisted.internet.defer import Deferred
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import TestCase

from imapd import limits
from imapd.auth.passwords import Password, hash_password
from imapd.doors.outflow import GATHER
from imapd.imap import connection, session
from mailstore.errors import Busy, Unavailable
from tests.imapd.imap.harness import Server

REMOTE = "192.0.2.1"
BIG = b"Subject: big\r\n\r\n" + b"0123456789abcdef" * (5 << 16)


class ConnectionTestCase(TestCase):
    """A server for each test, and its log."""

    timeout = 180

    def setUp(self):
        self.events = []
        globalLogPublisher.addObserver(self.events.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.events.append)
        return Deferred.fromCoroutine(self.start())

    def tearDown(self):
        return Deferred.fromCoroutine(self.server.stop())

    async def start(self, **settings):
        self.server = await Server(self.mktemp()).start(**settings)

    async def restart(self, **settings):
        await self.server.stop()
        await self.start(**settings)

    def logged(self, text):
        """Return the log lines that have `text` in them."""
        lines = [event["log_format"].format(**event) for event in self.events if event.get("log_format")]
        return [line for line in lines if text in line]


def run_as_deferred(cls):
    """Let the coroutines of a test case be tests: trial runs Deferreds."""
    for name, method in list(vars(cls).items()):
        if name.startswith("test_"):
            setattr(cls, name, _deferred(method))
    return cls


def _deferred(method):
    def test(self):
        return Deferred.fromCoroutine(method(self))

    test.__name__, test.__doc__ = method.__name__, method.__doc__
    return test


@run_as_deferred
class TimeTest(ConnectionTestCase):
    async def test_a_minute_to_log_in_whatever_is_said_meanwhile(self):
        client = self.server.connect()
        await client.line()
        for _ in range(3):
            self.server.clock.advance(19)
            await client.succeeds(b"NOOP")
        self.server.clock.advance(limits.LOGIN_SECONDS - 3 * 19 - 1)
        self.assertEqual(client.taken(), b"")
        self.server.clock.advance(1)
        self.assertTrue((await client.line()).startswith(b"* BYE "))
        await client.ended()

    async def test_half_an_hour_once_logged_in(self):
        client = await self.server.connect().login()
        self.server.clock.advance(1799)
        await client.succeeds(b"NOOP")
        self.server.clock.advance(1799)
        self.assertEqual(client.taken(), b"")
        self.server.clock.advance(1)
        self.assertTrue((await client.line()).startswith(b"* BYE "))
        await client.ended()

    async def test_idle_ends_after_half_an_hour_too(self):
        client = await self.server.connect().login()
        await client.idles()
        for _ in range(14):
            self.server.clock.advance(limits.KEEP_ALIVE_SECONDS)
            self.assertEqual(await client.line(), b"* OK Still here")
        self.server.clock.advance(limits.KEEP_ALIVE_SECONDS)
        self.assertTrue((await client.answer(b"*"))[-1].startswith(b"* BYE "))
        await client.ended()

    async def test_a_client_that_does_not_take_its_answer_is_dropped(self):
        await self.server.deliver("ada", "INBOX", BIG)
        client = await self.server.connect(room=1 << 16).login(mailbox="INBOX")
        client.send(b"x FETCH 1 BODY.PEEK[]\r\n")
        self.assertTrue(client.transport.full)
        self.server.clock.advance(1800)
        self.assertFalse(client.transport.disconnecting)
        self.server.clock.advance(limits.FAREWELL_SECONDS)
        await client.ended()

    async def test_a_client_that_does_not_take_the_farewell_is_dropped(self):
        client = await self.server.connect(room=0).login()
        client.send(b"x LOGOUT\r\n")
        self.assertFalse(client.transport.disconnected)
        client.send(b"y NOOP\r\n")
        self.server.clock.advance(limits.FAREWELL_SECONDS)
        await client.ended()
        self.assertNotIn(b"y ", client.taken())


@run_as_deferred
class OrderTest(ConnectionTestCase):
    async def test_pipelined_commands_are_answered_in_order_and_in_one_write(self):
        client = await self.server.connect().login()
        before = client.transport.writes
        client.send(b"".join(b"%d NOOP\r\n" % number for number in range(100)))
        self.assertEqual(re.findall(rb"(?m)^(\d+) OK", client.taken()), [b"%d" % number for number in range(100)])
        self.assertEqual(client.transport.writes, before + 1)

    async def test_who_sends_many_commands_leaves_the_reactor_to_others(self):
        client, other = [await self.server.connect().login() for _ in range(2)]
        self.patch(connection, "SLICE_SECONDS", -1)
        client.send(b"1 NOOP\r\n2 NOOP\r\n3 NOOP\r\n")
        self.assertEqual(re.findall(rb"(?m)^(\d) OK", client.taken()), [b"1"])
        await other.succeeds(b"NOOP")
        self.server.clock.advance(0)
        self.assertEqual(re.findall(rb"(?m)^(\d) OK", client.taken()), [b"2", b"3"])

    async def test_a_command_waits_for_the_one_before_it(self):
        client = await self.server.connect().login(mailbox="INBOX")
        client.send(b"a APPEND INBOX {5+}\r\nhello\r\nb FETCH 1 UID\r\nc CREATE box\r\nd STATUS box (MESSAGES)\r\n")
        answers = [await client.answer(tag) for tag in (b"a", b"b", b"c", b"d")]
        self.assertEqual(answers[1][0], b"* 1 FETCH (UID 1)")
        self.assertEqual(answers[3][0], b"* STATUS box (MESSAGES 0)")

    async def test_done_that_comes_while_news_are_told(self):
        client = await self.server.connect().login(mailbox="INBOX")
        mailbox = client.connection.session.mailbox
        changes_since, may_answer = mailbox.changes_since, Deferred()

        async def slow(*told):
            await may_answer
            return await changes_since(*told)

        self.patch(mailbox, "changes_since", slow)
        await client.idles()
        await self.server.deliver("ada", "INBOX", b"Subject: new\r\n\r\n")
        client.send(b"DONE\r\n")
        self.assertEqual(client.taken(), b"")
        may_answer.callback(None)
        self.assertEqual(await client.answer(), [b"* 1 EXISTS", b"* 1 RECENT", b"x OK IDLE completed"])

    async def test_done_that_comes_before_anything_is_told(self):
        client = await self.server.connect().login(mailbox="INBOX")
        calls = len(self.server.clock.getDelayedCalls())
        client.send(b"x IDLE\r\nDONE\r\n")
        self.assertEqual(await client.answer(), [b"+ idling", b"x OK IDLE completed"])
        client.send(b"x IDLE\r\n")
        await client.line()
        await self.server.deliver("ada", "INBOX", b"Subject: new\r\n\r\n")
        client.send(b"DONE\r\n")
        self.assertEqual(await client.answer(), [b"* 1 EXISTS", b"* 1 RECENT", b"x OK IDLE completed"])
        self.assertEqual(len(self.server.clock.getDelayedCalls()), calls)

    async def test_octet_by_octet(self):
        client = await self.server.connect().login()
        for octet in b'a APPEND INBOX (\\Seen) {3}\r\n\r\n\0\r\nb STATUS {5}\r\nINBOX (MESSAGES)\r\nc LIST "" ""\r\n':
            client.send(bytes([octet]))
        for expected in (b"+ ", b"a BAD ", b"+ ", b"* STATUS INBOX (MESSAGES 0)", b"b OK ", b"* LIST ", b"c OK "):
            response = await client.response()
            self.assertTrue(response.startswith(expected), response)

    async def test_reading_pauses_while_much_waits_behind_a_command(self):
        client = self.server.connect()
        await client.line()
        login, answer = self.server.portal.login, Deferred()
        self.patch(self.server.portal, "login", lambda *args: answer.addCallback(lambda _: login(*args)))
        client.send(b"x LOGIN ada secret\r\n")
        noops = limits.WAITING_OCTETS // len(b"y NOOP\r\n")
        client.send(b"y NOOP\r\n" * noops)
        self.assertEqual(client.transport.producerState, "producing")
        client.send(b"z NOOP\r\n")
        self.assertEqual(client.transport.producerState, "paused")
        answer.callback(None)
        await client.answer(b"z")
        self.assertEqual(client.transport.producerState, "producing")

    async def test_a_line_that_comes_while_news_are_looked_up_is_heard(self):
        client = await self.server.connect().login(mailbox="INBOX")
        await client.idles()
        mailbox, asked = client.connection.session.mailbox, Deferred()
        changes_since = mailbox.changes_since

        async def slow(*told):
            await asked
            return await changes_since(*told)

        self.patch(mailbox, "changes_since", slow)
        await self.server.deliver("ada", "INBOX", b"news")
        client.send(b"DONE\r\n")
        asked.callback(None)
        self.assertEqual((await client.answer())[-1], b"x OK IDLE completed")

    async def test_news_that_the_store_cannot_say_are_told_later(self):
        client = await self.server.connect().login(mailbox="INBOX")
        await client.idles()
        mailbox = client.connection.session.mailbox

        async def fail(*_):
            raise Busy("somebody else")

        mailbox.changes_since = fail
        await self.server.deliver("ada", "INBOX", b"news")
        await client.quiet()
        self.assertEqual(client.taken(), b"")
        self.assertEqual(len(self.logged("could not be told the news")), 1)
        del mailbox.changes_since
        self.server.clock.advance(limits.NEWS_AGAIN_SECONDS)
        self.assertEqual([await client.line(), await client.line()], [b"* 1 EXISTS", b"* 1 RECENT"])
        client.send(b"DONE\r\n")
        self.assertEqual(await client.answer(), [b"x OK IDLE completed"])

    async def test_a_disconnect_is_seen_while_little_waits_behind_a_command(self):
        client = await self.server.connect().login()
        client.send(b"x IDLE\r\ny NO")
        self.assertEqual(client.transport.producerState, "producing")
        await client.gone()
        self.assertEqual(self.server.door.admission.sessions("ada"), 0)


@run_as_deferred
class LimitTest(ConnectionTestCase):
    """A command beyond a limit is read to its end and refused, and the next one is answered."""

    async def refused(self, sent, beginning):
        client = await self.server.connect().login()
        client.send(sent + b"y NOOP\r\n")
        first, *others = await client.answer(b"y")
        self.assertTrue(first.startswith(beginning), first)
        self.assertEqual(others, [b"y OK completed"])

    async def test_a_line(self):
        await self.refused(b"x CREATE %b\r\n" % (b"a" * limits.FRAMING.line), b"x BAD a line has at most ")

    async def test_a_line_that_ends_with_a_literal(self):
        line = b"x CREATE %b {8+}\r\n" % (b"a" * limits.FRAMING.line)
        await self.refused(line + b"z NOOP\r\n\r\n", b"x BAD a line has at most ")

    async def test_a_literal(self):
        size = limits.FRAMING.literal + 1
        await self.refused(b"x CREATE {%d+}\r\n%b\r\n" % (size, b"\n" * size), b"x NO [LIMIT] ")

    async def test_literals(self):
        await self.refused(b"x FETCH" + b" {1+}\r\na" * (limits.FRAMING.literals + 1) + b"\r\n", b"x NO [LIMIT] ")

    async def test_all_of_a_command(self):
        size = limits.FRAMING.literal
        literals = b" {%d+}\r\n%b" % (size, b"a" * size) * (limits.FRAMING.command // size + 1)
        await self.refused(b"x FETCH" + literals + b"\r\n", b"x NO [LIMIT] ")


@run_as_deferred
class BackPressureTest(ConnectionTestCase):
    async def test_a_large_fetch_waits_for_the_client(self):
        """What is held for a client that does not read is a few pieces, whatever it asked for."""
        room = 1 << 16
        await self.server.deliver("ada", "INBOX", BIG)
        client = await self.server.connect(room=room).login(mailbox="INBOX")
        client.send(b"x FETCH 1 BODY.PEEK[]\r\n")
        most = len(client.transport.value())
        got = client.taken()
        while not got.endswith(b"x OK FETCH completed\r\n"):
            most = max(most, len(client.transport.value()))
            got += await client.octets(1) + client.taken()
        self.assertLess(most, room + 2 * GATHER + 1000)
        self.assertIn(b"{%d}\r\n%b)\r\n" % (len(BIG), BIG), got)

    async def test_many_small_answers_wait_as_well(self):
        room = 1 << 14
        await self.server.deliver("ada", "INBOX", *[b"Subject: s%d\r\n\r\n" % number for number in range(3000)])
        client = await self.server.connect(room=room).login(mailbox="INBOX")
        client.send(b"x FETCH 1:* (ENVELOPE BODYSTRUCTURE FLAGS)\r\n")
        most, got = 0, b""
        while not got.endswith(b"x OK FETCH completed\r\n"):
            most = max(most, len(client.transport.value()))
            got += await client.octets(1) + client.taken()
        self.assertLess(most, room + (1 << 18))
        self.assertEqual(len(re.findall(rb"(?m)^\* \d+ FETCH ", got)), 3000)

    async def test_many_parts_of_one_message_wait_as_well(self):
        room = 1 << 16
        await self.server.deliver("ada", "INBOX", BIG)
        client = await self.server.connect(room=room).login(mailbox="INBOX")
        parts = b" ".join(b"BODY.PEEK[]<%d.100000>" % origin for origin in range(50))
        client.send(b"x FETCH 1 (%b)\r\n" % parts)
        self.assertLess(len(client.transport.value()), room + 2 * GATHER + 100_000)
        self.assertEqual(len((await client.answer())[0].split(b" BODY[]<")), 50)

    async def test_many_commands_wait_as_well(self):
        """Who sends commands and reads no answers is answered no more: nothing piles up on either side."""
        client = await self.server.connect(room=1 << 14).login()
        client.send(b"".join(b"%d CAPABILITY\r\n" % number for number in range(20_000)))
        self.assertLess(len(client.transport.value()), (1 << 14) + 2 * GATHER)
        self.assertEqual(client.transport.producerState, "paused")
        got = b""
        while b"\r\n19999 OK" not in got:
            got += await client.octets(1) + client.taken()
        answered = [int(tag) for tag in re.findall(rb"(?m)^(\d+) OK ", got)]
        self.assertEqual(answered, list(range(20_000)))
        self.assertEqual(client.transport.producerState, "producing")

    async def test_others_go_on_meanwhile(self):
        await self.server.deliver("ada", "INBOX", BIG)
        slow = await self.server.connect(room=1 << 14).login(mailbox="INBOX")
        slow.send(b"x FETCH 1 BODY.PEEK[]\r\n")
        other = await self.server.connect().login(mailbox="INBOX")
        self.assertIn(BIG, (await other.succeeds(b"FETCH 1 BODY.PEEK[]"))[0])


@run_as_deferred
class PrivacyTest(ConnectionTestCase):
    """RFC 3501, 6.2.3 and 11.2: no passwords where others can read along."""

    async def refuses_passwords(self, client):
        greeting = await client.line()
        self.assertIn(b" LOGINDISABLED ", greeting)
        self.assertNotIn(b"AUTH=", greeting)
        self.assertIn(b"x NO [PRIVACYREQUIRED] ", await client.command(b"LOGIN ada secret"))
        for command in (b"AUTHENTICATE PLAIN", b"AUTHENTICATE PLAIN AGFkYQBzZWNyZXQ=", b"AUTHENTICATE LOGIN"):
            self.assertTrue((await client.command(command)).startswith(b"x NO [PRIVACYREQUIRED] "), command)

    async def test_a_remote_client_cannot_log_in_before_starttls(self):
        client = self.server.connect(REMOTE)
        await self.refuses_passwords(client)
        await client.succeeds(b"STARTTLS")
        (capability,) = await client.succeeds(b"CAPABILITY")
        self.assertNotIn(b"LOGINDISABLED", capability)
        self.assertNotIn(b"STARTTLS", capability)
        self.assertIn(b"AUTH=PLAIN", capability)
        await client.succeeds(b"LOGIN ada secret")

    async def test_nor_a_local_one_where_that_is_not_wanted(self):
        await self.restart(plaintext_on_loopback=False)
        await self.refuses_passwords(self.server.connect())

    async def test_loopback_has_many_addresses(self):
        for host in ("127.0.0.1", "127.8.9.10", "::1"):
            self.assertNotIn(b"LOGINDISABLED", await self.server.connect(host).line())
        for host in ("10.0.0.1", "::2", "fe80::1", "name"):
            self.assertIn(b"LOGINDISABLED", await self.server.connect(host).line(), host)

    async def test_what_came_behind_starttls_in_the_clear_is_forgotten(self):
        """CVE-2011-0411: it must not be run as if it had come through TLS."""
        client = self.server.connect(REMOTE)
        await client.line()
        client.send(b"x STARTTLS\r\ny NOOP\r\nz LOGIN {3}\r\nada")
        self.assertRegex(client.taken(), rb"\Ax OK .*\r\n\Z")
        client.send(b" secret\r\n")
        self.assertRegex(client.taken(), rb"\A\* BAD .*\r\n\Z")
        await client.succeeds(b"LOGIN ada secret")

    async def test_tls_comes_once(self):
        client = self.server.connect()
        await client.line()
        await client.succeeds(b"STARTTLS")
        self.assertIn(b"x BAD ", await client.command(b"STARTTLS"))

    async def test_without_a_certificate_there_is_no_starttls(self):
        await self.restart(tls=False)
        client = self.server.connect()
        self.assertNotIn(b"STARTTLS", await client.line())
        self.assertIn(b"x BAD ", await client.command(b"STARTTLS"))


@run_as_deferred
class FaultTest(ConnectionTestCase):
    def failing(self, client, what, error):
        """Let the account's method `what` fail."""

        async def fail(*args):
            raise error

        self.patch(client.connection.session.account, what, fail)

    async def test_a_fault_has_a_reference_and_shows_nothing(self):
        client = await self.server.connect().login()
        self.failing(client, "status", RuntimeError("the plans of the castle"))
        answer = await client.command(b"STATUS INBOX (MESSAGES)")
        found = re.fullmatch(rb"x NO \[SERVERBUG\] internal error, reference ([0-9a-f]{8})\r\n", answer)
        self.assertIsNotNone(found, answer)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)
        self.assertEqual(len(self.logged(found[1].decode())), 1)
        await client.succeeds(b"NOOP")

    async def test_an_error_of_the_store_has_its_code(self):
        client = await self.server.connect().login()
        self.failing(client, "status", Unavailable("the disk is full"))
        answer = await client.command(b"STATUS INBOX (MESSAGES)")
        self.assertEqual(answer, b"x NO [UNAVAILABLE] the disk is full\r\n")

    async def test_news_that_cannot_be_told_do_not_undo_a_command(self):
        """What is done is OK; the news wait until the store can say them."""
        client = await self.server.connect().login(mailbox="INBOX")
        mailbox = client.connection.session.mailbox
        changes_since = mailbox.changes_since

        async def busy(*_):
            raise Busy("somebody else")

        self.patch(mailbox, "changes_since", busy)
        client.send(b"x APPEND INBOX {5+}\r\nhello\r\n")
        self.assertEqual([line[:5] for line in await client.answer()], [b"x OK "])
        self.patch(mailbox, "changes_since", changes_since)
        self.assertEqual(await client.succeeds(b"CHECK"), [b"* 1 EXISTS", b"* 1 RECENT"])

    async def test_expunges_that_cannot_be_told_are_done(self):
        """EXPUNGE and MOVE tell before they end (RFC 7162, 3.2.7)."""
        client = await self.server.connect().login()
        await self.server.deliver("ada", "INBOX", b"one", b"two")
        await client.succeeds(b"ENABLE QRESYNC")
        await client.succeeds(b"SELECT INBOX")
        await client.succeeds(b"STORE 1 +FLAGS (\\Deleted)")
        mailbox = client.connection.session.mailbox
        changes_since = mailbox.changes_since

        async def busy(*_):
            raise Busy("somebody else")

        self.patch(mailbox, "changes_since", busy)
        self.assertEqual(await client.succeeds(b"EXPUNGE"), [])
        (moved,) = await client.succeeds(b"UID MOVE 2 Archive")
        self.assertIn(b"COPYUID", moved)
        self.patch(mailbox, "changes_since", changes_since)
        self.assertEqual(await client.succeeds(b"NOOP"), [b"* VANISHED 1:2"])

    async def test_a_search_that_fails_has_nothing_to_save(self):
        """RFC 5182, 2.1."""
        client = await self.server.connect().login()
        await self.server.deliver("ada", "INBOX", b"one", b"two")
        await client.succeeds(b"SELECT INBOX")
        await client.succeeds(b"SEARCH RETURN (SAVE) 1")

        async def fetch(*_):
            raise Unavailable("the disk is gone")
            yield

        mailbox = client.connection.session.mailbox
        self.patch(mailbox, "fetch", fetch)
        self.assertIn(b"x NO", await client.command(b"SEARCH RETURN (SAVE) MODSEQ 1"))
        self.assertEqual(await client.succeeds(b"SEARCH $"), [b"* SEARCH"])

    async def test_a_message_that_breaks_off_ends_the_connection(self):
        """A literal was announced: an answer behind a part of it would be taken for the rest of it."""
        await self.server.deliver("ada", "INBOX", BIG)
        client = await self.server.connect().login(mailbox="INBOX")

        async def stream(*args):
            yield b"some"
            raise Unavailable("the disk is gone")

        self.patch(_stored_message_class(), "stream", stream)
        client.send(b"x FETCH 1 BODY.PEEK[]\r\n")
        await client.ended()
        self.assertNotRegex(client.taken(), rb"x (OK|NO|BAD)")

    async def test_a_message_that_cannot_be_read_at_all_is_refused(self):
        """No response was begun, so nothing needs to end."""
        await self.server.deliver("ada", "INBOX", b"Subject: small\r\n\r\n")
        client = await self.server.connect().login(mailbox="INBOX")

        async def read(*args):
            raise Unavailable("the disk is gone")

        self.patch(_stored_message_class(), "read", read)
        answer = await client.command(b"FETCH 1 BODY.PEEK[]")
        self.assertEqual(answer, b"x NO [UNAVAILABLE] the disk is gone\r\n")
        await client.succeeds(b"NOOP")


def _stored_message_class():
    from mailstore.sqlite.stored import StoredMessage

    return StoredMessage


@run_as_deferred
class DisconnectTest(ConnectionTestCase):
    """Nothing is left of a client that went away."""

    def assert_nothing_left(self):
        door = self.server.door
        self.assertEqual(door._connections, {})
        self.assertEqual(door.admission.counted, {})
        self.assertEqual(self.server.clock.getDelayedCalls(), [])

    async def test_before_login(self):
        client = self.server.connect()
        await client.gone()
        self.assert_nothing_left()

    async def test_in_the_middle_of_an_append(self):
        client = await self.server.connect().login()
        client.send(b"x APPEND INBOX {1000000+}\r\n" + b"x" * 999_999)
        await client.gone()
        self.assert_nothing_left()
        other = await self.server.connect().login()
        self.assertEqual(await other.succeeds(b"STATUS INBOX (MESSAGES UIDNEXT)"),
                         [b"* STATUS INBOX (MESSAGES 0 UIDNEXT 1)"])

    async def test_in_the_middle_of_a_fetch(self):
        await self.server.deliver("ada", "INBOX", BIG)
        client = await self.server.connect(room=1 << 14).login(mailbox="INBOX")
        client.send(b"x FETCH 1 BODY[]\r\n")
        await client.octets(1000)
        await client.gone()
        self.assert_nothing_left()

    async def test_in_idle(self):
        client = await self.server.connect().login(mailbox="INBOX")
        client.send(b"x IDLE\r\n")
        await client.line()
        stranger = self.server.connect()
        await client.gone()
        counted = {"strangers at ImapDoor": 1, "strangers at ImapDoor from address 127.0.0.1": 1}
        self.assertEqual(self.server.door.admission.counted, counted)
        await stranger.gone()
        self.assert_nothing_left()

    async def test_in_the_middle_of_a_conversation(self):
        client = self.server.connect()
        client.send(b"x AUTHENTICATE PLAIN\r\n")
        await client.gone()
        self.assert_nothing_left()

    async def test_while_a_message_is_being_stored(self):
        """The client was not told, but what it sent whole is kept."""
        client = await self.server.connect().login()
        client.send(b"x APPEND INBOX {5+}\r\nhello\r\n")
        await client.gone()
        other = await self.server.connect().login()
        await other.succeeds(b"CREATE later")
        self.assertEqual(await other.succeeds(b"STATUS INBOX (MESSAGES)"), [b"* STATUS INBOX (MESSAGES 1)"])
        await other.gone()
        self.assert_nothing_left()

    async def test_while_the_password_is_checked(self):
        client = self.server.connect()
        login, answer = self.server.portal.login, Deferred()
        self.patch(self.server.portal, "login", lambda *args: answer.addCallback(lambda _: login(*args)))
        client.send(b"x LOGIN ada secret\r\n")
        await client.gone()
        answer.callback(None)
        await self.server.empty()
        self.assert_nothing_left()


@run_as_deferred
class RemovedTest(ConnectionTestCase):
    async def test_sessions_of_a_user_who_is_removed_end_soon_and_say_why(self):
        idle, selected, fresh = [await self.server.connect().login() for _ in range(3)]
        for client in idle, selected:
            await client.succeeds(b"SELECT INBOX")
        idle.send(b"I IDLE\r\n")
        await idle.line()
        stranger = self.server.connect()
        await self.server.store.delete_user("ada")
        for client in idle, selected, fresh:
            await client.ended()
            self.assertEqual(client.taken_lines()[-1], b"* BYE the account was removed")
        self.assertEqual(len(self.logged("the account of ada was removed, whose session from")), 3)
        self.assertEqual(self.logged("could not be told"), [])
        await self.server.store.add_user("ada", hash_password(Password(b"secret")))
        again = await stranger.login()
        self.assertEqual(await again.succeeds(b"STATUS INBOX (MESSAGES)"), [b"* STATUS INBOX (MESSAGES 0)"])


@run_as_deferred
class LogTest(ConnectionTestCase):
    """One line for each login, failure and logout, and one for each slow command."""

    async def test_login_and_logout(self):
        client = await self.server.connect().login()
        await client.succeeds(b"LOGOUT")
        await client.ended()
        self.assertEqual(self.logged("login"), ["login: ada from 127.0.0.1, no TLS"])
        octets_in = len(b"x LOGIN ada secret\r\nx LOGOUT\r\n")
        octets_out = client.connection._outflow.octets
        self.assertEqual(
            self.logged("logout"), [f"logout: ada from 127.0.0.1, {octets_in} octets in, {octets_out} out"]
        )

    async def test_a_failure(self):
        client = self.server.connect()
        await client.line()
        await client.command(b'LOGIN "eve\\"l" guess')
        await client.gone()
        self.assertEqual(self.logged("log"), ["login failed: 'eve\"l' from 127.0.0.1"])

    async def test_nothing_of_those_who_never_tried(self):
        client = self.server.connect()
        await client.gone()
        self.assertEqual(self.logged("log"), [])

    async def test_no_text_is_remembered_that_quotes_the_client(self):
        client = await self.server.connect().login()
        known = session._known_words.cache_info().currsize
        for text in b"HUNTER2", b"STATUS INBOX (HUNTER2)":
            self.assertIn(b"HUNTER2", await client.command(text))
        self.assertEqual(session._known_words.cache_info().currsize, known)

    async def test_no_password_is_ever_logged(self):
        client = self.server.connect()
        await client.line()
        await client.command(b"LOGIN ada {6+}\r\ngeheim")
        await client.command(b"AUTHENTICATE PLAIN AGFkYQBnZWhlaW0=")
        await client.command(b"LOGIN ada geheim geheim")
        await client.command(b"NOSUCH geheim")
        self.assertEqual(self.logged("geheim"), [])

    async def test_a_slow_command(self):
        client = self.server.connect()
        await client.line()
        login, answer = self.server.portal.login, Deferred()
        self.patch(self.server.portal, "login", lambda *args: answer.addCallback(lambda _: login(*args)))
        client.send(b"x LOGIN ada secret\r\n")
        self.server.clock.advance(2)
        answer.callback(None)
        await client.answer()
        self.assertEqual(self.logged("slow"), ["slow command: LOGIN took 2.000 s for ada from 127.0.0.1"])

    async def test_idle_is_not_slow(self):
        client = await self.server.connect().login()
        client.send(b"x IDLE\r\n")
        self.server.clock.advance(100)
        client.send(b"DONE\r\n")
        await client.answer()
        self.assertEqual(self.logged("slow"), [])
