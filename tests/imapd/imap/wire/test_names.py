import unicodedata
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.errors import Bad
from imapd.imap.wire.names import (
    MAX_ENCODED_OCTETS,
    MAX_WILDCARDS,
    ListPattern,
    Written,
    create_mailbox,
    decode_utf7,
    encode_mailbox,
    list_mailbox,
    mailbox,
    reference,
)
from imapd.utf7 import encode_utf7
from mailstore.errors import InvalidName
from tests.imapd.imap.wire.parsing import parse, refusal

KNOWN: dict[str, bytes] = {
    "": b"",
    "INBOX": b"INBOX",
    "&": b"&-",
    "a&b&&": b"a&-b&-&-",
    "~peter/mail/台北/日本語": b"~peter/mail/&U,BTFw-/&ZeVnLIqe-",  # RFC 3501, 5.1.3
    "Entwürfe": b"Entw&APw-rfe",
    "☺!": b"&Jjo-!",
    "&ä": b"&-&AOQ-",
    "😀": b"&2D3eAA-",
    "ﬃ": b"&+wM-",
    "￾￿": b"&,,7,,w-",
    "a\tb": b"a&AAk-b",
}


class Utf7Tests(SynchronousTestCase):
    def test_known_names_both_ways(self):
        for text, octets in KNOWN.items():
            self.assertEqual(encode_utf7(text), octets)
            self.assertEqual(decode_utf7(octets), text)

    def test_other_spellings(self):
        for octets in (
            b"&",
            b"a&b",
            b"&AOQ",  # not closed
            b"&Jjo-&Jjo-",  # shifted out and in again: RFC 3501, 5.1.3 says so of this very string
            b"&AGE-",  # an "a"
            b"&ACY-",  # an "&"
            b"&AOQA-",  # half a character
            b"&AOR-",  # bits behind the end
            b"&AOQ=-",
            b"&2D0-",  # half a surrogate pair
            b"&3gDYPQ-",
            b"&Zeq/-",
            b"&ZeV nLA-",
            b"\xc3\xa4",
            b"\xff",
            b"a\tb",
            b"\0",
        ):
            self.assertRaises(Bad, decode_utf7, octets)

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_text_survives(self, text):
        self.assertEqual(decode_utf7(encode_utf7(text)), text)

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(st.text("&-AOQaé/,+=").map(str.encode))
    def test_what_is_taken_is_the_one_spelling(self, octets):
        try:
            text = decode_utf7(octets)
        except Bad:
            return
        self.assertEqual(encode_utf7(text), octets)


class MailboxTests(SynchronousTestCase):
    def test_names(self):
        for octets, name in {
            b"inbox": "INBOX",
            b'"INBOX"': "INBOX",
            b"{5+}\r\ninBox": "INBOX",
            b"InBox/Sub": "INBOX/Sub",
            b'"Sent Items"': "Sent Items",
            b"Entw&APw-rfe": "Entwürfe",
            b"&ZeVnLIqe-/x": "日本語/x",
            b"a]b": "a]b",
        }.items():
            self.assertEqual(parse(mailbox, octets), name)

    def test_one_name_however_it_is_composed(self):
        self.assertEqual(parse(mailbox, encode_utf7("a\u0308")), "ä")

    def test_broken_names(self):
        self.assertIn("modified UTF-7", refusal(mailbox, b'"Entw\xc3\xbcrfe"'))
        self.assertIn("modified UTF-7", refusal(mailbox, b"R&D"))
        self.assertIn("atom or a string", refusal(mailbox, b"%"))

    def test_names_that_no_mailbox_may_have(self):
        for octets in (b'""', b"/a", b"a/", b"a//b", b"&AAk-", b"x" * 1001, b"x" * (MAX_ENCODED_OCTETS + 1)):
            self.assertRaises(InvalidName, parse, mailbox, octets)

    def test_the_longest_names_fit(self):
        for text in ("x" * 1000, "ä" * 500, "a日" * 250, "😀" * 250, "&" * 1000, "aä" * 333):
            self.assertEqual(parse(mailbox, encode_mailbox(text, utf8=False)), text)

    def test_create_takes_a_separator_at_the_end(self):
        self.assertEqual(parse(create_mailbox, b"a/b/"), Written("a/b", "a/b"))
        self.assertEqual(parse(create_mailbox, b"a/b"), Written("a/b", "a/b"))
        self.assertEqual(parse(create_mailbox, b"inbox/b/"), Written("INBOX/b", "inbox/b"))
        for octets in (b"/", b'""', b"a//"):
            self.assertRaises(InvalidName, parse, create_mailbox, octets)

    def test_names_in_utf8(self):
        for octets, name in {
            b"inbox": "INBOX",
            '"Entwürfe"'.encode(): "Entwürfe",
            '"a\u0308"'.encode(): "ä",
            "{7+}\r\n日本x".encode(): "日本x",
            b"Entw&APw-rfe": "Entw&APw-rfe",
            b"&": "&",
        }.items():
            self.assertEqual(parse(mailbox, octets, utf8=True), name)
        for octets in (b'"\xe4"', b"{1+}\r\n\xe4", b"{3+}\r\n\xed\xa0\xbd", b"{2+}\r\n\xc0\xaf"):
            self.assertIn("UTF-8", refusal(mailbox, octets, utf8=True))
        for octets in (b'"a\x7f"', b'"\xc2\x85"', b'"\xe2\x80\xa9"', b'""'):
            self.assertRaises(InvalidName, parse, mailbox, octets, utf8=True)
        self.assertEqual(parse(list_mailbox, '"ä/%*"'.encode(), utf8=True), "ä/%*")

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=40))
    def test_every_name_is_read_as_it_is_spelled(self, text):
        for utf8 in (False, True):
            self.assertEqual(parse(reference, encode_mailbox(text, utf8=utf8), utf8=utf8), text)

    def test_what_list_takes(self):
        self.assertEqual(parse(reference, b'""'), "")
        self.assertEqual(parse(reference, b"&AOQ-/"), "ä/")
        self.assertEqual(parse(list_mailbox, b'""'), "")
        self.assertEqual(parse(list_mailbox, b"&AOQ-/%*"), "ä/%*")
        self.assertEqual(parse(list_mailbox, b'"a b%"'), "a b%")
        self.assertRaises(Bad, parse, list_mailbox, b"&*")
        self.assertRaises(InvalidName, parse, list_mailbox, b"x" * (MAX_ENCODED_OCTETS + 1))

    def test_names_in_responses(self):
        for name, octets in {
            "INBOX": b"INBOX",
            "Sent Items": b'"Sent Items"',
            "a\\\"b": b'"a\\\\\\"b"',
            "Entwürfe": b"Entw&APw-rfe",
            "100%": b'"100%"',
            "NIL": b'"NIL"',
            "a]": b"a]",
        }.items():
            self.assertEqual(encode_mailbox(name, utf8=False), octets)
            if name.isascii():
                self.assertEqual(encode_mailbox(name, utf8=True), octets)
            self.assertEqual(parse(mailbox, octets), name)
        self.assertEqual(encode_mailbox('R&D "ä"', utf8=True), '"R&D \\"ä\\""'.encode())


NAMES = ["INBOX", "INBOX/Inbox", "INBOX/Work", "Inboxes", "Work", "Work/2024", "Work/2024/Q1", "work"]
NAMES += ["ä", "ä/ö", "a*b", "(x)", "i"]


class ListPatternTests(SynchronousTestCase):
    def test_patterns(self):
        for (start, pattern), expected in {
            ("", "*"): NAMES,
            ("", "%"): ["INBOX", "Inboxes", "Work", "work", "ä", "a*b", "(x)", "i"],
            ("", "Work/%"): ["Work/2024"],
            ("", "Work/*"): ["Work/2024", "Work/2024/Q1"],
            ("Work/", "%"): ["Work/2024"],
            ("Work", "*"): ["Work", "Work/2024", "Work/2024/Q1"],
            ("", "%/%"): ["INBOX/Inbox", "INBOX/Work", "Work/2024", "ä/ö"],
            ("", "%/%/%"): ["Work/2024/Q1"],
            ("", "*%"): NAMES,
            ("", "%*%"): NAMES,
            ("", "*1"): ["Work/2024/Q1"],
            ("", "*o%k"): ["INBOX/Work", "Work", "work"],
            ("", "w*k"): ["work"],
            ("", "inbox"): ["INBOX"],
            ("", "iNb%"): ["INBOX"],
            ("", "Inb*"): ["INBOX", "INBOX/Inbox", "INBOX/Work", "Inboxes"],
            ("inbox/", "%"): ["INBOX/Inbox", "INBOX/Work"],
            ("inbox/", "inbox"): [],
            ("inbox/", "%nbox"): ["INBOX/Inbox"],
            ("", "%x"): ["INBOX"],
            ("", "a\u0308/%"): ["ä/ö"],
            ("", "(x)"): ["(x)"],
            ("", ""): [],
            ("", "."): [],
            ("", "Work/"): [],
        }.items():
            asked = ListPattern(start, pattern)
            self.assertEqual([name for name in NAMES if asked.matches(name)], expected, (start, pattern))

    def test_only_so_many_wildcards(self):
        ListPattern("%a" * 20, "*a" * (MAX_WILDCARDS - 20))
        ListPattern("", "%" * 1000)
        self.assertRaises(Bad, ListPattern, "%a" * 20, "*a" * (MAX_WILDCARDS - 19))

    def test_hostile_patterns_end(self):
        for pattern in ("*a" * 40 + "b", "%a" * 40 + "b", "*a%" * 20 + "b", "%" * 900 + "b", "*a%a%a%a*b%c"):
            self.assertFalse(ListPattern("", pattern).matches("a" * 1000), pattern)

    @settings(max_examples=500, deadline=None, derandomize=True)
    @given(st.text("ab/*%i", max_size=12), st.text("ab/i", max_size=12))
    def test_against_the_definition(self, pattern, name):
        self.assertEqual(ListPattern("", pattern).matches(name), matches_by_definition(pattern, name))

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(st.text("INBOXinbox/*%a", max_size=12), st.text("INBOXinboxa/", max_size=4))
    def test_inbox_against_the_definition(self, pattern, below):
        name = f"INBOX/{below}" if below else "INBOX"
        spellings = {self.first_level(mask) + name[5:] for mask in range(32)}
        expected = any(matches_by_definition(pattern, spelling) for spelling in spellings)
        self.assertEqual(ListPattern("", pattern).matches(name), expected)

    def first_level(self, mask: int) -> str:
        return "".join(letter.lower() if mask >> at & 1 else letter for at, letter in enumerate("INBOX"))

    def test_names_are_compared_composed(self):
        name = unicodedata.normalize("NFD", "é")
        self.assertTrue(ListPattern("", name).matches("é"))


def matches_by_definition(pattern: str, name: str) -> bool:
    @cache
    def matches(asked: int, at: int) -> bool:
        if asked == len(pattern):
            return at == len(name)
        if pattern[asked] in "*%":
            crosses = at < len(name) and (pattern[asked] == "*" or name[at] != "/")
            return matches(asked + 1, at) or (crosses and matches(asked, at + 1))
        return at < len(name) and pattern[asked] == name[at] and matches(asked + 1, at + 1)

    return matches(0, 0)
