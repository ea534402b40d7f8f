from twisted.trial.unittest import SynchronousTestCase

from imapd.moving.moved import Moved, table
from tests.imapd.admin.running import CommandTestCase


class CommandTests(CommandTestCase):
    def test_what_makes_no_sense(self):
        for arguments, text in (
            (["imaps://x/"], "give either --user or --everyone"),
            (["imaps://x/", "--user", "ada", "--everyone"], "give either --user or --everyone"),
            (["imaps://x/", "--everyone"], "takes --login-as"),
            (["imaps://ada@x/", "--everyone", "--login-as", "root"], "a URL without a user"),
            (["pop3s://x/", "--user", "ada"], "must begin with imaps or imap"),
            (["imaps://ada:secret@x/", "--user", "ada"], "a password does not belong on a command line"),
            (["imaps://x/Folder", "--user", "ada"], "nothing may follow"),
            (["imaps://x/", "--user", "ada"], "no terminal to ask for the password"),
        ):
            error = self.fails("import", *arguments, status=2)
            self.assertIn(text, error)
            self.assertNotIn("secret", error)

    def test_nobody(self):
        arguments = ["imaps://127.0.0.1:1/", "--user", "ada", "--password-stdin"]
        self.assertIn("there is no user ada", self.fails("import", *arguments, stdin=b"x\n"))

    def test_files_are_still_imported(self):
        self.assertIn("there is no user ada", self.fails("import", "imaps", "--user", "ada"))


class TableTests(SynchronousTestCase):
    def test_lines(self):
        moved = [
            Moved("INBOX", 1000, 2 << 20, 10, 0, 3, 1001, 2 << 20),
            Moved("Empty"),
            Moved("Bad", failed=True, lacking=2, notes=["no"]),
            Moved("Some", 5, 100, here=4, octets_here=80, unequal=1),
        ]
        self.assertEqual(
            list(table(moved)),
            [
                "folder     there        here        brought  lacking",
                "INBOX       1000  2.0M  1001  2.0M       10        0  3 with new flags",
                "Bad            0     0     -     -        0        2  no",
                "Some           5   100     4    80        0        0  1 removed here since, or of another size",
                "4 folders   1005  2.0M  1005  2.0M       10        2",
            ],
        )
