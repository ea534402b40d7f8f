from twisted.trial.unittest import SynchronousTestCase

from imapd.remote.address import Address, address, is_url


class AddressTests(SynchronousTestCase):
    def test_urls(self):
        for url, expected in (
            ("imaps://ada@mail.example.org/", Address("imaps", "mail.example.org", 993, "ada")),
            ("imaps://ada@example.org@mail.example.org", Address("imaps", "mail.example.org", 993, "ada@example.org")),
            ("imap://ada%40example.org@[::1]:1143/", Address("imap", "::1", 1143, "ada@example.org")),
            ("POP3S://localhost", Address("pop3s", "localhost", 995)),
            ("pop3://localhost", Address("pop3", "localhost", 110)),
        ):
            self.assertEqual(address(url), expected)
            self.assertTrue(is_url(url))

    def test_what_is_none(self):
        for url, reason in (
            ("imaps://", "must be like"),
            ("http://x/", "must be like"),
            ("imaps://ada:secret@x/", "does not belong on a command line"),
            ("imaps://x/INBOX", "nothing may follow"),
            ("imaps://x/?a", "nothing may follow"),
            ("imaps://x:99999/", "Port out of range"),
        ):
            error = self.assertRaises(ValueError, address, url)
            self.assertIn(reason, str(error))
            self.assertNotIn("secret", str(error))

    def test_files_are_no_urls(self):
        for path in ("mail/x.mbox", "imaps", "imaps:", "http://x", "/imaps://"):
            self.assertFalse(is_url(path))

    def test_this_machine(self):
        for url, local in (
            ("imap://127.0.0.1", True),
            ("imap://[::1]", True),
            ("imap://localhost", True),
            ("imap://x", False),
        ):
            self.assertEqual(address(url).is_local, local)
