"""The strict parser, on which other tests rely, takes what the grammar has and nothing else."""

from twisted.trial.unittest import SynchronousTestCase

from tests.strict_imap import NotIMAP, parse_body, parse_envelope, parse_fetch

ADDRESS = b'(NIL NIL "a" "b")'
TEXT = b'("text" "plain" NIL NIL NIL "7bit" 1 1)'


class StrictTests(SynchronousTestCase):
    def test_fetch(self):
        octets = (
            b'(FLAGS (\\Seen $x) UID 7 INTERNALDATE " 1-Jan-2001 00:00:00 +0000" RFC822.SIZE 3'
            b" BODY[1.HEADER.FIELDS (A B)]<0> {3}\r\na)( MODSEQ (9) EMAILID (M-1) BODY " + TEXT + b")"
        )
        self.assertEqual(
            parse_fetch(octets),
            {
                b"FLAGS": (b"\\Seen", b"$x"),
                b"UID": 7,
                b"INTERNALDATE": b" 1-Jan-2001 00:00:00 +0000",
                b"RFC822.SIZE": 3,
                b"BODY[1.HEADER.FIELDS (A B)]<0>": b"a)(",
                b"MODSEQ": 9,
                b"EMAILID": b"M-1",
                b"BODY": (b"text", b"plain", None, None, None, b"7bit", 1, 1),
            },
        )

    def test_not_fetch(self):
        for octets in b"()", b"(UID 1 UID 1)", b"(UID 1  FLAGS ())", b"(UID x)", b"(BODY[] {4}\r\nabc)", b"(UID 1) ":
            self.assertRaises(NotIMAP, parse_fetch, octets)

    def test_not_an_envelope(self):
        good = b"(NIL NIL (%b) NIL NIL NIL NIL NIL NIL NIL)"
        parse_envelope(good % ADDRESS)
        for bad in (
            good % b"",
            good % (ADDRESS + b" " + ADDRESS),
            good % b'(NIL NIL "group" NIL)',
            good % b"(NIL NIL NIL NIL)",
            good % b'(NIL NIL NIL "host")',
            good.replace(b" NIL)", b")") % ADDRESS,
            good.replace(b"(NIL", b"(nil", 1) % ADDRESS,
            good % ADDRESS.replace(b'"a"', b'"\xc3\xa4"'),
            good % ADDRESS.replace(b'"a"', b'"\\a"'),
            good % ADDRESS.replace(b'"a"', b'"\n"'),
            good % ADDRESS.replace(b'"a"', b"{1}\r\n\0"),
            good % ADDRESS.replace(b'"a"', b"{01}\r\na"),
            good % ADDRESS.replace(b'"a"', b"a"),
        ):
            self.assertRaises(NotIMAP, parse_envelope, bad)

    def test_not_a_body(self):
        parse_body(TEXT)
        parse_body(b"(" + TEXT + TEXT + b' "mixed")')
        for bad in (
            TEXT.replace(b" 1 1)", b" 1)"),
            TEXT.replace(b"text", b"image"),
            TEXT.replace(b"text", b"multipart").replace(b" 1 1)", b" 1)"),
            TEXT.replace(b" 1 1)", b" 1 4294967296)"),
            TEXT.replace(b"NIL", b"()", 1),
            TEXT.replace(b"NIL", b'("a")', 1),
            TEXT.replace(b'"7bit"', b"NIL"),
            TEXT.replace(b'"text" ', b"{4}\r\ntext "),
            TEXT.replace(b'"text" "plain"', b'"message" "rfc822"'),
            b"(" + TEXT + b" " + TEXT + b' "mixed")',
            b'("mixed")',
            TEXT + b" ",
        ):
            self.assertRaises(NotIMAP, parse_body, bad)
        self.assertRaises(NotIMAP, parse_body, TEXT, extended=True)
        self.assertRaises(NotIMAP, parse_body, TEXT[:-1] + b" NIL NIL NIL NIL)")

    def test_rev2(self):
        enclosing = b'("message" "global" NIL NIL NIL "7bit" 1 (%b) ' % b" ".join([b"NIL"] * 10) + TEXT + b" 1)"
        plain = b'("message" "global" NIL NIL NIL "7bit" 1)'
        parse_body(enclosing, rev2=True)
        parse_body(plain)
        self.assertRaises(NotIMAP, parse_body, enclosing)
        self.assertRaises(NotIMAP, parse_body, plain, rev2=True)
        large = b"(RFC822.SIZE 9223372036854775807)"
        self.assertEqual(parse_fetch(large, rev2=True), {b"RFC822.SIZE": 9223372036854775807})
        self.assertRaises(NotIMAP, parse_fetch, large)
        for octets in b"(FLAGS (\\Recent))", b"(RFC822 NIL)":
            parse_fetch(octets)
            self.assertRaises(NotIMAP, parse_fetch, octets, rev2=True)
