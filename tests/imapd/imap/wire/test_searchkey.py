from datetime import date

from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.errors import Bad, No
from imapd.imap.wire.cursor import MAX_DEPTH
from imapd.imap.wire.fuzzy import MAX_WORDS
from imapd.imap.wire.numberset import STAR, NumberSet
from imapd.imap.wire.searchkey import MAX_KEYS, SEARCH_KEYS, SearchProgram, search_program
from imapd.imap.wire.searchtree import (
    Filter,
    Fuzzy,
    Key,
    KeyAnd,
    KeyNot,
    KeyOr,
    Leaf,
    Numbers,
    Recent,
    asks_age,
    asks_modseq,
    calls_by_number,
    fuzzy_texts,
    is_fuzzy,
    settled,
    translate,
)
from mailstore.model import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN, EmailId, Flag, ModSeq, ThreadId
from mailstore.query import (
    All,
    Among,
    And,
    Body,
    ChangedSince,
    HasEmailId,
    HasFlag,
    HasSentDate,
    Header,
    InThread,
    Larger,
    Not,
    OlderThan,
    Or,
    Query,
    ReceivedBefore,
    SavedBefore,
    SentBefore,
    Smaller,
    Text,
)
from mailstore.uidset import EMPTY, MAX_UID, UidSet
from tests.imapd.imap.wire.parsing import parse, refusal

DAY, NEXT = date(1994, 2, 1), date(1994, 2, 2)

LEAVES: dict[bytes, Query] = {
    b"ALL": All(),
    b"answered": HasFlag(ANSWERED),
    b"BCC ada": Header("bcc", "ada"),
    b"BEFORE 1-Feb-1994": ReceivedBefore(DAY),
    b'BODY "two words"': Body("two words"),
    b"CC ada": Header("cc", "ada"),
    b"DELETED": HasFlag(DELETED),
    b"DRAFT": HasFlag(DRAFT),
    b"MODSEQ 620162338": ChangedSince(ModSeq(620162338)),
    b'MODSEQ "/flags/\\\\draft" all 620162338': ChangedSince(ModSeq(620162338)),
    b"EMAILID M0a_-Z": HasEmailId(EmailId("0a_-Z")),
    b"EMAILID T0": Or(()),
    b"FLAGGED": HasFlag(FLAGGED),
    b"FROM {3+}\r\nada": Header("from", "ada"),
    b'HEADER Message-ID "<1@x>"': Header("message-id", "<1@x>"),
    b'HEADER "X-Y" ""': Header("x-y", ""),
    b"KEYWORD $Forwarded": HasFlag(Flag("$Forwarded")),
    b"LARGER 0": Larger(0),
    b"LARGER 5000000000": Larger(5_000_000_000),
    b"OLDER 259200": OlderThan(259_200),
    b'ON "1-Feb-1994"': And((Not(ReceivedBefore(DAY)), ReceivedBefore(NEXT))),
    b"ON 31-Dec-9999": Not(ReceivedBefore(date.max)),
    b"SAVEDATESUPPORTED": All(),
    b"SAVEDBEFORE 1-Feb-1994": SavedBefore(DAY),
    b"SAVEDON 1-Feb-1994": And((Not(SavedBefore(DAY)), SavedBefore(NEXT))),
    b"SAVEDSINCE 1-Feb-1994": Not(SavedBefore(DAY)),
    b"SEEN": HasFlag(SEEN),
    b"SENTBEFORE 1-Feb-1994": SentBefore(DAY),
    b"SENTON 1-Feb-1994": And((And((HasSentDate(), Not(SentBefore(DAY)))), SentBefore(NEXT))),
    b"SENTON 31-Dec-9999": And((HasSentDate(), Not(SentBefore(date.max)))),
    b"SENTSINCE 1-Feb-1994": And((HasSentDate(), Not(SentBefore(DAY)))),
    b"SINCE 1-Feb-1994": Not(ReceivedBefore(DAY)),
    b"SMALLER 10": Smaller(10),
    b"SUBJECT x": Header("subject", "x"),
    b"TEXT x": Text("x"),
    b"UIDAFTER 7": Among(UidSet([(8, MAX_UID)])),
    b"UIDBEFORE 7": Among(UidSet([(1, 6)])),
    b"UIDBEFORE 1": Among(EMPTY),
    b"THREADID T0": InThread(ThreadId("0")),
    b"THREADID M0": Or(()),
    b"THREADID t0": Or(()),
    b"TO x": Header("to", "x"),
    b"YOUNGER 259200": Not(OlderThan(259_201)),
}

KEYS: dict[bytes, Key] = {
    b"1,3:*": Numbers(NumberSet(((1, 1), (3, STAR))), by_uid=False),
    b"*": Numbers(NumberSet(((STAR, STAR),)), by_uid=False),
    b"UID 5": Numbers(NumberSet(((5, 5),)), by_uid=True),
    b"NEW": KeyAnd((Recent(), KeyNot(Leaf(HasFlag(SEEN))))),
    b"OLD": KeyNot(Recent()),
    b"FUZZY SUBJECT x": Fuzzy(Leaf(Header("subject", "x"))),
    b"FUZZY (SEEN ALL)": Fuzzy(KeyAnd((Leaf(HasFlag(SEEN)), Leaf(All())))),
    b"RECENT": Recent(),
    b"NOT SEEN": KeyNot(Leaf(HasFlag(SEEN))),
    b"OR SEEN NOT ALL": KeyOr((Leaf(HasFlag(SEEN)), KeyNot(Leaf(All())))),
    b"OR (SEEN ALL) 1": KeyOr(
        (KeyAnd((Leaf(HasFlag(SEEN)), Leaf(All()))), Numbers(NumberSet(((1, 1),)), by_uid=False))
    ),
    b"(SEEN)": Leaf(HasFlag(SEEN)),
    b"((SEEN) (ALL))": KeyAnd((Leaf(HasFlag(SEEN)), Leaf(All()))),
    b"SEEN ALL": KeyAnd((Leaf(HasFlag(SEEN)), Leaf(All()))),
    b"UNANSWERED": KeyNot(Leaf(HasFlag(ANSWERED))),
    b"FILTER On-The-Road": Filter("on-the-road"),
    b"UNDELETED": KeyNot(Leaf(HasFlag(DELETED))),
    b"UNDRAFT": KeyNot(Leaf(HasFlag(DRAFT))),
    b"UNFLAGGED": KeyNot(Leaf(HasFlag(FLAGGED))),
    b"UNKEYWORD Junk": KeyNot(Leaf(HasFlag(Flag("Junk")))),
    b"UNSEEN": KeyNot(Leaf(HasFlag(SEEN))),
}

BROKEN = (
    b"", b"FOO", b"SEENALL", b"SEEN,ALL", b"(", b"()", b"(SEEN", b"SEEN)", b"( SEEN)", b"SEEN ", b" SEEN",
    b"FUZZY", b"FUZZY  SEEN",
    b"SEEN  ALL", b"NOT", b"NOT ", b"OR SEEN", b"OR SEEN ", b"OR", b"UID", b"UID x", b"UID SEEN", b"0", b"1:",
    b"KEYWORD", b"KEYWORD \\Seen", b'KEYWORD "x"', b"LARGER", b"LARGER x", b"LARGER -1",
    b"SMALLER 9223372036854775808", b"BEFORE", b"BEFORE x", b"ON 30-Feb-1994", b"SUBJECT", b"SUBJECT ", b"SUBJECT a%",
    b"HEADER x", b"HEADER \xc3\xa4 x", b'HEADER "\xc3\xa4" x', b"CHARSET", b"CHARSET UTF-8", b"CHARSET UTF-8 ",
    b"CHARSETUTF-8 ALL", b"ALL CHARSET UTF-8", b"CHARSET (UTF-8) ALL", b"CHARSET UTF-8 CHARSET UTF-8 ALL", b'"ALL"',
    b"EMAILID", b"EMAILID ", b'EMAILID "M0"', b"EMAILID M.0", b"EMAILID {2+}\r\nM0", b"THREADID " + 256 * b"T",
    b"OLDER", b"OLDER 0", b"YOUNGER x", b"YOUNGER 4294967296", b"YOUNGER -1",
    b"FILTER", b"FILTER ", b"FILTER a/b", b'FILTER "a"', b"FILTER a%",
    b"{3+}\r\nALL", b"SUBJECT {1+}\r\n\0", b"SUBJECT ~{1+}\r\nx",
)


def key(octets: bytes) -> Key:
    return parse(search_program, octets).key


class SearchProgramTests(SynchronousTestCase):
    def test_keys_for_the_store(self):
        for octets, query in LEAVES.items():
            self.assertEqual(key(octets), Leaf(query), octets)

    def test_keys_for_the_session(self):
        for octets, expected in KEYS.items():
            self.assertEqual(key(octets), expected, octets)

    def test_every_key_of_the_table_is_tried_here(self):
        tried = b" ".join([*LEAVES, *KEYS]).upper().split()
        self.assertEqual(set(SEARCH_KEYS) - set(tried), set())

    def test_what_is_no_program(self):
        for octets in BROKEN:
            refusal(search_program, octets)

    def test_an_unknown_key_is_named(self):
        self.assertEqual(refusal(search_program, b"x-gm-raw y"), "SEARCH has no key X-GM-RAW")

    def test_the_examples_of_rfc_3501(self):
        """Section 6.4.4."""
        since, smith = Leaf(Not(ReceivedBefore(DAY))), Leaf(Header("from", "Smith"))
        expected = KeyAnd((Leaf(HasFlag(FLAGGED)), since, KeyNot(smith)))
        self.assertEqual(key(b'FLAGGED SINCE 1-Feb-1994 NOT FROM "Smith"'), expected)
        self.assertEqual(key(b'TEXT "string not in mailbox"'), Leaf(Text("string not in mailbox")))
        program = parse(search_program, b"CHARSET UTF-8 TEXT {6}\r\n\xd0\x90\xd0\xb1\xd0\xb2")
        self.assertEqual(program, SearchProgram("UTF-8", Leaf(Text("Абв"))))


class CharsetTests(SynchronousTestCase):
    def test_charsets_in_any_case(self):
        for octets, charset in {
            b"CHARSET UTF-8 ALL": "UTF-8",
            b"charset utf-8 ALL": "UTF-8",
            b'CHARSET "Us-Ascii" ALL': "US-ASCII",
            b"CHARSET {5+}\r\nutf-8 ALL": "UTF-8",
            b"ALL": None,
        }.items():
            self.assertEqual(parse(search_program, octets), SearchProgram(charset, Leaf(All())))

    def test_others_are_refused_with_those_that_are_not(self):
        for charset in (b"ISO-8859-1", b"UTF-7", b'""', b'"\xc3\xa4"'):
            error = self.assertRaises(No, key, b"CHARSET " + charset + b" ALL")
            self.assertEqual(error.code, "BADCHARSET (US-ASCII UTF-8)")
            error = self.assertRaises(Bad, key, b"CHARSET " + charset + b' OR TEXT "\xe4" FILTER x')
            self.assertEqual(error.code, "BADCHARSET (US-ASCII UTF-8)")

    def test_texts(self):
        for octets in (
            b'CHARSET UTF-8 SUBJECT "K\xc3\xb6ln"',
            b"CHARSET UTF-8 SUBJECT {5+}\r\nK\xc3\xb6ln",
            b'SUBJECT "K\xc3\xb6ln"',
        ):
            self.assertEqual(key(octets), Leaf(Header("subject", "Köln")))

    def test_broken_texts(self):
        for octets in (b'SUBJECT "\xff"', b'CHARSET UTF-8 BODY "\xc3"', b'CHARSET US-ASCII TEXT "\xc3\xb6"'):
            self.assertIn("not valid", refusal(search_program, octets))


class DepthTests(SynchronousTestCase):
    def test_so_many_keys_and_no_more(self):
        key(b" ".join([b"1"] * MAX_KEYS))
        for keys in (b" ".join([b"1"] * (MAX_KEYS + 1)), b"(" + b" ".join([b"NOT 1"] * MAX_KEYS) + b")"):
            self.assertRaises(Bad, key, keys)

    def test_a_chain_as_scripts_write_it(self):
        self.assertIsInstance(key(b"OR ALL " * (MAX_DEPTH - 1) + b"ALL"), KeyOr)

    def test_too_deep(self):
        for octets in (
            b"NOT " * (MAX_DEPTH + 1) + b"ALL",
            b"OR ALL " * (MAX_DEPTH + 1) + b"ALL",
            b"OR " * 20_000,
            b"(" * 60_000,
            b"(NOT " * (MAX_DEPTH // 2 + 1) + b"ALL" + b")" * (MAX_DEPTH // 2 + 1),
        ):
            self.assertRaises(Bad, key, octets)

    def test_many_side_by_side(self):
        found = key(b" ".join([b"(SEEN)"] * 1000))
        assert isinstance(found, KeyAnd)
        self.assertEqual(len(found.keys), 1000)


class TranslateTests(SynchronousTestCase):
    def resolve(self, numbers: NumberSet, by_uid: bool) -> UidSet:
        """A mailbox of ten messages whose UIDs are ten times their numbers."""
        factor = 1 if by_uid else 10
        return UidSet((first * factor, last * factor) for first, last in numbers.resolve(100 // factor))

    def ask(self, octets: bytes) -> Query:
        return translate(key(octets), self.resolve, UidSet.of(90, 100))

    def test_numbers_become_uids(self):
        self.assertEqual(self.ask(b"1,*"), Among(UidSet.of(10, 100)))
        self.assertEqual(self.ask(b"UID 1,*"), Among(UidSet.of(1, 100)))

    def test_recent(self):
        recent = Among(UidSet.of(90, 100))
        self.assertEqual(self.ask(b"RECENT"), recent)
        self.assertEqual(self.ask(b"OLD"), Not(recent))
        self.assertEqual(self.ask(b"NEW"), And((recent, Not(HasFlag(SEEN)))))

    def test_the_rest_stays(self):
        for octets, query in LEAVES.items():
            self.assertEqual(self.ask(octets), query)

    def test_all_the_way_down(self):
        self.assertEqual(
            self.ask(b"OR (1 SEEN) NOT 2 UNSEEN"),
            And((Or((And((Among(UidSet.of(10)), HasFlag(SEEN))), Not(Among(UidSet.of(20))))), Not(HasFlag(SEEN)))),
        )

    def test_fuzzy_texts_are_taken_word_by_word(self):
        words = And((Header("subject", "two"), Header("subject", "words")))
        self.assertEqual(self.ask(b'FUZZY SUBJECT "two  words two"'), words)
        denied = And((And((Body("one"),)), Among(UidSet.of(10)), HasFlag(SEEN)))
        self.assertEqual(self.ask(b"FUZZY NOT (BODY one 1 SEEN)"), Not(denied))
        self.assertEqual(self.ask(b'FUZZY OR TEXT " " HEADER X ""'), Or((And((Text(" "),)), And((Header("x", ""),)))))
        self.assertEqual(self.ask(b'SUBJECT "two words"'), Header("subject", "two words"))

    def test_only_so_many_words(self):
        found = self.ask(b'FUZZY TEXT "%b"' % b" ".join(b"%d" % number for number in range(500)))
        assert isinstance(found, And)
        self.assertEqual(len(found.queries), MAX_WORDS)

    def test_the_deepest_program(self):
        self.ask(b"NOT " * MAX_DEPTH + b"ALL")
        self.ask(b"FUZZY " * MAX_DEPTH + b"ALL")


class TellTests(SynchronousTestCase):
    """What can be told of a program."""

    def test_predicates(self):
        for ask, yes, no in (
            (asks_modseq, (b"NOT MODSEQ 1", b"FUZZY (SEEN MODSEQ 1)"), (b"ALL", b"SUBJECT MODSEQ")),
            (calls_by_number, (b"NOT 1:*", b"OR SEEN *"), (b"UID 1", b"$", b"FUZZY $")),
            (is_fuzzy, (b"FUZZY ALL", b"NOT FUZZY ALL"), (b"ALL", b"SUBJECT FUZZY")),
            (asks_age, (b"OLDER 1", b"NOT YOUNGER 1", b"FUZZY OLDER 1"), (b"BEFORE 1-Feb-1994", b"ON 1-Feb-1994")),
        ):
            for octets in yes:
                self.assertTrue(ask(key(octets)), octets)
            for octets in no:
                self.assertFalse(ask(key(octets)), octets)

    def test_fuzzy_texts(self):
        found = fuzzy_texts(key(b'SUBJECT x FUZZY (SUBJECT "a b" FUZZY TEXT c SEEN HEADER X "") FUZZY TEXT c'))
        self.assertEqual(found, [Header("subject", "a b"), Text("c")])


class SettledTests(SynchronousTestCase):
    def test_what_is_looked_at_once(self):
        def resolve(numbers: NumberSet, by_uid: bool) -> UidSet:
            return UidSet.of(7)

        then = Leaf(Among(UidSet.of(7)))
        for octets, expected in {
            b"1:*": then,
            b"$": then,
            b"UID $": then,
            b"UID 1:*": key(b"UID 1:*"),
            b"RECENT": Recent(),
            b"OR NOT 1 FUZZY (2 SEEN)": KeyOr((KeyNot(then), Fuzzy(KeyAnd((then, Leaf(HasFlag(SEEN))))))),
        }.items():
            self.assertEqual(settled(key(octets), resolve), expected, octets)
