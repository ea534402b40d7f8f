from mailstore.aliases import Alias
from mailstore.errors import AlreadyExists, InvalidName, NotFound, TooBig
from tests.imapd.admin.running import CommandTestCase


class AliasTests(CommandTestCase):
    def setUp(self):
        super().setUp()
        self.store.hashes |= {"ada": "", "bob": ""}
        self.store.accounts |= dict.fromkeys(("ada", "bob"))
        self.owners = {"sales": "bob"}
        self.store.aliases, self.store.add_alias, self.store.remove_alias = self.aliases, self.add, self.remove
        self.store.user = self.user

    async def user(self, name):
        if name not in self.store.hashes:
            raise NotFound("there is no such user")

    async def aliases(self, name):
        return [Alias(alias, user) for alias, user in sorted(self.owners.items()) if name in {user, None}]

    async def add(self, name, alias):
        if alias in self.owners:
            raise AlreadyExists("bob has that alias already")
        if " " in alias:
            raise InvalidName("no spaces")
        if alias == "more":
            raise TooBig("a user has at most 1 alias")
        self.owners[alias] = name

    async def remove(self, name, alias):
        if self.owners.get(alias) != name:
            raise NotFound("the user has no such alias")
        del self.owners[alias]

    def test_they_are_shown(self):
        self.assertEqual(self.succeeds("user", "alias"), "sales\tbob\n")
        self.assertEqual(self.succeeds("user", "alias", "bob"), "sales\n")
        self.assertEqual(self.succeeds("user", "alias", "ada"), "")

    def test_they_come_and_go(self):
        shown = self.succeeds("user", "alias", "ada", "--add", "info", "--add", "@example.org")
        self.assertEqual(shown, "@example.org\ninfo\n")
        self.assertEqual(self.succeeds("user", "alias", "ada", "--remove", "info"), "@example.org\n")

    def test_one_moves(self):
        self.succeeds("user", "alias", "bob", "--remove", "sales")
        self.assertEqual(self.succeeds("user", "alias", "ada", "--add", "sales"), "sales\n")

    def test_refusals(self):
        self.assertIn("sales: bob has that alias already", self.fails("user", "alias", "ada", "--add", "sales"))
        self.assertIn("a b: no spaces", self.fails("user", "alias", "ada", "--add", "a b"))
        self.assertIn("more: a user has at most", self.fails("user", "alias", "ada", "--add", "more"))
        self.assertIn("ada has no alias sales", self.fails("user", "alias", "ada", "--remove", "sales"))
        self.assertIn("there is no user eve", self.fails("user", "alias", "eve", "--add", "x"))
        self.assertIn("say whose aliases", self.fails("user", "alias", "--add", "x", status=2))
