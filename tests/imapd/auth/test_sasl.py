from twisted.cred.error import UnauthorizedLogin
from twisted.trial.unittest import SynchronousTestCase

from imapd.auth.credentials import NameAndPassword
from imapd.auth.sasl import MECHANISMS, Challenge, SaslError


def answer(step):
    assert isinstance(step, NameAndPassword)
    return step.username, step.password


class PlainTests(SynchronousTestCase):
    def step(self, response):
        return MECHANISMS[b"PLAIN"]().step(response)

    def test_the_client_begins(self):
        self.assertEqual(self.step(None), Challenge(b""))

    def test_the_messages_of_rfc_4616(self):
        for message, name, password in (
            (b"\0tim\0tanstaaftanstaaf", b"tim", b"tanstaaftanstaaf"),
            (b"tim\0tim\0pass word", b"tim", b"pass word"),
            (b"TIM\0tim\0x", b"tim", b"x"),
            ("\0jürgen\0grüße".encode(), "jürgen".encode(), "grüße".encode()),
        ):
            self.assertEqual(answer(self.step(message)), (name, password))

    def test_acting_as_another_is_refused(self):
        self.assertRaises(UnauthorizedLogin, self.step, b"Ursel\0Kurt\0xipj3plmq")

    def test_malformed(self):
        for message in (b"", b"\0", b"tim\0pass", b"\0\0pass", b"\0tim\0", b"\0tim\0pass\0", b"\0a\0b\0c"):
            self.assertRaises(SaslError, self.step, message)


class LoginTests(SynchronousTestCase):
    def test_the_server_asks(self):
        login = MECHANISMS[b"LOGIN"]()
        self.assertEqual(login.step(None), Challenge(b"Username:"))
        self.assertEqual(login.step(b"tim"), Challenge(b"Password:"))
        self.assertEqual(answer(login.step(b"secret")), (b"tim", b"secret"))

    def test_an_initial_response_is_the_name(self):
        login = MECHANISMS[b"LOGIN"]()
        self.assertEqual(login.step(b"tim"), Challenge(b"Password:"))
        self.assertEqual(answer(login.step(b"secret")), (b"tim", b"secret"))

    def test_malformed(self):
        for name, password in ((b"", b"secret"), (b"tim", b"")):
            login = MECHANISMS[b"LOGIN"]()
            login.step(name)
            self.assertRaises(SaslError, login.step, password)
