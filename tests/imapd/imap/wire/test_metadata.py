from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.wire.metadata import (
    MAX_ASKED,
    Asked,
    GetOptions,
    encode_changed,
    encode_values,
    entries,
    entry_values,
    get_options,
    subject,
)
from mailstore.annotations import EntryName
from mailstore.errors import InvalidName
from tests.imapd.imap.wire.parsing import cursor, parse, refusal

ENTRIES = {
    b"/private/comment": {"/private/comment": b"/private/comment"},
    b'("/Private/A b" /shared/c)': {"/private/a b": b"/Private/A b", "/shared/c": b"/shared/c"},
    b"({10+}\r\n/private/x /private/X)": {"/private/x": b"/private/X"},
    b"/private": {"/private": b"/private"},
}

OPTIONS = {
    b"(MAXSIZE 0) ": GetOptions(largest=0),
    b"(depth Infinity maxsize 7) ": GetOptions(largest=7, levels=None),
    b"(DEPTH 1) ": GetOptions(levels=1),
    b"(DEPTH 0) ": GetOptions(),
}

VALUES = {
    b'(/private/a "x")': {"/private/a": b"x"},
    b'(/Private/a NIL /shared/b "")': {"/private/a": None, "/shared/b": b""},
    b"(/private/a ~{3+}\r\nx\0y /shared/b {2+}\r\n\xff\n)": {"/private/a": b"x\0y", "/shared/b": b"\xff\n"},
}


class MetadataTests(SynchronousTestCase):
    def test_subject(self):
        self.assertIsNone(parse(subject, b'""'))
        self.assertEqual(parse(subject, b"inbox"), "INBOX")
        self.assertRaises(InvalidName, parse, subject, b"a//b")

    def test_entries(self):
        for octets, expected in ENTRIES.items():
            self.assertEqual(parse(entries, octets), Asked(expected), octets)
        several = parse(lambda at: entries(at, bare=True), b"/private/a /shared/b")
        self.assertEqual(list(several.spellings), ["/private/a", "/shared/b"])
        for octets in (b"", b"()", b"comment", b"(/private/a", b"/private/a /private/b", b"/private/a*"):
            refusal(entries, octets)

    def test_so_many_and_no_more(self):
        names = [b"/private/%d" % number for number in range(MAX_ASKED + 1)]
        self.assertEqual(len(parse(entries, b"(" + b" ".join(names[1:]) + b")").spellings), MAX_ASKED)
        refusal(entries, b"(" + b" ".join(names) + b")")

    def test_options(self):
        for octets, expected in OPTIONS.items():
            self.assertEqual(parse(get_options, octets), expected, octets)
        for octets in (b"/private/a", b"(/private/a)", b'("/private/a")', b"({10+}\r\n/private/a)", b"INBOX", b""):
            self.assertIsNone(get_options(cursor(octets)), octets)
        for octets in (b"(MAXSIZE)", b"(DEPTH 2)", b"(DEPTH)", b"(X 1)", b"(MAXSIZE 1)", b"(DEPTH 0 )"):
            refusal(get_options, octets)

    def test_values(self):
        for octets, expected in VALUES.items():
            self.assertEqual(parse(entry_values, octets), expected, octets)
        for octets in (b"", b"()", b"(/private/a)", b"(/private/a x)", b"(/private/a {1+}\r\n\0)", b'/private/a "x"'):
            refusal(entry_values, octets)

    def test_responses(self):
        asked = Asked({EntryName("/private/a"): b"/Private/A"})
        pairs = [("/private/a", b"x"), ("/private/b c", None), ("/shared/d", b"\0"), ("/shared/e", b"\r\n")]
        self.assertEqual(
            encode_values(b"INBOX", pairs, asked),
            b'* METADATA INBOX (/Private/A "x" "/private/b c" NIL /shared/d ~{1}\r\n\0 /shared/e {2}\r\n\r\n)\r\n',
        )
        self.assertEqual(
            encode_changed(b'""', ["/private/a", "/private/b c"]), b'* METADATA "" /private/a "/private/b c"\r\n'
        )
