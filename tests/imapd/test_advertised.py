from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from imapd.advertised import domains, servers
from imapd.config import Config
from imapd.mailserver import Server

HOST = "mail.example.org"
SUBMISSION = (Server("submissions", HOST, 465), Server("submission", HOST, 587))


def config(**settings):
    return Config(Path("data"), **{"host_name": HOST, "imap": (), "imaps": (), **settings})


class ServersTests(SynchronousTestCase):
    def test_the_doors_that_can_be_reached(self):
        both = config(imap=("tcp:143", "tcp:1143:interface=127.0.0.1"), imaps=("tcp6:port=993:interface=\\:\\:",))
        imap, imaps = Server("imap", HOST, 143), Server("imaps", HOST, 993)
        self.assertEqual(servers(both), (imaps, imap, *SUBMISSION))

    def test_a_port_of_both_families_is_told_once(self):
        both = config(imaps=("tcp:993", "tcp6:993"))
        self.assertEqual(servers(both), (Server("imaps", HOST, 993), *SUBMISSION))

    def test_none_can_be_reached(self):
        local = config(imap=("unix:/run/imap", "tcp:143:interface=localhost"), imaps=("tcp6:993:interface=\\:\\:1",))
        self.assertEqual(servers(local), (Server("imaps", HOST, 993), *SUBMISSION))

    def test_named(self):
        urls = ("imap://in.example.org", "submission://out.example.org:2587")
        named = (Server("imap", "in.example.org", 143), Server("submission", "out.example.org", 2587))
        self.assertEqual(servers(config(mail_servers=urls, imaps=("tcp:993",))), named)
        self.assertEqual(servers(config(mail_servers=urls[:1])), (named[0], *SUBMISSION))
        other = config(mail_servers=urls[1:], imaps=("tcp:994",))
        self.assertEqual(servers(other), (named[1], Server("imaps", HOST, 994)))


class DomainsTests(SynchronousTestCase):
    def test_domains(self):
        for host, above in ((HOST, "example.org"), ("example.org", "example.org"), ("box", "box")):
            self.assertEqual(domains(config(host_name=host)), (above,))
        self.assertEqual(domains(config(mail_domains=("a.org", "b.org"))), ("a.org", "b.org"))
