"""The strict parser, on which other tests rely, takes what the grammar has and nothing else."""

from twisted.trial.unittest import SynchronousTestCase

from tests.strict_imap import NotIMAP, parse_body, parse_envelope, parse_fetch
from tests.strict_responses import Reader

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


class ResponseTests(SynchronousTestCase):
    def check(self, *responses):
        return [Reader().check(octets) for octets in responses]

    def test_responses(self):
        found = self.check(
            b"+ ",
            b"a OK done",
            b"a NO [TRYCREATE] no",
            b"* OK [UNHEARD-OF a b] fine",
            b"* 3 EXISTS",
            b'* 2 FETCH (UID 7 BINARY[1] ~{3}\r\na\0b BINARY.SIZE[2.3] 4 BODY[1.HEADER.FIELDS ("a]" {1}\r\n))]<0> NIL)',
            b'* LIST (\\Sent) "/" {3}\r\na b ("CHILDINFO" ("SUBSCRIBED"))',
            b"* SEARCH",
            b"* SEARCH 2 1 (MODSEQ 5)",
            b"* THREAD (2)(3 6 (4 23)(44 7 96))",
            b'* ESEARCH (TAG "a") UID PARTIAL (-1:-100 NIL) ALL 1:3,5',
            b"* STATUS INBOX (MESSAGES 3 MAILBOXID (F1))",
            b"* VANISHED (EARLIER) 1:5",
            b'* NEWS (a "b" (c {1}\r\nd)) 1',
        )
        self.assertEqual([name for _, name in found[:5]], [b"", b"OK", b"NO", b"OK", b"EXISTS"])
        self.assertEqual([tag for tag, _ in found[:3]], [b"+", b"a", b"a"])

    def test_no_responses(self):
        for octets in (
            b"",
            b"OK",
            b"a OK",
            b"a OK ",
            b"a DONE x",
            b"* ok x",
            b"a NO [TRYCREATE]",
            b"a NO [UIDNEXT 0] x",
            b"a NO [x\r\n] y",
            b"a OK caf\xc3\xa9",
            b"a OK [[x] y",
            b"* 0 EXPUNGE",
            b"* 3 EXIST",
            b"* SEARCH 0",
            b"* SEARCH  1",
            b"* SEARCH 1 ",
            b"* FLAGS \\Seen",
            b'* LIST () "/" a b',
            b'* LIST () "//" a',
            b"* STATUS INBOX (MESSAGES)",
            b"* VANISHED 1:*",
            b"* THREAD (1",
            b"* THREAD ()",
            b"* 1 FETCH (BODY[HEADER.FIELDS] NIL)",
            b"* 1 FETCH (BODY[1.] NIL",
            b"* NEWS (a",
            b"* NEWS a  b",
        ):
            self.assertRaises(NotIMAP, Reader().check, octets)

    def test_what_was_enabled(self):
        reader = Reader()
        self.assertRaises(NotIMAP, reader.check, b'* LIST () "/" "K\xc3\xa4se"')
        reader.check(b"* ENABLED UTF8=ACCEPT")
        reader.check(b'* LIST () "/" "K\xc3\xa4se"')
        reader.check(b"* LANGUAGE (da)")
        reader.check("a OK færdig".encode())
        reader.check(b"a OK UNAUTHENTICATE completed")
        self.assertRaises(NotIMAP, reader.check, b'* LIST () "/" "K\xc3\xa4se"')
