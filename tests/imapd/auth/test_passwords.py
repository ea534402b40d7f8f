import pickle

from argon2.exceptions import VerificationError
from twisted.trial.unittest import SynchronousTestCase

from imapd.auth import passwords
from imapd.auth.credentials import NameAndPassword
from imapd.auth.passwords import (
    Password,
    UnreadableHashError,
    hash_password,
    is_outdated,
    unmatchable_hash,
    verify,
)

OLD = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$+Rg/hO4V1gTsZYTFyZ4jcFpgtyLJzwL5bkMTj0NfM58"


class PasswordTests(SynchronousTestCase):
    def test_nothing_prints_it(self):
        password = Password(b"xyzzy")
        for holder in (password, [password], NameAndPassword(b"ada", password)):
            for text in (repr(holder), str(holder), f"{holder}", "%s" % (holder,)):  # noqa: UP031  # one more way to print
                self.assertNotIn("xyzzy", text)
        self.assertRaises(TypeError, pickle.dumps, password)

    def test_it_is_revealed_on_purpose(self):
        self.assertEqual(Password(b"secret").reveal(), b"secret")
        credentials = NameAndPassword(b"ada", Password(b"secret"))
        self.assertEqual(credentials.password, b"secret")
        self.assertTrue(credentials.checkPassword(b"secret"))
        self.assertFalse(credentials.checkPassword(b"Secret"))


class HashTests(SynchronousTestCase):
    def test_only_the_password_matches(self):
        hashed = hash_password(Password(b"secret"))
        self.assertTrue(hashed.startswith("$argon2id$"))
        self.assertTrue(verify(Password(b"secret"), hashed))
        for other in (b"", b"Secret", b"secret ", b"secret\0"):
            self.assertFalse(verify(Password(other), hashed))

    def test_the_same_password_is_hashed_differently_each_time(self):
        self.assertNotEqual(hash_password(Password(b"secret")), hash_password(Password(b"secret")))

    def test_two_spellings_of_one_letter_match(self):
        hashed = hash_password(Password("Grüße\u00a0x".encode()))
        self.assertTrue(verify(Password("Gru\u0308ße x".encode()), hashed))

    def test_octets_that_are_not_utf8_are_a_password_too(self):
        hashed = hash_password(Password(b"gr\xfc\xdfe"))
        self.assertTrue(verify(Password(b"gr\xfc\xdfe"), hashed))
        self.assertFalse(verify(Password("grüße".encode()), hashed))

    def test_other_parameters_are_outdated(self):
        self.assertTrue(is_outdated(OLD))
        self.assertFalse(is_outdated(hash_password(Password(b"secret"))))

    def test_too_little_memory_is_not_taken_for_a_bad_hash(self):
        class Full:
            def verify(self, *_):
                raise VerificationError("Memory allocation error")

        self.patch(passwords, "_HASHER", Full())
        self.assertRaises(MemoryError, verify, Password(b"secret"), OLD)
        self.assertRaises(UnreadableHashError, verify, Password(b"secret"), OLD[:-20])

    def test_the_unmatchable_hash_costs_the_same_and_matches_nothing(self):
        self.assertFalse(is_outdated(unmatchable_hash()))
        self.assertFalse(verify(Password(b""), unmatchable_hash()))
