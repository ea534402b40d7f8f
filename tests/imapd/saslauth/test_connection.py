"""What Postfix hears when it asks whether a password is right."""

from base64 import b64encode
from pathlib import Path

from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from imapd import limits
from imapd.auth.realm import IUser, KnownUser
from imapd.config import Config
from imapd.saslauth.door import AuthDoor
from mailstore.errors import Busy
from tests.imapd.imap.harness import FakeTransport

WRONG = "reason=the user name or the password is wrong"
GOOD, BAD = b"\0ADA\0secret", b"\0ada\0wrong"


class Portal:
    """Knows ada, and what it was asked."""

    def __init__(self):
        self.asked = []
        self.answer = None

    def login(self, credentials, host, *interfaces):
        self.asked.append((credentials.username, host, interfaces))
        if self.answer is not None:
            return self.answer
        if credentials.password == b"secret":
            return succeed((IUser, KnownUser("ada"), None))
        return fail(UnauthorizedLogin("wrong"))


class ConnectionTests(SynchronousTestCase):
    def setUp(self):
        self.portal = Portal()
        self.door = AuthDoor(self.portal, Config(Path()), None, Clock())
        self.transport, self.connection = self.connect()
        self.greeting = self.said()

    def connect(self):
        transport = FakeTransport()
        connection = transport.connection = self.door.buildProtocol(transport.getPeer())
        connection.makeConnection(transport)
        return transport, connection

    def said(self):
        return self.transport.empty().decode().splitlines()

    def say(self, *words):
        self.connection.dataReceived("\t".join(words).encode() + b"\n")
        return self.said()

    def auth(self, response, *words, number="1"):
        return self.say("AUTH", number, "PLAIN", "service=smtp", *words, f"resp={b64encode(response).decode()}")

    def assert_dropped(self):
        self.assertTrue(self.transport.disconnecting)

    def test_greeting(self):
        self.assertEqual(self.greeting[:3], ["VERSION\t1\t2", "MECH\tPLAIN\tplaintext", "MECH\tLOGIN\tplaintext"])
        self.assertEqual([line.split("\t")[0] for line in self.greeting[3:]], ["SPID", "CUID", "COOKIE", "DONE"])
        self.assertEqual(len(self.greeting[5].split("\t")[1]), 32)

    def test_connections_have_numbers_of_their_own(self):
        transport, _ = self.connect()
        self.assertNotEqual(transport.value().splitlines()[4:6], [line.encode() for line in self.greeting[4:6]])

    def test_plain(self):
        self.assertEqual(self.say("VERSION", "1", "1"), [])
        self.assertEqual(self.say("CPID", "4711"), [])
        self.assertEqual(self.auth(GOOD, "rip=192.0.2.1", "secured"), ["OK\t1\tuser=ada"])
        self.assertEqual(self.portal.asked, [(b"ADA", "192.0.2.1", (IUser,))])

    def test_login(self):
        self.assertEqual(self.say("AUTH", "2", "LOGIN", "service=smtp"), ["CONT\t2\tVXNlcm5hbWU6"])
        self.assertEqual(self.say("CONT", "2", "YWRh"), ["CONT\t2\tUGFzc3dvcmQ6"])
        self.assertEqual(self.say("CONT", "2", "c2VjcmV0"), ["OK\t2\tuser=ada"])

    def test_an_initial_response_later(self):
        self.assertEqual(self.say("AUTH", "3", "PLAIN"), ["CONT\t3\t"])
        self.assertEqual(self.say("CONT", "3", b64encode(GOOD).decode()), ["OK\t3\tuser=ada"])

    def test_a_wrong_password(self):
        self.assertEqual(self.auth(BAD), ["FAIL\t1\tuser=ada\t" + WRONG])
        self.assertEqual(self.auth(GOOD), ["OK\t1\tuser=ada"])

    def test_names_that_would_break_the_line(self):
        self.assertEqual(self.auth(b"\0a\tb\nOK\t1\0x"), ["FAIL\t1\tuser=a\x01tb\x01nOK\x01t1\t" + WRONG])

    def test_what_is_no_response(self):
        [line] = self.auth(b"no NUL")
        self.assertTrue(line.startswith("FAIL\t1\treason=PLAIN takes"))
        [line] = self.auth(b"root\0ada\0secret")
        self.assertTrue(line.startswith("FAIL\t1\treason=acting as another"))

    def test_a_mechanism_that_is_not_offered(self):
        self.assertEqual(self.say("AUTH", "1", "CRAM-MD5"), ["FAIL\t1\treason=there is no such mechanism"])

    def test_passwords_from_elsewhere_come_over_tls(self):
        [line] = self.auth(GOOD, "rip=192.0.2.1")
        self.assertTrue(line.startswith("FAIL\t1\treason=a password comes over TLS"))
        self.assertEqual(self.auth(GOOD, "rip=127.0.0.1"), ["OK\t1\tuser=ada"])
        self.assertEqual(self.auth(GOOD, "rip=::1"), ["OK\t1\tuser=ada"])

    def test_what_fails_for_now(self):
        self.portal.answer = fail(Busy("busy"))
        self.assertEqual(self.auth(GOOD)[0].split("\t")[:4], ["FAIL", "1", "user=ADA", "temp"])
        self.portal.answer = fail(ValueError("a secret"))
        [line] = self.auth(GOOD)
        self.assertTrue(line.startswith("FAIL\t1\tuser=ADA\ttemp\treason=internal error"))
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)

    def test_several_at_once(self):
        self.portal.answer = slow = Deferred()
        self.assertEqual(self.auth(GOOD, number="1"), [])
        self.portal.answer = None
        self.assertEqual(self.auth(BAD, number="2"), ["FAIL\t2\tuser=ada\t" + WRONG])
        slow.callback((IUser, KnownUser("ada"), None))
        self.assertEqual(self.said(), ["OK\t1\tuser=ada"])

    def test_not_too_many_at_once(self):
        for number in range(limits.LOGINS_AT_ONCE):
            self.say("AUTH", str(number), "LOGIN")
        given_up, asked = self.say("AUTH", "1000", "LOGIN")
        self.assertEqual(given_up.split("\t")[:3], ["FAIL", "0", "temp"])
        self.assertEqual(asked, "CONT\t1000\tVXNlcm5hbWU6")
        self.say("CANCEL", "1")
        self.assertEqual(self.say("AUTH", "1", "LOGIN"), ["CONT\t1\tVXNlcm5hbWU6"])

    def test_who_begins_many_gives_up_his_own(self):
        self.say("AUTH", "1", "LOGIN", "rip=192.0.2.1", "secured")
        for number in range(2, 3 * limits.LOGINS_AT_ONCE):
            self.say("AUTH", str(number), "LOGIN", f"rip=2001:db8::{number}", "secured")
        self.say("CONT", "1", "YWRh")
        self.assertEqual(self.say("CONT", "1", "c2VjcmV0"), ["OK\t1\tuser=ada"])

    def test_the_answer_to_a_challenge_that_was_given_up_meanwhile(self):
        self.say("AUTH", "1", "LOGIN")
        for number in range(2, limits.LOGINS_AT_ONCE + 2):
            self.say("AUTH", str(number), "LOGIN")
        self.assertEqual(self.say("CONT", "1", "YWRh")[0].split("\t")[:2], ["FAIL", "1"])
        self.assertEqual(self.say("CONT", "2", "YWRh"), ["CONT\t2\tUGFzc3dvcmQ6"])

    def test_what_a_sender_says_costs_nobody_else_anything(self):
        self.say("AUTH", "1", "LOGIN")
        self.say("AUTH", "2", "LOGIN")
        for words in (("CONT", "2", "?"), ("CONT", "2", "YWRh"), ("AUTH", "3", "PLAIN", "resp=?")):
            self.assertEqual(self.say(*words)[0].split("\t")[:2], ["FAIL", words[1]])
        self.assertEqual(self.say("CONT", "1", "YWRh"), ["CONT\t1\tUGFzc3dvcmQ6"])

    def test_not_too_many_are_checked_at_once(self):
        self.portal.answer = Deferred()
        for number in range(limits.LOGINS_AT_ONCE):
            self.auth(GOOD, number=str(number))
        self.assertEqual(self.say("AUTH", "1000", "LOGIN")[0].split("\t")[:3], ["FAIL", "1000", "temp"])

    def test_who_goes_away_is_not_waited_for(self):
        self.portal.answer = slow = Deferred(lambda _: cancelled.append(True))
        cancelled: list[bool] = []
        self.auth(GOOD)
        self.transport._lost()
        self.assertEqual(cancelled, [True])
        self.assertEqual(self.door._connections, {})
        self.assertTrue(slow.called)

    def test_another_version(self):
        self.say("VERSION", "2", "0")
        self.assert_dropped()

    def test_lines_that_nobody_can_answer(self):
        for line in ("AUTH", "AUTH\tx\tPLAIN", "CONT\tx\tYQ==", "CONT\t1", "VERSION"):
            self.transport, self.connection = self.connect()
            self.said()
            self.assertEqual(self.say(line), [])
            self.assert_dropped()

    def test_an_id_that_is_in_use(self):
        self.say("AUTH", "1", "LOGIN")
        self.say("AUTH", "1", "LOGIN")
        self.assert_dropped()

    def test_a_line_without_end(self):
        self.connection.dataReceived(b"A" * 100_000)
        self.assert_dropped()

    def test_words_of_later_versions_are_ignored(self):
        self.assertEqual(self.say("NEWS", "1"), [])
        self.assertFalse(self.transport.disconnecting)

    def test_who_does_not_read_is_not_read(self):
        self.transport.room = 1000
        self.connection.dataReceived(b"AUTH\t1\tNONE\n" * 100)
        self.assertEqual(self.transport.producerState, "paused")
        self.transport.empty()
        self.assertEqual(self.transport.producerState, "producing")

    def test_the_connection_of_who_does_not_read_ends_too(self):
        self.transport.room = 1000
        self.connection.dataReceived(b"AUTH\t1\tNONE\n" * 100)
        self.connection.shut_down()
        self.assert_dropped()
        self.assertIsNone(self.transport.producer)
