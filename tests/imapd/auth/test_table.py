"""The dictionary in shared memory."""

from struct import Struct

from twisted.trial.unittest import SynchronousTestCase

from imapd.auth.table import Digests, Table

PAIR = Struct("=dI")


class TableTest(SynchronousTestCase):
    def setUp(self):
        self.memory = memoryview(bytearray(Table.octets(64, PAIR)))
        self.table = Table(self.memory, PAIR)

    def test_what_is_put_is_there_for_all_who_see_the_memory(self):
        self.table.put(7, 1.5, 2)
        self.assertEqual(Table(self.memory, PAIR).get(7), (1.5, 2))
        self.assertIsNone(self.table.get(8))

    def test_in_place_of_what_was_there(self):
        self.table.put(7, 1.5, 2)
        self.table.put(7, 0.5, 3)
        self.assertEqual(self.table.get(7), (0.5, 3))

    def test_removed(self):
        self.table.put(7, 1.5, 2)
        self.table.remove(7)
        self.table.remove(8)
        self.assertIsNone(self.table.get(7))
        self.assertNotIn(7, self.memory[:512].cast("Q").tolist())

    def test_the_least_gives_way(self):
        digests = [8 * number + 1 for number in range(100)]  # all in the same bucket
        for number, digest in enumerate(digests):
            self.table.put(digest, 100 if number == 50 else number, 0)
        kept = [number for number, digest in enumerate(digests) if self.table.get(digest)]
        self.assertEqual(kept, [50, *range(93, 100)])

    def test_hardly_anything_gives_way_before_it_is_full(self):
        table, digests = Table(memoryview(bytearray(Table.octets(8000, PAIR))), PAIR), Digests(b"secret")
        for number in range(4000):
            table.put(digests.of(f"user {number}"), 0, 0)
        self.assertGreater(sum(table.get(digests.of(f"user {number}")) is not None for number in range(4000)), 3900)


class DigestsTest(SynchronousTestCase):
    def test_by_a_secret(self):
        self.assertEqual(Digests(b"a").of("user ada"), Digests(b"a").of("user ada"))
        self.assertNotEqual(Digests(b"a").of("user ada"), Digests(b"b").of("user ada"))
        self.assertNotEqual(Digests(b"a").of("user ada"), Digests(b"a").of("user bob"))

    def test_any_name(self):
        self.assertTrue(0 < Digests(b"a").of("\ud800\0") < 1 << 64)
