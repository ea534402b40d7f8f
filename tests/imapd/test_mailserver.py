from twisted.trial.unittest import SynchronousTestCase

from imapd.mailserver import Server, server

HOST = "mail.example.org"


class ServerTests(SynchronousTestCase):
    def test_read(self):
        for url, read in (
            ("imaps://mail.example.org:1993", Server("imaps", HOST, 1993)),
            ("pop3://mail.example.org", Server("pop3", HOST, 110)),
            ("submissions://mail.example.org/", Server("submissions", HOST, 465)),
        ):
            self.assertEqual(server(url), read)

    def test_refused(self):
        for url in ("", "imaps:", "imaps://", "http://a", "imaps://a:0", "imaps://a:65536", "imaps://u@a", "imaps://a/b"):
            self.assertRaises(ValueError, server, url)

    def test_kind(self):
        for scheme, protocol, tls_first in (("pop3s", "pop3", True), ("submission", "submission", False)):
            kind = Server(scheme, HOST, 1)
            self.assertEqual((kind.protocol, kind.tls_first), (protocol, tls_first))
