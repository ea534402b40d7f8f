from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from mailstore.errors import AlreadyExists, Conflict, Corrupt, NotFound
from mailstore.model import AccountId, User
from tests.imapd.admin.running import CommandTestCase
from tests.process import imapd


class Backup:
    """A backup in memory: of whom there is one, and what becomes of the next."""

    def __init__(self):
        self.outcomes = {}
        self.kept = []
        self.whole = []
        self.closed = 0

    async def update(self, user, progress, *, whole):
        outcome = self.outcomes.get(user.name, True)
        if isinstance(outcome, Exception):
            raise outcome
        progress(1, 1)
        self.whole.append(whole)
        self.kept = [*(each for each in self.kept if each != user), user]
        return outcome

    async def users(self):
        return self.kept

    async def drop(self, user):
        self.kept.remove(user)

    async def close(self):
        self.closed += 1


class BackupTests(CommandTestCase):
    def setUp(self):
        super().setUp()
        for name in ("ada", "bob"):
            self.succeeds("user", "add", name, "--password-stdin", stdin=b"secret\n")
        self.backup = Backup()
        self.store.backup = self.open

    async def open(self, place):
        if self.backup is None:
            raise Conflict("another backup into this folder is under way")
        self.place = place
        return self.backup

    def test_everybody(self):
        self.backup.outcomes["bob"] = False
        self.assertEqual(self.succeeds("backup", "kept"), "1 accounts backed up, 1 were as before, 0 failed\n")
        self.assertEqual((self.place, self.backup.whole, self.backup.closed), ("kept", [False, False], 1))

    def test_some_and_whole(self):
        self.succeeds("backup", "kept", "--user", "bob", "--full")
        self.assertEqual(([user.name for user in self.backup.kept], self.backup.whole), (["bob"], [True]))
        self.assertIn("there is no user eve", self.fails("backup", "kept", "--user", "eve"))

    def test_the_others_go_on_when_one_fails(self):
        self.backup.outcomes["ada"] = Corrupt("the account is damaged")
        status, output, errors = self.imapd("backup", "kept")
        self.assertEqual((status, output), (1, "1 accounts backed up, 0 were as before, 1 failed\n"))
        self.assertEqual(errors, "imapd: ada: the account is damaged; its backup is as it was\n")

    def test_one_at_a_time(self):
        self.backup = None
        self.assertIn("another backup into this folder is under way", self.fails("backup", "kept"))

    def test_users_that_are_gone(self):
        self.backup.kept = [User("eve", AccountId("eve"))]
        self.assertIn("gone, and kept until --prune drops them: eve\n", self.succeeds("backup", "kept"))
        self.assertIn("gone, and dropped: eve\n", self.succeeds("backup", "kept", "--prune"))
        self.assertEqual([user.name for user in self.backup.kept], ["ada", "bob"])


class RestoreTests(CommandTestCase):
    def setUp(self):
        super().setUp()
        self.store.restore = self.restore
        self.error = None

    async def restore(self, *given, replace):
        if self.error:
            raise self.error
        self.restored = (*given[:3], replace)
        return User(given[2], AccountId("1"))

    def test_an_account(self):
        self.assertEqual(self.succeeds("restore", "kept", "--user", "ada"), "user ada is back\n")
        self.assertEqual(self.restored, ("kept", "ada", "ada", False))
        self.assertEqual(
            self.succeeds("restore", "kept", "--user", "ada", "--as", "bob", "--replace"), "user bob is back\n"
        )
        self.assertEqual(self.restored, ("kept", "ada", "bob", True))

    def test_what_to_do_when_it_cannot_be(self):
        for error, hint in (
            (AlreadyExists(), "with --as, a folder with --mailbox, or put it in place of what is there with --replace"),
            (Conflict(), "ada is logged in, or was half a minute ago, and could lose mail: stop the server first"),
            (NotFound("there is no such user"), "there is no such user in kept; SRC is the DEST of 'imapd backup'"),
            (Corrupt("a message is damaged"), "a message is damaged"),
        ):
            self.error = error
            self.assertIn(hint, self.fails("restore", "kept", "--user", "ada"))

    def test_options_that_do_not_go_together(self):
        for options, hint in (
            (["--into", "Old"], "--into goes with --mailbox or --message"),
            (["--mailbox", "Old", "--replace"], "--replace is for whole accounts"),
            (["--message", "17"], "a UID says which message of a mailbox"),
        ):
            self.assertIn(hint, self.fails("restore", "kept", "--user", "ada", *options, status=2))


class RealTests(SynchronousTestCase):
    """The real store on the real reactor: each command is a process of its own, so there are few."""

    def test_there_and_back_again(self):
        here, there, kept = (Path(self.mktemp()).absolute() for _ in range(3))
        imapd(here, "init", "--demo")
        self.assertEqual(imapd(here, "backup", str(kept)), "1 accounts backed up, 0 were as before, 0 failed\n")
        self.assertEqual(imapd(there, "check", "--store", str(kept)), "all is well\n")
        self.assertEqual(imapd(there, "restore", str(kept), "--user", "demo"), "user demo is back\n")
        welcome = ["--user", "demo", "--message", "welcome.1@localhost", "--into", "Old"]
        self.assertEqual(
            imapd(there, "restore", str(kept), *welcome), "1 messages are back, 0 were there, 0 are damaged\n"
        )
        self.assertEqual(imapd(there, "check"), "all is well\n")
