from twisted.trial.unittest import SynchronousTestCase

from imapd import sizes
from mailstore.model import UNLIMITED


class SizesTests(SynchronousTestCase):
    def test_sizes_as_they_are_written(self):
        for text, octets in {
            "1": 1,
            "1023": 1023,
            "1K": 1 << 10,
            "1000000": 1_000_000,
            "500M": 500 << 20,
            "1536M": 1536 << 20,
            "2G": 2 << 30,
            "3T": 3 << 40,
            "unlimited": UNLIMITED,
        }.items():
            self.assertEqual(sizes.octets(text), octets)
            self.assertEqual(sizes.spell_octets(octets), text)
        self.assertEqual(sizes.octets("2g"), 2 << 30)
        self.assertEqual(sizes.octets("2048M"), 2 << 30)
        self.assertEqual(sizes.spell_octets(0), "0")

    def test_numbers_as_they_are_written(self):
        for text, number in {"1": 1, "100000": 100_000, "unlimited": UNLIMITED}.items():
            self.assertEqual(sizes.count(text), number)
            self.assertEqual(sizes.spell_count(number), text)

    def test_what_is_none(self):
        for text in ("", "0", "-1", "1.5G", "2 G", "2GB", "G", "0x10", "\u0661", "9" * 30, "Unlimited!"):
            self.assertRaises(ValueError, sizes.octets, text)
            self.assertRaises(ValueError, sizes.count, text)
        self.assertRaises(ValueError, sizes.count, "1K")

    def test_roughly(self):
        shown = {0: "0", 1023: "1023", 1024: "1.0K", 1_500_000: "1.4M", 3 << 29: "1.5G", 5 << 50: "5120.0T"}
        for octets, text in shown.items():
            self.assertEqual(sizes.roughly(octets), text)
