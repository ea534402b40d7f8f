from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from imapd.auth import verified
from imapd.auth.passwords import Password
from imapd.auth.verified import SECONDS, Verified

SECRET = Password(b"secret")


class VerifiedTests(SynchronousTestCase):
    def setUp(self):
        self.clock = Clock()
        self.verified = Verified(self.clock.seconds)
        self.verified.remember(SECRET, "hash")

    def test_only_what_was_remembered_is_known(self):
        self.assertTrue(self.verified.knows(SECRET, "hash"))
        self.assertFalse(self.verified.knows(Password(b"Secret"), "hash"))
        self.assertFalse(self.verified.knows(SECRET, "another hash"))
        self.assertFalse(Verified(self.clock.seconds).knows(SECRET, "hash"))

    def test_for_some_minutes(self):
        self.clock.advance(SECONDS - 1)
        self.assertTrue(self.verified.knows(SECRET, "hash"))
        self.clock.advance(1)
        self.assertFalse(self.verified.knows(SECRET, "hash"))

    def test_the_oldest_is_forgotten_when_there_are_too_many(self):
        self.patch(verified, "ENTRIES", 2)
        for name in ("one", "two"):
            self.verified.remember(SECRET, name)
        known = [name for name in ("hash", "one", "two") if self.verified.knows(SECRET, name)]
        self.assertEqual(known, ["one", "two"])

    def test_it_keeps_no_password(self):
        self.assertNotIn("secret", repr(vars(self.verified)))
