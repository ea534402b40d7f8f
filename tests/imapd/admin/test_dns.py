from imapd.config import FILE_NAME
from tests.imapd.admin.running import CommandTestCase


class DnsTests(CommandTestCase):
    def configure(self, text):
        self.data.mkdir(exist_ok=True)
        (self.data / FILE_NAME).write_text(f'host_name = "mail.example.org"\n{text}')

    def test_what_is_there_and_what_is_not(self):
        self.configure('imaps = ["tcp:993"]\nimap = ["tcp:143"]\nhttp = ["tcp:80"]\n')
        self.assertEqual(
            self.succeeds("dns").splitlines(),
            [
                "autoconfig.example.org. IN CNAME mail.example.org.",
                "_imap._tcp.example.org. IN SRV 10 1 143 mail.example.org.",
                "_imaps._tcp.example.org. IN SRV 0 1 993 mail.example.org.",
                "_pop3._tcp.example.org. IN SRV 0 0 0 .",
                "_pop3s._tcp.example.org. IN SRV 0 0 0 .",
                "_submission._tcp.example.org. IN SRV 10 1 587 mail.example.org.",
                "_submissions._tcp.example.org. IN SRV 0 1 465 mail.example.org.",
            ],
        )

    def test_domains(self):
        self.configure('mail_domains = ["a.org", "b.org"]\nmail_servers = ["submission://out.a.org:2587"]\n')
        printed = self.succeeds("dns")
        for domain in ("a.org", "b.org"):
            self.assertIn(f"_submission._tcp.{domain}. IN SRV 10 1 2587 out.a.org.\n", printed)
            self.assertIn(f"_imaps._tcp.{domain}. IN SRV 0 1 993 mail.example.org.\n", printed)
        self.assertNotIn("autoconfig", printed)
        self.assertIn("_imap._tcp.c.org. IN SRV 0 0 0 .\n", self.succeeds("dns", "c.org."))
