from mailstore.errors import Corrupt
from tests.imapd.admin.running import CommandTestCase


class CheckTests(CommandTestCase):
    def setUp(self):
        super().setUp()
        for name in ("ada", "bob"):
            self.succeeds("user", "add", name, "--password-stdin", stdin=b"secret\n")
            self.finds(name)

    def finds(self, name, *problems, error=None):
        async def check_consistency():
            if error is not None:
                raise error
            return list(problems)

        self.store.accounts[name].check_consistency = check_consistency

    def test_all_is_well(self):
        self.assertEqual(self.succeeds("check"), "all is well\n")
        self.assertEqual({account.holders for account in self.store.accounts.values()}, {0})

    def test_problems_are_listed_and_the_status_says_so(self):
        self.finds("ada", "counts", "runs")
        self.finds("bob", error=Corrupt("the account is damaged"))
        status, output, errors = self.imapd("check")
        self.assertEqual(status, 1)
        self.assertEqual(output, "ada: counts\nada: runs\nbob: the account is damaged\n")
        self.assertIn("3 problems", errors)

    def test_one_user(self):
        self.finds("ada", "counts")
        self.assertEqual(self.succeeds("check", "--user", "bob"), "all is well\n")

    def test_a_user_that_is_not_there(self):
        self.assertIn("there is no user eve", self.fails("check", "--user", "eve"))
