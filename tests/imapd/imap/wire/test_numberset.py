from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.wire.numberset import MAX_RANGES, STAR, NumberSet, encode_uids, sequence_set
from mailstore.uidset import EMPTY, MAX_UID, UidSet
from tests.imapd.imap.wire.parsing import parse, refusal

KNOWN: dict[bytes, tuple[tuple[int, int], ...]] = {
    b"1": ((1, 1),),
    b"*": ((STAR, STAR),),
    b"2,4:7,9,12:*": ((2, 2), (4, 7), (9, 9), (12, STAR)),
    b"*:4,5:7": ((STAR, 4), (5, 7)),
    b"7:5,6,6:*": ((7, 5), (6, 6), (6, STAR)),
    b"4294967295:*": ((MAX_UID, STAR),),
}


class SequenceSetTests(SynchronousTestCase):
    def test_known_sets_both_ways(self):
        for octets, ranges in KNOWN.items():
            self.assertEqual(parse(sequence_set, octets), NumberSet(ranges))
            self.assertEqual(NumberSet(ranges).encode(), octets)

    def test_leading_zeros_are_tolerated(self):
        self.assertEqual(parse(sequence_set, b"01:02"), NumberSet(((1, 2),)))

    def test_broken_sets(self):
        for octets in (
            b"0", b"0:1", b"1:0", b",", b"1,", b",1", b"1:", b":1", b"1::2", b"1:2:3", b"1,,2", b"a", b"-1", b"1 2",
            b"**", b"1*", b"4294967296", b"1:4294967296", b"99999999999", b"9" * 60_000, b"$1", b"$:2", b"",
        ):
            refusal(sequence_set, octets)

    def test_only_so_many_ranges(self):
        self.assertEqual(len(parse(sequence_set, b",".join([b"1"] * MAX_RANGES)).ranges), MAX_RANGES)
        self.assertIn("at most", refusal(sequence_set, b",".join([b"1"] * (MAX_RANGES + 1))))


class ResolveTests(SynchronousTestCase):
    def test_with_messages(self):
        for octets, expected in {
            b"2,4:7,9,12:*": [(2, 2), (4, 7), (9, 9), (12, 15)],
            b"*:4,5:7": [(4, 15), (5, 7)],
            b"559:*": [(15, 559)],
            b"7:5,*": [(5, 7), (15, 15)],
        }.items():
            self.assertEqual(parse(sequence_set, octets).resolve(15), expected)

    def test_the_examples_of_rfc_3501(self):
        """Section 9, seq-range and sequence-set: what the comments say of mailboxes of 15 and 10 messages."""
        fifteen = UidSet(parse(sequence_set, b"2,4:7,9,12:*").resolve(15))
        self.assertEqual(fifteen, UidSet.of(2, 4, 5, 6, 7, 9, 12, 13, 14, 15))
        ten = UidSet(parse(sequence_set, b"*:4,5:7").resolve(10))
        self.assertEqual(ten, UidSet.of(10, 9, 8, 7, 6, 5, 4))
        self.assertEqual(parse(sequence_set, b"4:2").resolve(9), parse(sequence_set, b"2:4").resolve(9))

    def test_without_messages_star_names_none(self):
        self.assertEqual(parse(sequence_set, b"1:*,*,3,*:7").resolve(0), [(3, 3)])


class UidTests(SynchronousTestCase):
    def test_known_sets(self):
        self.assertEqual(encode_uids(UidSet([(1, 3), (7, 7), (9, MAX_UID)])), b"1:3,7,9:4294967295")
        self.assertEqual(encode_uids(EMPTY), b"")

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 50)), min_size=1))
    def test_read_again_they_are_the_same(self, runs):
        uids = UidSet([(min(run), max(run)) for run in runs])
        self.assertEqual(UidSet(parse(sequence_set, encode_uids(uids)).resolve(0)), uids)

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(st.lists(st.tuples(st.integers(0, MAX_UID), st.integers(0, MAX_UID)), min_size=1))
    def test_sets_survive_the_wire(self, ranges):
        numbers = NumberSet(tuple(ranges))
        self.assertEqual(parse(sequence_set, numbers.encode()), numbers)
