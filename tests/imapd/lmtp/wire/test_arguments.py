from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.lmtp.wire import arguments
from imapd.lmtp.wire.arguments import Address, BadArguments, Mail

ADA = Address("ada@example.org", "ada", "example.org")


class ArgumentsTests(SynchronousTestCase):
    def refusal(self, parse, argument):
        error = self.assertRaises(BadArguments, parse, argument)
        return error.code, error.status

    def test_mail(self):
        for argument, mail in {
            b"FROM:<>": Mail(Address("", "", "")),
            b"FROM:<ada@example.org>": Mail(ADA),
            b"from: <ada@example.org>  ": Mail(ADA),
            b"FROM:<ada@example.org> SIZE=12345": Mail(ADA, 12345),
            b"FROM:<ada@example.org> body=8bitmime size=0 smtputf8": Mail(ADA, 0, utf8=True),
            b"FROM:<@a.example,@b.example:ada@example.org>": Mail(ADA),
            b"FROM:<MAILER-DAEMON>": Mail(Address("MAILER-DAEMON", "MAILER-DAEMON", "")),
            "FROM:<dörte@münchen.example> SMTPUTF8".encode(): Mail(
                Address("dörte@münchen.example", "dörte", "münchen.example"), utf8=True
            ),
        }.items():
            self.assertEqual(arguments.mail(argument), mail)

    def test_mail_refused(self):
        for argument, refusal in {
            b"": (501, "5.5.4"),
            b"TO:<ada@example.org>": (501, "5.5.4"),
            b"FROM:ada@example.org": (501, "5.5.4"),
            b"FROM:<ada@example.org": (501, "5.5.4"),
            b"FROM:<ada@exa mple.org>": (501, "5.5.4"),
            b"FROM:<ada@example.org>SIZE=1": (501, "5.5.4"),
            b"FROM:<ada\0@example.org>": (501, "5.5.4"),
            b"FROM:<ada@example.org> SIZE": (501, "5.5.4"),
            b"FROM:<ada@example.org> SIZE=-1": (501, "5.5.4"),
            b"FROM:<ada@example.org> SIZE=" + b"9" * 21: (501, "5.5.4"),
            b"FROM:<ada@example.org> SIZE=1 SIZE=2": (501, "5.5.4"),
            b"FROM:<ada@example.org> BODY=BINARYMIME": (555, "5.5.4"),
            b"FROM:<ada@example.org> RET=FULL": (555, "5.5.4"),
            b"FROM:<d\xf6rte@example.org> SMTPUTF8": (501, "5.1.3"),
            "FROM:<dörte@example.org>".encode(): (553, "5.6.7"),
        }.items():
            self.assertEqual(self.refusal(arguments.mail, argument), refusal, argument)

    def test_recipients(self):
        for argument, address in {
            b"TO:<ada@example.org>": ADA,
            b"TO:<ada>": Address("ada", "ada", ""),
            b"TO:<ada+lists@example.org>": Address("ada+lists@example.org", "ada+lists", "example.org"),
            b'TO:<"ada l."@example.org>': Address('"ada l."@example.org', "ada l.", "example.org"),
            b'TO:<"a\\"\\\\b">': Address('"a\\"\\\\b"', 'a"\\b', ""),
            b"TO:<ada@[127.0.0.1]>": Address("ada@[127.0.0.1]", "ada", "[127.0.0.1]"),
            b"TO:<ada@[IPv6:::1]>": Address("ada@[IPv6:::1]", "ada", "[IPv6:::1]"),
            b"TO:<a..b.@example.org>": Address("a..b.@example.org", "a..b.", "example.org"),
        }.items():
            self.assertEqual(arguments.recipient(argument), address)

    def test_recipients_refused(self):
        for argument, refusal in {
            b"TO:<>": (501, "5.1.3"),
            b"TO:ada": (501, "5.5.4"),
            b"FROM:<ada>": (501, "5.5.4"),
            b"TO:<ada> NOTIFY=NEVER": (555, "5.5.4"),
            b"TO:<ada>, <bob>": (501, "5.5.4"),
            b"TO:<ada@>": (501, "5.5.4"),
            b"TO:<@example.org>": (501, "5.5.4"),
            b"TO:<a>b>": (501, "5.5.4"),
        }.items():
            self.assertEqual(self.refusal(arguments.recipient, argument), refusal, argument)

    def test_chunks(self):
        self.assertEqual(arguments.chunk(b"0"), (0, False))
        self.assertEqual(arguments.chunk(b"86 last"), (86, True))
        for argument in (b"", b"LAST", b"-1", b"1.5", b"0x10", b"12 FIRST", b"12LAST", b"1 LAST x", b"1" * 21, b"\xb2"):
            self.assertEqual(self.refusal(arguments.chunk, argument), (501, "5.5.4"), argument)

    def test_client_names(self):
        self.assertEqual(arguments.client_name(b"mail.example.org"), "mail.example.org")
        for argument in (b"", b"two words", b"a\x1bb", b"x" * 256, b"\xff"):
            self.assertRaises(BadArguments, arguments.client_name, argument)

    @given(st.binary(max_size=40), st.sampled_from(["mail", "recipient", "chunk", "client_name"]))
    def test_whatever_comes_is_read_or_refused(self, octets, which):
        for argument in (octets, b"FROM:<" + octets + b">", b"TO:<" + octets + b"> " + octets):
            try:
                getattr(arguments, which)(argument)
            except BadArguments as error:
                self.assertIn(error.code, {501, 553, 555})
