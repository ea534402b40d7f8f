from imapd.auth.passwords import Password, verify
from imapd.config import FILE_NAME
from mailstore.errors import Unavailable
from tests.imapd.admin.running import CommandTestCase


class UserTests(CommandTestCase):
    def add(self, name, password=b"secret\n"):
        return self.succeeds("user", "add", name, "--password-stdin", stdin=password)

    def accepts(self, name, password):
        return verify(Password(password), self.store.hashes[name])

    def test_add(self):
        self.assertEqual(self.add("Ada@example.org"), "user Ada@example.org added\n")
        self.assertTrue(self.accepts("ada@example.org", b"secret"))
        self.assertTrue((self.data / FILE_NAME).exists())
        self.assertEqual(self.store.closed, 1)

    def test_only_the_newline_of_one_line_is_no_part_of_the_password(self):
        for line, password in (
            (b" a b \n", b" a b "),
            (b"x\r\n", b"x"),
            (b"x", b"x"),
            (b"x\ny\n", b"x"),
            (b"\xff\n", b"\xff"),
        ):
            self.store.hashes.clear()
            self.add("ada", line)
            self.assertTrue(self.accepts("ada", password))

    def test_list(self):
        self.assertEqual(self.succeeds("user", "list"), "")
        self.add("bob")
        self.add("ada")
        self.assertEqual(self.succeeds("user", "list"), "ada\nbob\n")

    def test_quota(self):
        self.add("ada")
        storage, messages = "storage: 2.0K of unlimited", "messages: 1 of unlimited"
        for arguments, shown, listed in (
            ((), f"{storage}, like everybody\n{messages}, like everybody\n", "default\tdefault"),
            (("--storage", "2g"), f"storage: 2.0K of 2G, for this user\n{messages}, like everybody\n", "2G\tdefault"),
            (("--messages", "7"), "storage: 2.0K of 2G, for this user\nmessages: 1 of 7, for this user\n", "2G\t7"),
            (
                ("--storage", "unlimited"),
                f"{storage}, for this user\nmessages: 1 of 7, for this user\n",
                "unlimited\t7",
            ),
            (("--unlimited",), f"{storage}, for this user\n{messages}, for this user\n", "unlimited\tunlimited"),
            (("--default",), f"{storage}, like everybody\n{messages}, like everybody\n", "default\tdefault"),
        ):
            self.assertEqual(self.succeeds("user", "quota", "ADA", *arguments), shown)
            self.assertEqual(self.succeeds("user", "list", "--quota"), f"ada\t{listed}\n")
        self.assertEqual(self.store.accounts["ada"].holders, 0)

    def test_a_quota_that_is_none(self):
        self.add("ada")
        for arguments, text in (
            (("--storage", "0"), "'--storage': it must be a size, such as 500M or 2G, or unlimited."),
            (("--storage", "2 GB"), "it must be a size"),
            (("--messages", "-1"), "'--messages': it must be a number, 1 at least, or unlimited."),
            (("--messages", "7", "--default"), "give limits, or --default."),
        ):
            self.assertIn(text, self.fails("user", "quota", "ada", *arguments, status=2))
        self.assertEqual(self.succeeds("user", "list", "--quota"), "ada\tdefault\tdefault\n")

    def test_passwd(self):
        self.add("ada")
        self.succeeds("user", "passwd", "ADA", "--password-stdin", stdin=b"other\n")
        self.assertTrue(self.accepts("ada", b"other"))

    def test_a_script_that_deletes_is_not_asked(self):
        self.add("ada")
        self.succeeds("user", "delete", "ada")
        self.assertEqual(self.store.hashes, {})

    def test_what_is_there_or_is_not(self):
        self.add("ada")
        self.assertIn("there is a user ada already", self.fails("user", "add", "ada", "--password-stdin", stdin=b"x\n"))
        for command in (["delete", "bob"], ["passwd", "bob", "--password-stdin"], ["quota", "bob"]):
            self.assertIn("there is no user bob; 'imapd user list'", self.fails("user", *command, stdin=b"x\n"))

    def test_a_password_that_cannot_be_had(self):
        for arguments, line, text in (
            (["--password-stdin"], b"\n", "the password is empty"),
            (["--password-stdin"], b"", "the password is empty"),
            (["--password-stdin"], b"x" * 2000, "at most 1024 octets"),
            (["--password-stdin"], b"x\0y\n", "no NUL"),
            ([], b"secret\n", "give --password-stdin"),
        ):
            self.assertIn(text, self.fails("user", "add", "ada", *arguments, stdin=line, status=2))

    def test_wrong_arguments_say_where_help_is(self):
        self.assertIn("See 'imapd user add --help'.", self.fails("user", "add", status=2))
        self.assertIn("No such command", self.fails("user", "nonsense", status=2))

    def test_a_store_that_fails(self):
        async def users():
            raise Unavailable("the disk is full")

        self.store.users = users
        self.assertEqual(self.fails("user", "list"), "imapd: the disk is full\n")
        self.assertEqual(self.store.closed, 1)

    def test_a_wrong_configuration(self):
        self.data.mkdir()
        (self.data / FILE_NAME).write_text("imaps = 993\n")
        self.assertIn(f"imapd: {self.data / FILE_NAME}: imaps = 993 must be", self.fails("user", "list"))
