from imapd.auth.passwords import Password, is_outdated, verify
from mailstore.model import OwnQuota
from tests.imapd.admin.running import CommandTestCase
from tests.imapd.auth.test_schemes import MADE_BY_DOVECOT, PASSWORD

SHA512 = "{SHA512-CRYPT}" + MADE_BY_DOVECOT["SHA512-CRYPT"]


class ImportUsersTests(CommandTestCase):
    def users(self, text, *options):
        return self.imapd("user", "import", "-", *options, stdin=text.encode(errors="surrogateescape"))

    def test_everyone(self):
        text = f"# users\nAda@example.org:{SHA512}:::::: userdb_quota_rule=*:storage=1G\nbob:{{PLAIN}}hunter2\n"
        self.assertEqual(self.users(text), (0, "2 added, 0 updated, 0 there already, 0 left out\n", ""))
        self.assertTrue(verify(Password(PASSWORD), self.store.hashes["ada@example.org"]))
        self.assertTrue(verify(Password(b"hunter2"), self.store.hashes["bob"]))
        self.assertFalse(is_outdated(self.store.hashes["bob"]))
        self.assertEqual(self.store.accounts["ada@example.org"].own, OwnQuota(1 << 30))
        self.assertEqual(self.store.accounts["bob"].own, OwnQuota())

    def test_who_is_there_stays_as_before_unless_told(self):
        self.users("ada:{PLAIN}new-one\n")
        self.assertEqual(self.users(f"ada:{SHA512}\n")[1], "0 added, 0 updated, 1 there already, 0 left out\n")
        self.assertTrue(verify(Password(b"new-one"), self.store.hashes["ada"]))
        self.assertEqual(
            self.users(f"ADA:{SHA512}\n", "--update")[1], "0 added, 1 updated, 0 there already, 0 left out\n"
        )
        self.assertEqual(self.store.hashes["ada"], SHA512)

    def test_whoever_cannot_be_taken_over_is_named(self):
        text = f"ada:{{CRAM-MD5}}0839\nroot:!\neve:{{PLAIN}}\nmallory:{SHA512}::::::nologin\nbob:{SHA512}\n"
        status, output, errors = self.users(text)
        self.assertEqual((status, output), (1, "1 added, 0 updated, 0 there already, 4 left out\n"))
        self.assertEqual(
            errors.splitlines(),
            [
                "imapd: line 1, 'ada': the scheme CRAM-MD5 is not known",
                "imapd: line 2, 'root': there is no password",
                "imapd: line 3, 'eve': the password is empty",
                "imapd: line 4, 'mallory': nologin: such restrictions are not known here",
            ],
        )
        self.assertEqual(list(self.store.hashes), ["bob"])

    def test_a_file_that_is_not_there(self):
        self.assertIn("No such file", self.fails("user", "import", "/nonexistent/users", status=2))
