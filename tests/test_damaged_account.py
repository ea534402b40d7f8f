"""One account is damaged: its user hears so, the administrator is told what to run, and everyone else goes on."""

import imaplib
from pathlib import Path

import apsw
from twisted.trial.unittest import SynchronousTestCase

from tests.process import ServerProcess, data_folder, imapd, imapd_fails


class DamagedAccountTest(SynchronousTestCase):
    def setUp(self):
        self.data = Path(self.mktemp()).absolute()
        data_folder(self.data)
        [self.path] = self.data.rglob("accounts/*/*.db")
        imapd(self.data, "user", "add", "bob", "--password-stdin", stdin="secret\n")
        message = Path(self.mktemp()).with_suffix(".eml").absolute()
        message.write_bytes(b"Subject: hello\r\n\r\nhello\r\n")
        imapd(self.data, "import", "--user", "ada", str(message), str(message))

    def client(self, name):
        client = imaplib.IMAP4("127.0.0.1", self.server.port)
        client.login(name, "secret")
        self.addCleanup(client.shutdown)
        return client

    def damage(self, table):
        """Write nonsense over a table's first page."""
        connection = apsw.Connection(str(self.path))
        [page] = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        connection.close()
        with self.path.open("r+b") as file:
            file.seek((page - 1) * 4096)
            file.write(b"nonsense" * 512)

    def test_the_others_go_on_and_repair_brings_it_back(self):
        self.damage("uid_run")
        self.server = ServerProcess(self.data)
        self.addCleanup(self.server.kill)
        bob = self.client("bob")
        self.assertIn(b"[CORRUPTION]", self.client("ada").select()[1][0])
        self.assertEqual(bob.append("INBOX", None, None, b"Subject: hello\r\n\r\nhello\r\n")[0], "OK")
        self.assertEqual(bob.select()[0], "OK")
        self.assertIn("imapd check --user ada", self.server.log)
        self.assertIn("ada: SQLite: ", imapd_fails(self.data, "check"))
        self.assertEqual(imapd(self.data, "check", "--user", "bob"), "all is well\n")
        done = imapd(self.data, "check", "--repair")
        self.assertIn("ada: a damaged table: uid_run is made anew\n", done)
        self.assertTrue(done.endswith("all is well\n"))
        self.assertEqual(self.client("ada").select(), ("OK", [b"2"]))

    def test_one_message_is_damaged(self):
        """The others are sent, with it in one command too, and the connection stays."""
        connection = apsw.Connection(str(self.path))
        connection.execute("DELETE FROM chunk")
        connection.close()
        message = Path(self.mktemp()).with_suffix(".eml").absolute()
        message.write_bytes(b"Subject: whole\r\n\r\nwhole\r\n")
        imapd(self.data, "import", "--user", "ada", str(message))
        self.server = ServerProcess(self.data)
        self.addCleanup(self.server.kill)
        ada = self.client("ada")
        ada.select()
        for what in ("BODY.PEEK[]", "BODY.PEEK[TEXT]", "BODY.PEEK[HEADER]"):
            kind, told = ada.fetch("1", f"({what})")
            self.assertEqual((kind, told[0][:12]), ("NO", b"[CORRUPTION]"), what)
        self.assertEqual(ada.fetch("3", "(BODY.PEEK[TEXT])")[1][0][1], b"whole\r\n")
        self.assertEqual(ada.fetch("1:*", "(BODY.PEEK[])")[0], "NO")
        self.assertIn(b"Subject: whole", ada.response("FETCH")[1][0][1])
        for criteria in (["TEXT", "whole"], ["SUBJECT", "whole", "NOT", "BODY", "hello"]):
            kind, told = ada.uid("SEARCH", *criteria)
            self.assertEqual((kind, told[0][:12]), ("NO", b"[CORRUPTION]"), criteria)
            self.assertEqual(ada.response("SEARCH")[1], [b"3"])
        self.assertIn("INBOX UID 1", imapd_fails(self.data, "check", "--repair"))

    def test_an_account_that_cannot_even_be_opened(self):
        self.path.write_bytes(b"nonsense" * 2048)
        self.server = ServerProcess(self.data)
        self.addCleanup(self.server.kill)
        refused = self.assertRaises(imaplib.IMAP4.error, self.client, "ada")
        self.assertIn("[CORRUPTION]", str(refused))
        self.client("bob").select()
        self.assertIn("restore it from a backup", imapd_fails(self.data, "check", "--repair"))
