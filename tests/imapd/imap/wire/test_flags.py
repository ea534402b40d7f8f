from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.wire.flags import MAX_FLAGS, MAX_KEYWORD_OCTETS, encode_flags, flag, flag_list, flags_or_list
from mailstore.model import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN, SYSTEM_FLAGS, Flag
from tests.imapd.imap.wire.parsing import parse, refusal

FORWARDED = Flag("$Forwarded")
JUNK = Flag("Junk")


class FlagTests(SynchronousTestCase):
    def test_system_flags_in_any_case(self):
        for octets, expected in {
            b"\\Seen": SEEN,
            b"\\SEEN": SEEN,
            b"\\answered": ANSWERED,
            b"\\fLAGGED": FLAGGED,
            b"\\Deleted": DELETED,
            b"\\draft": DRAFT,
        }.items():
            self.assertEqual(parse(flag, octets), expected)

    def test_keywords_as_they_are(self):
        for octets in (b"$Forwarded", b"junk", b"&AOQ-", b"Seen", b"x" * MAX_KEYWORD_OCTETS):
            self.assertEqual(parse(flag, octets), octets.decode())

    def test_flags_that_cannot_be_set(self):
        self.assertIn("\\RECENT cannot be set", refusal(flag, b"\\Recent"))
        self.assertIn("\\SPAM cannot be set", refusal(flag, b"\\Spam"))
        self.assertIn("at most", refusal(flag, b"x" * (MAX_KEYWORD_OCTETS + 1)))
        for octets in (b"\\*", b"\\", b"\\ Seen", b"\\\\Seen", b"", b"a]", b'"a"', b"\xc3\xa4"):
            refusal(flag, octets)


class FlagListTests(SynchronousTestCase):
    def test_lists(self):
        self.assertEqual(parse(flag_list, b"()"), frozenset())
        self.assertEqual(parse(flag_list, b"(\\Seen)"), {SEEN})
        self.assertEqual(parse(flag_list, b"(\\Seen \\seen $Forwarded)"), {SEEN, FORWARDED})
        for octets in (b"", b"\\Seen", b"(\\Seen", b"(\\Seen )", b"(\\Seen,Junk", b"((\\Seen))"):
            refusal(flag_list, octets)

    def test_the_first_spelling_of_a_keyword_stays(self):
        self.assertEqual(parse(flag_list, b"(Junk x JUNK junk X)"), {JUNK, Flag("x")})

    def test_store_takes_them_bare(self):
        self.assertEqual(parse(flags_or_list, b"\\Seen"), {SEEN})
        self.assertEqual(parse(flags_or_list, b"\\Seen Junk"), {SEEN, JUNK})
        self.assertEqual(parse(flags_or_list, b"(\\Seen Junk)"), {SEEN, JUNK})
        self.assertEqual(parse(flags_or_list, b"()"), frozenset())
        for octets in (b"", b"\\Seen ", b"\\Seen (Junk)", b"(Junk) \\Seen"):
            refusal(flags_or_list, octets)

    def test_only_so_many(self):
        many = [b"k%d" % number for number in range(MAX_FLAGS + 1)]
        self.assertEqual(len(parse(flag_list, b"(%b)" % b" ".join(many[1:]))), MAX_FLAGS)
        self.assertIn("at most", refusal(flag_list, b"(%b)" % b" ".join(many)))


class EncodeTests(SynchronousTestCase):
    def test_a_fixed_order(self):
        self.assertEqual(encode_flags(frozenset()), b"()")
        flags = frozenset({JUNK, SEEN, FORWARDED, ANSWERED})
        self.assertEqual(encode_flags(flags), b"(\\Answered \\Seen $Forwarded Junk)")

    def test_recent(self):
        self.assertEqual(encode_flags(frozenset(), recent=True), b"(\\Recent)")
        self.assertEqual(encode_flags(frozenset({JUNK, SEEN}), recent=True), b"(\\Seen \\Recent Junk)")

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(st.frozensets(st.sampled_from(SYSTEM_FLAGS) | st.text("abc$&-").filter(bool).map(Flag), max_size=10))
    def test_flags_survive_the_wire(self, flags):
        self.assertEqual(parse(flag_list, encode_flags(flags)), flags)
