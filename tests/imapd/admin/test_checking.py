from mailstore.errors import Unavailable
from tests.imapd.admin.running import CommandTestCase


class CheckTests(CommandTestCase):
    def setUp(self):
        super().setUp()
        for name in ("ada", "bob"):
            self.succeeds("user", "add", name, "--password-stdin", stdin=b"secret\n")

    def test_all_is_well(self):
        self.assertEqual(self.succeeds("check"), "all is well\n")

    def test_problems_are_listed_and_the_status_says_so(self):
        self.store.problems["ada"] = ["counts", "runs"]
        self.store.failures["bob"] = Unavailable("the disk failed")
        self.store.register_problems = ["an account is nobody's"]
        status, output, errors = self.imapd("check")
        self.assertEqual(status, 1)
        self.assertEqual(output, "an account is nobody's\nada: counts\nada: runs\nbob: the disk failed\n")
        self.assertIn("4 problems found, --repair", errors)
        self.assertEqual(self.store.repaired, [])

    def test_what_can_be_put_right_is(self):
        self.store.problems["ada"] = ["counts", "runs"]
        said = "ada: put right: counts\nada: put right: runs\nall is well\n"
        self.assertEqual(self.succeeds("check", "--repair"), said)
        self.assertEqual(self.store.repaired, ["ada"])

    def test_what_cannot_be_put_right_is_said(self):
        self.store.problems["ada"] = ["counts"]
        self.store.beyond_repair["ada"] = ["other octets"]
        status, output, errors = self.imapd("check", "--repair")
        self.assertEqual(status, 1)
        self.assertEqual(output, "ada: put right: counts\nada: other octets\n")
        self.assertIn("1 problems left, restore what is damaged from a backup", errors)

    def test_one_user(self):
        self.store.problems["ada"] = ["counts"]
        self.store.register_problems = ["an account is nobody's"]
        self.assertEqual(self.succeeds("check", "--user", "bob"), "all is well\n")

    def test_a_password_hash_that_nobody_can_read(self):
        self.store.hashes["ada"] = "secret"
        status, output, errors = self.imapd("check", "--user", "ada")
        self.assertEqual(status, 1)
        self.assertIn("ada: the password hash cannot be read; 'imapd user passwd' gives", output)
        self.assertNotIn("secret", output + errors)

    def test_a_user_that_is_not_there(self):
        self.assertIn("there is no user eve", self.fails("check", "--user", "eve"))
