"""Blocks come back as they were, or not at all."""

from random import Random
from unittest import TestCase

from mailstore.errors import Corrupt
from mailstore.sqlite.blockpacking import pack, unpack

OCTETS = b"".join(b"From: ada <ada%d@example.org>\r\n" % number for number in range(500))


class BlockPackingTests(TestCase):
    def test_there_and_back(self):
        for octets in (b"", b"x", OCTETS, Random(1).randbytes(20_000)):
            self.assertEqual(unpack(pack(octets), len(octets)), octets)
        self.assertLess(len(pack(OCTETS)), len(OCTETS) // 2)

    def test_damage(self):
        packed = pack(OCTETS)
        for place in range(len(packed)):
            damaged = packed[:place] + bytes([packed[place] ^ 1]) + packed[place + 1 :]
            self.assertRaises(Corrupt, unpack, damaged, 1 << 20)
        for length in range(len(packed)):
            self.assertRaises(Corrupt, unpack, packed[:length], 1 << 20)
        self.assertRaises(Corrupt, unpack, packed + b"\0", 1 << 20)
        for octets in (b"\0" * 8, b"\0" * 100, b"\xff" * 100):
            self.assertRaises(Corrupt, unpack, octets, 1 << 20)

    def test_more_than_there_may_be(self):
        self.assertRaises(Corrupt, unpack, pack(OCTETS), len(OCTETS) - 1)
