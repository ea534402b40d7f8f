"""Trigrams, postings and columns, against what is plainly so."""

import random

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from mailstore.fulltext import columns, postings
from mailstore.fulltext.trigrams import in_order, trigrams

OCTETS = st.binary(max_size=40)
PLACES = st.sets(st.integers(0, 5000), min_size=1).map(sorted)
TRIGRAMS = st.integers(0, (1 << 24) - 2)


def three(octets):
    return {int.from_bytes(octets[at : at + 3], "big") for at in range(len(octets) - 2)}


class TrigramsTest(SynchronousTestCase):
    @given(st.lists(OCTETS))
    def test_those_of_a_run_in_pieces(self, pieces):
        self.assertEqual(trigrams(pieces, 1000), three(b"".join(pieces)))

    def test_those_of_a_long_run(self):
        octets = random.Random(1).randbytes(300_001)
        self.assertEqual(trigrams([octets], 1 << 24), three(octets))

    def test_no_more_than_are_wanted(self):
        endless = iter(lambda: random.Random(1).randbytes(100_000), None)
        self.assertIn(len(trigrams(endless, 20_000)) - 20_000, range(1, 5000))

    @given(st.lists(OCTETS), st.integers(1, 50))
    def test_those_that_are_looked_up(self, sought, most):
        every = set().union(*map(three, sought))
        found = in_order(sought, most)
        self.assertEqual(len(found), min(len(every), most))
        self.assertLessEqual(set(found), every)
        self.assertEqual(set(in_order(sought, 1000)), every)

    def test_first_those_that_overlap_least(self):
        self.assertEqual(in_order([b"abcdefgh"], 3), [int.from_bytes(each, "big") for each in (b"abc", b"def", b"bcd")])


class PostingsTest(SynchronousTestCase):
    @given(PLACES)
    def test_a_posting(self, places):
        self.assertEqual(postings.decode(postings.encode(places)), places)

    @given(st.dictionaries(TRIGRAMS, PLACES))
    def test_pages(self, found):
        self.patch(postings, "PAGE", 60)
        written = [(trigram, postings.encode(found[trigram])) for trigram in sorted(found)]
        pages = list(postings.pages(written))
        self.assertEqual([each for _, page in pages for each in postings.each(page)], written)
        self.assertEqual([first for first, _ in pages][:1], [0])
        self.assertEqual([postings.following(page) for _, page in pages], [*(at for at, _ in pages[1:]), postings.END])
        for _, page in pages:
            for trigram, posting in postings.each(page):
                self.assertEqual(postings.find(page, trigram), posting)
        for _, page in pages:
            for absent in {0, 1, 255, 65_536, *(trigram + 1 for trigram in found)} - found.keys():
                if absent < postings.following(page):
                    self.assertEqual(postings.find(page, absent), b"")
                else:
                    self.assertRaises(ValueError, postings.find, page, absent)

    def test_a_trigram_across_two_others_is_none(self):
        [(_, page)] = postings.pages([(0x010203, b"1"), (0x040506, b"2")])
        self.assertEqual(postings.find(page, 0x020304), b"")
        self.assertEqual(postings.find(page, 0x030405), b"")

    def test_merging(self):
        for seed in range(40):
            chance = random.Random(seed)
            sources, moves, expected, count = [], [], {}, 0
            for _ in range(chance.randint(1, 4)):
                size, whole = chance.choice([1, 5, 60, 900]), chance.random() < 0.6
                kept = [whole or chance.random() < 0.7 for _ in range(size)]
                places = [None if not stays else (count := count + 1) - 1 for stays in kept]
                source = {}
                for trigram in chance.sample(range(10), 5):
                    source[trigram] = sorted(chance.sample(range(size), chance.randint(1, size)))
                    expected.setdefault(trigram, []).extend(
                        places[each] for each in source[trigram] if places[each] is not None
                    )
                sources.append([(trigram, postings.encode(source[trigram])) for trigram in sorted(source)])
                moves.append(places[0] if whole else places)
            merged = [(trigram, postings.decode(posting)) for trigram, posting in postings.merged(sources, moves)]
            self.assertEqual(merged, [(each, kept) for each, kept in sorted(expected.items()) if kept], seed)


class ColumnsTest(SynchronousTestCase):
    @given(st.lists(st.lists(st.text("ab", max_size=4), max_size=3), min_size=1), st.text("ab", max_size=3))
    def test_places(self, messages, sought):
        headers = [b"".join(b"\xffX: " + value.encode() for value in values) for values in messages]
        column = columns.column(columns.row(header, "x") for header in headers)
        expected = [place for place, values in enumerate(messages) if any(sought in value for value in values)]
        self.assertEqual(columns.places(column, sought.encode()), expected)
        keep = [bool(values) for values in messages]
        rows = [columns.row(header, "x") for header, kept in zip(headers, keep, strict=True) if kept]
        self.assertEqual(list(columns.chosen(column, keep)), rows)
