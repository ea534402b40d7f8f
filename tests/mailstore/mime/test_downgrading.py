from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from mailstore.mime.addresses import parse_addresses
from mailstore.mime.decode import decode_header
from mailstore.mime.downgrading import downgraded
from mailstore.mime.headers import Header
from mailstore.mime.scanner import header_end
from tests.mailstore.mime.octets import any_octets


def down(text):
    """Return one field in ASCII, without its line end."""
    return downgraded(text.encode("utf-8", "surrogateescape") + b"\r\n").decode("ascii").removesuffix("\r\n")


class DowngradedTests(SynchronousTestCase):
    def test_what_is_ascii_stays(self):
        header = b"From: a <a@b>\r\nsubject:folded\r\n\ttwice \r\nno field\n\r\n"
        self.assertIs(downgraded(header), header)
        self.assertEqual(downgraded("X: é\n".encode() + header), b"X: =?utf-8?B?w6k=?=\r\n" + header)

    def test_texts(self):
        for field, expected in (
            ("Subject: Grüße", "Subject: =?utf-8?B?R3LDvMOfZQ==?="),
            ("SUBJECT :  =?utf-8?Q?=C3=A9?= é\r\n é", "SUBJECT: =?utf-8?B?w6kgw6kgw6k=?="),
            ("X-Unknown: Gr\udcfc\udcdfe", "X-Unknown: =?utf-8?B?R3LDvMOfZQ==?="),
            ("X-É: x", "X-??: x"),
            ("no field, é", "no field, ??"),
        ):
            self.assertEqual(down(field), expected)

    def test_long_texts_are_words_of_whole_characters(self):
        text = "aé台🎈" * 40
        *words, last = down("Subject: " + text).split("\r\n ")
        self.assertTrue(words)
        for word in (*words, last):
            self.assertLessEqual(len(word.removeprefix("Subject: ")), 75)
        self.assertEqual(decode_header(" ".join((*words, last)).removeprefix("Subject: ").encode()), text)
        for word in (*words, last):
            self.assertNotIn("\ufffd", decode_header(word.encode()))

    def test_addresses(self):
        for field, expected in (
            ("From: Jörg <a@b.example>", "From: =?utf-8?B?SsO2cmc=?= <a@b.example>"),
            ("From: =?utf-8?Q?J=C3=B6rg?= <a@bü.example>", "From: =?utf-8?Q?J=C3=B6rg?= <a@xn--b-eha.example>"),
            ('To: "a, b" <a b@ü.example>', 'To: "a, b" <"a b"@xn--tda.example>'),
            ("To: é@a.example, b@c.example", "To: =?utf-8?B?w6lAYS5leGFtcGxl?=:;,\r\n b@c.example"),
            ("Cc: é <é@a.example>", "Cc: =?utf-8?B?w6kgPMOpQGEuZXhhbXBsZT4=?=:;"),
            ("Cc: a@\udcfc.example", "Cc: =?utf-8?B?YUDDvC5leGFtcGxl?=:;"),
            ("Bcc: all: é <a@b>, c@d;", "Bcc: all:=?utf-8?B?w6k=?= <a@b>,\r\n c@d;"),
            ("Bcc: all: é@b, c@d;, e@f", "Bcc: =?utf-8?B?YWxsIMOpQGIsIGNAZA==?=:;,\r\n e@f"),
            ("Bcc: é: c@d", "Bcc: =?utf-8?B?w6k=?=:c@d;"),
        ):
            self.assertEqual(down(field), expected)

    def test_parameters(self):
        for field, expected in (
            (
                'Content-Type: text/plain; name="Grü ße"; charset=utf-8',
                "Content-Type: text/plain;\r\n name*=utf-8''Gr%C3%BC%20%C3%9Fe;\r\n charset=utf-8",
            ),
            (
                "Content-Disposition: attachment; filename=Gr\udcfc\udcdfe; size=1",
                "Content-Disposition: attachment;\r\n filename*=utf-8''Gr%C3%BC%C3%9Fe;\r\n size=1",
            ),
            ("Content-Type: é", "Content-Type: =?utf-8?B?w6k=?="),
            ("Content-Type: text/é", "Content-Type: text/??"),
        ):
            self.assertEqual(down(field), expected)

    def test_what_programs_compare(self):
        self.assertEqual(down("Message-ID: <é@a>"), "Downgraded-Message-ID: =?utf-8?B?PMOpQGE+?=")
        self.assertEqual(down("References: <a@a> <é@a>"), "Downgraded-References: =?utf-8?B?PGFAYT4gPMOpQGE+?=")

    def test_received(self):
        self.assertEqual(
            down("Received: from bü (bü [::1]) by a\r\n for <é@a>; now"),
            "Received: from =?utf-8?B?YsO8?= (=?utf-8?B?YsO8?= [::1]) by a ; now",
        )
        self.assertEqual(down("Received: from é for <a@b>; now"), "Received: from =?utf-8?B?w6k=?= for <a@b>; now")

    @settings(deadline=None)
    @given(any_octets)
    def test_any_octets(self, octets):
        self.assertTrue(downgraded(octets[: header_end(octets)]).isascii())

    def test_names_are_what_they_were(self):
        header = "From: Jörg Müller <a@b>, \"É, É\" <c@d>\r\n".encode()
        before = [decode_header(each.name) for each in parse_addresses(Header(header).get(b"from"))]
        after = [decode_header(each.name) for each in parse_addresses(Header(downgraded(header)).get(b"from"))]
        self.assertEqual(after, before)
