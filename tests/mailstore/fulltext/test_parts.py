"""The parts of a text, and what each has."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from mailstore.fulltext import parts
from mailstore.fulltext.parts import trigrams_by_part
from mailstore.fulltext.text import BODY
from mailstore.fulltext.trigrams import trigrams

WORDS = st.lists(st.sampled_from([b"apple", b"pear", b"plum ", b"-"]), max_size=60).map(b"".join)
HEADER = b"\xffFROM: somebody, in more octets than a part has"


class PartsTest(SynchronousTestCase):
    def setUp(self):
        self.patch(parts, "PART", 20)
        self.patch(parts, "OVERLAP", 6)

    @given(WORDS, st.integers(1, 50))
    def test_every_short_string_is_in_one(self, body, piece):
        text = HEADER + BODY + body
        pieces = [text[: len(HEADER) + 9], *(text[at : at + piece] for at in range(len(HEADER) + 9, len(text), piece))]
        found = list(parts.parts(pieces))
        self.assertTrue(found[0].startswith(text[: len(HEADER) + 1]))
        self.assertTrue(all(len(part) <= 20 + 20 // 2 + 6 for part in found[1:]))
        for at in range(len(text)):
            self.assertTrue(any(text[at : at + 7] in part for part in found))

    @given(WORDS)
    def test_two_become_one_while_there_are_too_many(self, body):
        text = HEADER + BODY + body
        for most in (30, 60, 120, 10_000):
            found = trigrams_by_part([text], most)
            if sum(map(len, found)) <= most:
                self.assertEqual(set().union(*found), trigrams([text], most))
                for at in range(len(text) - 6):
                    self.assertTrue(any(trigrams([text[at : at + 7]], most) <= part for part in found))
            else:
                self.assertEqual(len(found), 1)

    def test_a_text_without_octets(self):
        self.assertEqual(trigrams_by_part([], 10), [set()])
