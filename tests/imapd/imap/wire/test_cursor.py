import re

from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.errors import Bad
from imapd.imap.wire.cursor import MAX_DEPTH, Cursor
from imapd.imap.wire.framing import Literal, SpooledLiteral
from mailstore.spool import Spool
from tests.imapd.imap.wire.parsing import cursor, parse, refusal


class WordTests(SynchronousTestCase):
    def test_tags(self):
        for tag in (b"a", b"A0001", b"1", b"a]b", b"."):
            self.assertEqual(parse(Cursor.tag, tag), tag)
        for tag in (b"", b"+", b"*", b" a", b'"a"', b"(", b"\xff", b"{1+}\r\na"):
            self.assertIn("expected a tag", refusal(Cursor.tag, tag))

    def test_atoms(self):
        for atom in (b"NOOP", b"a+b", b"&AOQ-", b"x[y", b"=", b"RFC822.SIZE"):
            self.assertEqual(parse(Cursor.atom, atom), atom)
        for octet in b'(){ %*"\\]\x7f\x00\r\x80\xff':
            refusal(Cursor.atom, b"a" + bytes([octet]))
        refusal(Cursor.atom, b"")

    def test_keywords_come_in_capitals(self):
        self.assertEqual(parse(Cursor.keyword, b"Uid"), b"UID")

    def test_tokens_compare_without_case(self):
        at = cursor(b"Body[x")
        self.assertFalse(at.take(b"BODX"))
        self.assertTrue(at.take(b"BODY"))
        self.assertFalse(at.take(b"[XY"))
        at.expect(b"[")
        self.assertEqual(at.peek(), b"x")
        self.assertEqual(at.peek(9), b"x")
        self.assertFalse(at.at_end)
        at.expect(b"X")
        self.assertTrue(at.at_end)
        self.assertEqual(at.peek(), b"")
        self.assertRaises(Bad, at.expect, b"X")

    def test_one_space_and_no_other(self):
        parse(Cursor.space, b" ")
        self.assertIn("expected a space", refusal(Cursor.space, b"\t"))
        self.assertIn("expected the end", refusal(Cursor.space, b"  "))

    def test_the_rest(self):
        self.assertEqual(parse(Cursor.rest, b"any \"thing {5"), b"any \"thing {5")
        self.assertIn("literal", refusal(Cursor.rest, b"any {1+}\r\nx"))

    def test_a_pattern(self):
        self.assertEqual(parse(lambda at: at.match(re.compile(rb"a(.)c"), "abc"), b"abc")[1], b"b")


class NumberTests(SynchronousTestCase):
    def test_numbers(self):
        for rule, largest in ((Cursor.number, (1 << 32) - 1), (Cursor.number64, (1 << 63) - 1)):
            self.assertEqual(parse(rule, b"0"), 0)
            self.assertEqual(parse(rule, b"0042"), 42)
            self.assertEqual(parse(rule, b"0" * 60_000 + b"42"), 42)
            self.assertEqual(parse(rule, b"%d" % largest), largest)
            for octets in (b"%d" % (largest + 1), b"9" * 60_000, b"", b"-1", b"x", b"\xb2", b"1+}"):
                refusal(rule, octets)

    def test_a_number_does_not_lean_on_what_was_read(self):
        at = cursor(b"1x")
        at.expect(b"1")
        self.assertRaises(Bad, at.number)

    def test_not_zero(self):
        self.assertEqual(parse(Cursor.nz_number, b"1"), 1)
        self.assertIn("from 1", refusal(Cursor.nz_number, b"0"))


class StringTests(SynchronousTestCase):
    def test_quoted(self):
        for octets, expected in {
            b'""': b"",
            b'"ada"': b"ada",
            b'"a b"': b"a b",
            b'"a\\"b\\\\"': b'a"b\\',
            b'"K\xc3\xb6ln"': "Köln".encode(),
            b'"{5}"': b"{5}",
            b'"\t\x7f"': b"\t\x7f",
        }.items():
            for rule in (Cursor.quoted, Cursor.string, Cursor.nstring, Cursor.astring, Cursor.list_mailbox):
                self.assertEqual(parse(rule, octets), expected)

    def test_what_is_no_quoted_string(self):
        for octets in (b'"', b'"a', b'"a\\"', b'"\\a"', b'"a\0"', b'"a\rb"', b"a", b"", b"'a'"):
            self.assertIn("quoted string", refusal(Cursor.string, octets))

    def test_quoted_in_utf8(self):
        for rule in (Cursor.quoted, Cursor.nstring, Cursor.astring, Cursor.list_mailbox):
            self.assertEqual(parse(rule, '"Köln \\"😀\\""'.encode(), utf8=True), 'Köln "😀"'.encode())
            for octets in (b"\xff", b"\xc0\xaf", b"\xed\xa0\xbd", b"\xf4\x90\x80\x80", b"\xe5\x8f", b"\x80"):
                self.assertIn("UTF-8", refusal(rule, b'"a%b"' % octets, utf8=True))
                self.assertEqual(parse(rule, b'"a%b"' % octets), b"a" + octets)
        self.assertEqual(parse(Cursor.astring, b"{1+}\r\n\xff", utf8=True), b"\xff")

    def test_a_long_quoted_string_costs_linear_time(self):
        refusal(Cursor.string, b'"' + b'\\"' * 30_000)
        self.assertEqual(parse(Cursor.string, b'"' + b'\\"' * 30_000 + b'"'), b'"' * 30_000)

    def test_literals(self):
        for rule in (Cursor.string, Cursor.nstring, Cursor.astring, Cursor.list_mailbox):
            self.assertEqual(parse(rule, b"{5+}\r\na\r\n\xff\""), b"a\r\n\xff\"")
            self.assertEqual(parse(rule, b"{0+}\r\n"), b"")
            self.assertIn("binary", refusal(rule, b"{1+}\r\n\0"))
            self.assertIn("binary", refusal(rule, b"~{1+}\r\nx"))

    def test_a_message_is_no_string(self):
        at = Cursor((b"", SpooledLiteral(Spool(b"abc"), 3), b""))
        self.assertRaises(Bad, at.astring)

    def test_nil(self):
        for octets in (b"NIL", b"nil"):
            self.assertIsNone(parse(Cursor.nstring, octets))
        self.assertEqual(parse(Cursor.nstring, b'"NIL"'), b"NIL")
        self.assertEqual(parse(Cursor.astring, b"NIL"), b"NIL")
        refusal(Cursor.nstring, b"NILX")

    def test_astrings(self):
        self.assertEqual(parse(Cursor.astring, b"a]b"), b"a]b")
        for octets in (b"", b"a%", b"\xc3\xa4", b"a\"b"):
            refusal(Cursor.astring, octets)

    def test_list_mailboxes(self):
        for octets in (b"%", b"*", b"a/%]*", b"INBOX"):
            self.assertEqual(parse(Cursor.list_mailbox, octets), octets)
        for octets in (b"", b"(", b"a\\b"):
            refusal(Cursor.list_mailbox, octets)

    def test_messages(self):
        self.assertEqual(parse(Cursor.message_literal, b"{2+}\r\na\n"), Literal(b"a\n"))
        self.assertEqual(parse(Cursor.message_literal, b"~{2+}\r\na\0"), Literal(b"a\0", binary=True))
        spooled = SpooledLiteral(Spool(b"abc"), 3)
        self.assertIs(Cursor((b"", spooled, b"")).message_literal(), spooled)
        self.assertIn("expected a literal", refusal(Cursor.message_literal, b'"abc"'))


class ListTests(SynchronousTestCase):
    def test_parentheses(self):
        self.assertEqual(parse(lambda at: at.parenthesized(Cursor.atom), b"(a)"), [b"a"])
        self.assertEqual(parse(lambda at: at.parenthesized(Cursor.astring), b'(a {1+}\r\nb "c")'), [b"a", b"b", b"c"])
        for octets in (b"()", b"", b"(", b"(a", b"a)", b"(a )", b"( a)", b"(a  b)", b"(a(b))"):
            refusal(lambda at: at.parenthesized(Cursor.atom), octets)

    def test_empty_only_where_it_may_be(self):
        self.assertEqual(parse(lambda at: at.parenthesized(Cursor.atom, empty=True), b"()"), [])
        self.assertEqual(parse(lambda at: at.parenthesized(Cursor.atom, empty=True), b"(a b)"), [b"a", b"b"])
        refusal(lambda at: at.parenthesized(Cursor.atom, empty=True), b"( )")

    def test_not_too_deep(self):
        def nest(at: Cursor) -> object:
            return at.parenthesized(nest, empty=True)

        parse(nest, b"(" * MAX_DEPTH + b"()" + b")" * MAX_DEPTH)
        self.assertIn("nested deeper", refusal(nest, b"(" * 60_000))

    def test_many_side_by_side(self):
        def pairs(at: Cursor) -> list[list[bytes]]:
            return at.parenthesized(lambda inner: inner.parenthesized(Cursor.atom))

        self.assertEqual(parse(pairs, b"((a b)" + b" (a b)" * 9000 + b")"), [[b"a", b"b"]] * 9001)


class ErrorTests(SynchronousTestCase):
    def test_what_was_expected_and_where(self):
        self.assertEqual(refusal(Cursor.number, b""), "expected a number from 0 to 4294967295 at the end")
        self.assertEqual(refusal(Cursor.atom, b"{1+}\r\nx"), "expected an atom, not a literal")
        self.assertEqual(refusal(Cursor.atom, b"(x"), "expected an atom near (x")
        self.assertEqual(refusal(Cursor.end, b"x"), "expected the end of the command near x")

    def test_nothing_unprintable_and_not_too_much(self):
        self.assertEqual(refusal(Cursor.atom, b"\x07\xff\x7f(x"), "expected an atom near ???(x")
        self.assertEqual(refusal(Cursor.atom, b"(" * 1000), "expected an atom near " + "(" * 40)
