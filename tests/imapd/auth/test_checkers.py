from types import SimpleNamespace
from typing import Any, cast

from twisted.cred.credentials import UsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.internet import reactor
from twisted.trial.unittest import TestCase

from imapd.auth import checkers
from imapd.auth.checkers import PasswordChecker
from imapd.auth.passwords import Password, hash_password, is_outdated, is_readable, verify
from tests.imapd.auth.register import Register

HASH = hash_password(Password(b"secret"))

UNREADABLE = ("", "secret", HASH[:-9] + "!", HASH[:30], "{NONE}x", "{BLF-CRYPT}$2y$05$x", "{SHA512-CRYPT}$6$")


class PasswordCheckerTests(TestCase):
    def setUp(self):
        self.register = Register(**{"ada": HASH, "bob@example.org": HASH})
        self.checker = PasswordChecker(cast(Any, self.register), cast(Any, reactor), cast(Any, reactor).seconds)
        self.checker.start()
        self.addCleanup(self.checker.stop)

    def check(self, name, password):
        return self.checker.requestAvatarId(UsernamePassword(name, password))

    async def test_a_right_password_gives_the_user(self):
        for name in (b"ada", b"ADA"):
            self.assertEqual(await self.check(name, b"secret"), await self.register.user("ada"))
        self.assertEqual((await self.check(b"Bob@Example.org", b"secret")).name, "bob@example.org")

    async def test_everything_else_is_refused_alike(self):
        for name, password in (
            (b"ada", b"Secret"),
            (b"ada", b""),
            (b"eve", b"secret"),
            (b"", b"secret"),
            (b"\xff", b"secret"),
            (b"../ada", b"secret"),
        ):
            error = await self.assertFailure(self.check(name, password), UnauthorizedLogin)
            self.assertEqual(str(error), "wrong name or password")

    async def test_an_unknown_name_costs_a_verification_too(self):
        hashes = []

        def verify(password, hashed):
            hashes.append(hashed)
            return False

        self.patch(checkers, "verify", verify)
        await self.assertFailure(self.check(b"eve", b"secret"), UnauthorizedLogin)
        self.assertFalse(is_outdated(*hashes))

    async def test_a_hash_that_nobody_can_read_matches_nothing(self):
        verified = []

        def counted(password, hashed):
            verified.append(hashed)
            return verify(password, hashed)

        self.patch(checkers, "verify", counted)
        logged = []
        log = SimpleNamespace(warn=lambda text, **values: logged.append(text.format(**values)))
        self.patch(PasswordChecker, "_log", log)
        for hashed in UNREADABLE:
            self.assertFalse(is_readable(hashed), hashed)
            self.register.hashes["ada"] = hashed
            error = await self.assertFailure(self.check(b"ADA", b"secret"), UnauthorizedLogin)
            self.assertEqual(str(error), "wrong name or password")
            self.assertEqual(verified[-2], hashed)
            self.assertFalse(is_outdated(verified[-1]), "it takes as long as a wrong password")
            self.assertIn("the password hash of ada cannot be read", logged.pop())
            self.assertEqual(logged, [])

    async def test_who_comes_back_is_not_hashed_again_until_the_password_is_changed(self):
        await self.check(b"ada", b"secret")
        self.patch(checkers, "verify", lambda password, hashed: False)
        self.assertEqual((await self.check(b"ada", b"secret")).name, "ada")
        await self.assertFailure(self.check(b"ada", b"Secret"), UnauthorizedLogin)
        self.register.hashes["ada"] = hash_password(Password(b"changed"))
        await self.assertFailure(self.check(b"ada", b"secret"), UnauthorizedLogin)

    async def test_a_hash_of_other_parameters_is_renewed(self):
        self.patch(checkers, "is_outdated", lambda hashed: True)
        await self.check(b"ada", b"secret")
        self.assertNotEqual(self.register.hashes["ada"], HASH)
        self.assertTrue(verify(Password(b"secret"), self.register.hashes["ada"]))

    async def test_a_password_that_is_changed_meanwhile_stays_changed(self):
        self.patch(checkers, "is_outdated", lambda hashed: True)
        changed = hash_password(Password(b"changed"))

        def slow(password):
            self.register.hashes["ada"] = changed
            return hash_password(password)

        self.patch(checkers, "hash_password", slow)
        await self.check(b"ada", b"secret")
        self.assertEqual(self.register.hashes["ada"], changed)

    async def test_a_hash_made_elsewhere_becomes_one_of_our_own_at_the_next_login(self):
        foreign = "{SSHA}Li97nPaAd6wegS6XSByw7enIuftD+Tpz"
        self.register.hashes["ada"] = foreign
        await self.assertFailure(self.check(b"ada", b"secret"), UnauthorizedLogin)
        self.assertEqual(self.register.hashes["ada"], foreign)
        self.assertEqual((await self.check(b"ada", "Grüße 7".encode())).name, "ada")
        self.assertTrue(self.register.hashes["ada"].startswith("$argon2id$"))
        self.assertTrue(verify(Password("Grüße 7".encode()), self.register.hashes["ada"]))

    async def test_many_at_once(self):
        self.assertTrue(is_readable(HASH))
        users = [await waiting for waiting in [self.check(b"ada", b"secret") for _ in range(5)]]
        self.assertEqual([user.name for user in users], ["ada"] * 5)
