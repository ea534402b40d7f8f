"""Octets whose lines of base64 are kept as what they mean."""

import base64
import random
import struct

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from mailstore.errors import Corrupt
from mailstore.sqlite.base64lines import LARGEST, Base64Packing, meaning
from mailstore.sqlite.compression import LEVEL, WITHOUT_DICTIONARY

TEXT = b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
PACKING = Base64Packing(WITHOUT_DICTIONARY)


def lines(octets, line=76, seed=1):
    """Return so many random octets as lines of base64, each with CRLF behind it."""
    letters = base64.b64encode(random.Random(seed).randbytes(octets))
    return b"".join(letters[place : place + line] + b"\r\n" for place in range(0, len(letters), line))


class LinesTest(SynchronousTestCase):
    def assert_kept(self, octets):
        codec, packed = PACKING.pack(octets, LEVEL)
        self.assertEqual(codec, ~WITHOUT_DICTIONARY.codec)
        self.assertEqual(PACKING.unpack(packed, len(octets)), octets)
        return len(packed) / len(octets)

    def test_an_attachment(self):
        self.assertLess(self.assert_kept(TEXT + lines(30_000) + b"--=_1--\r\n"), 0.755)

    def test_what_means_something_that_repeats_is_less(self):
        letters = base64.encodebytes("Сообщение ".encode("koi8-r") * 500).replace(b"\n", b"\r\n")
        self.assertLess(self.assert_kept(TEXT + letters), 0.05)

    def test_lines_of_any_length(self):
        for line in 40, 60, 64, 72, 76, 120, 252:
            self.assert_kept(TEXT + lines(5000, line) + b"--\r\n")

    def test_the_end_of_it_wherever_it_is_in_its_line(self):
        for octets in range(5700, 5758):
            self.assert_kept(TEXT + lines(octets) + b"--=_1--\r\n")
            self.assert_kept(TEXT + lines(octets))

    def test_padding_where_what_is_taken_ends(self):
        ends = (
            b"A" * 73 + b"=AA\r\n",
            b"A" * 72 + b"==AA\r\n",
            (b"A" * 75 + b"=\r\n") * 2,
            (b"A" * 74 + b"==\r\n") * 2,
        )
        for before in 20, 21:
            for end in ends:
                self.assert_there_and_back((b"A" * 76 + b"\r\n") * before + end)

    def test_a_piece_of_it_cut_anywhere(self):
        whole = TEXT + lines(20_000) + b"--=_1--\r\n"
        for start in range(80, 165):
            self.assert_kept(whole[start : start + 9000])
            self.assert_kept(whole[start : start + 9000 + start])

    def test_as_much_as_may_be(self):
        self.assertLess(self.assert_kept(lines(LARGEST)[:LARGEST]), 0.755)

    def test_not_more_than_that(self):
        self.assertIsNone(meaning(lines(LARGEST)[: LARGEST + 1]))

    def test_behind_more_text_than_it_is(self):
        self.assertLess(self.assert_kept(b"some words\r\n" * 1000 + TEXT + lines(6000) + b"--=_1--\r\n"), 0.5)

    def test_not_what_is_no_base64(self):
        regular = (b"x" * 75 + b".\r\n") * 100
        for octets in (b"", b"\r\n" * 4000, b"words and\r\n" * 1000, regular, b"A" * 9000, lines(600), lines(9000, 30),
                       lines(9000, 75), lines(9000, 256), lines(9000).replace(b"\r\n", b"\n")):  # fmt: skip
            self.assertIsNone(meaning(octets))

    def test_not_base64_with_something_else_among_its_lines(self):
        attachment = lines(9000)
        for other in b"=", b"-", b" ", b"\xff", b"\0", b"\r":
            self.assertIsNone(meaning(attachment[:3000] + other + attachment[3001:]))

    def assert_there_and_back(self, octets):
        packed = PACKING.pack(octets, LEVEL)
        if packed is not None:
            self.assertEqual(PACKING.unpack(packed[1], len(octets)), octets)

    @given(st.data())
    def test_whatever_it_is(self, data):
        octets = data.draw(st.sampled_from((b"", TEXT, b"\r\n", b"A\r\n" * 99))) + lines(
            data.draw(st.integers(0, 9000)), data.draw(st.integers(1, 260))
        )
        for _ in range(data.draw(st.integers(0, 2))):
            place = data.draw(st.integers(0, len(octets)))
            octets = octets[:place] + data.draw(st.binary(max_size=3)) + octets[place + data.draw(st.integers(0, 3)) :]
        self.assert_there_and_back(octets)

    def test_padding_anywhere_in_the_last_lines(self):
        chance = random.Random(1)
        for _ in range(2000):
            octets = bytearray(lines(57 * chance.choice((16, 17)), seed=chance.random()))
            for _ in range(chance.randrange(4)):
                octets[-1 - chance.choice((chance.randrange(8), chance.randrange(74, 86), chance.randrange(160)))] = (
                    ord("=")
                )
            self.assert_there_and_back(bytes(octets[: len(octets) - chance.choice((0, chance.randrange(80)))]))

    @given(st.binary(max_size=40), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(0, 0xFF))
    def test_what_it_does_not_come_from(self, octets, before, quarters, line):
        for kept in octets, struct.pack(">HHB", before, quarters, line) + octets:
            try:
                text = PACKING.unpack(WITHOUT_DICTIONARY.frame(kept, LEVEL), 50)
            except Corrupt:
                continue
            self.assertLessEqual(len(text), 50)
