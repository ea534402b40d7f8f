from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.wire import encode
from imapd.imap.wire.cursor import Cursor
from tests.imapd.imap.wire.parsing import parse

some_octets = st.binary() | st.text(' !"()\\%*{}[]aN\x7f\t\r\n').map(str.encode)


class LiteralTests(SynchronousTestCase):
    def test_what_is_one(self):
        for octets in (b"", b"a", b"}\r\n" * 9, b"x" * 123_456):
            self.assertTrue(encode.is_literal(encode.literal(octets)))

    def test_what_is_none(self):
        spelled = encode.literal(b"Subject: {7}\r\n\r\n")
        for at in range(spelled.index(b"S")):
            for bit in range(8):
                self.assertFalse(encode.is_literal(spelled[:at] + bytes([spelled[at] ^ 1 << bit]) + spelled[at + 1 :]))
        for wrong in (b"", b"{", b"{1x", b"{}\r\n", spelled + b"x", spelled[:-1], spelled[1:], b"x{1}\r\nx"):
            self.assertFalse(encode.is_literal(wrong), wrong)


class ParenthesesTests(SynchronousTestCase):
    def test_what_stands_in_them(self):
        for octets in (b"()", b'("a" NIL)'):
            self.assertTrue(encode.is_parenthesized(octets))
        for octets in (b"", b"(a", b"a)"):
            self.assertFalse(encode.is_parenthesized(octets))


class StringTests(SynchronousTestCase):
    def test_quoted_where_allowed(self):
        for octets, expected in {
            b"": b'""',
            b"abc": b'"abc"',
            b'a"b\\c': b'"a\\"b\\\\c"',
            b"\x01\t\x7f": b'"\x01\t\x7f"',
            b"x" * 1000: b'"' + b"x" * 1000 + b'"',
            b"x" * 1001: b"{1001}\r\n" + b"x" * 1001,
            b"a\r\n": b"{3}\r\na\r\n",
            b"\0": b"{1}\r\n\0",
            b"\xc3\xa4": b"{2}\r\n\xc3\xa4",
        }.items():
            self.assertEqual(encode.string(octets), expected)
            self.assertEqual(encode.nstring(octets), expected)

    def test_nil(self):
        self.assertEqual(encode.nstring(None), b"NIL")
        self.assertEqual(encode.nstring(b"NIL"), b'"NIL"')

    def test_astrings(self):
        for octets, expected in {
            b"": b'""',
            b"INBOX": b"INBOX",
            b"a]": b"a]",
            b"a b": b'"a b"',
            b"a%": b'"a%"',
            b"nil": b'"nil"',
            b"nile": b"nile",
            b"\n": b"{1}\r\n\n",
        }.items():
            self.assertEqual(encode.astring(octets), expected)

    def test_literals(self):
        self.assertEqual(encode.literal(b""), b"{0}\r\n")
        self.assertEqual(encode.literal(b"a\0"), b"{2}\r\na\0")
        for octets in (b"", b"\r\n", b"a\nb\r\n"):
            self.assertEqual(encode.of_literal(encode.literal(octets)), octets)

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(some_octets.filter(lambda octets: b"\0" not in octets))
    def test_strings_survive_the_wire(self, octets):
        self.assertEqual(parse(Cursor.string, encode.string(octets)), octets)
        self.assertEqual(parse(Cursor.nstring, encode.nstring(octets)), octets)
        self.assertEqual(parse(Cursor.astring, encode.astring(octets)), octets)


class TextTests(SynchronousTestCase):
    def test_texts(self):
        for words, expected in {
            "FETCH completed": b"FETCH completed",
            "": b"-",
            "\r\n": b"-",
            "one\r\n* BYE two\0": b"one * BYE two",
            "[ALERT] x": b"(ALERT] x",
            " \n[ALERT] x": b"(ALERT] x",
            "no Köln": b"no K?ln",
            "\ud800": b"?",
        }.items():
            self.assertEqual(encode.text(words), expected)

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(st.text())
    def test_one_line_of_ascii_that_says_something(self, words):
        self.assertRegex(encode.text(words), rb"\A[!-Z\\-~]([ -~]*[!-~])?\Z")
