"""Conditions for the messages of a block, whatever lies between them."""

import random

import apsw
from twisted.trial.unittest import SynchronousTestCase

from mailstore.sqlite.messages import among
from mailstore.uidset import MAX_UID, UidSet

LAST = 400


class AmongTests(SynchronousTestCase):
    def setUp(self):
        self.connection = apsw.Connection(":memory:")
        self.addCleanup(self.connection.close)
        self.connection.execute("CREATE TABLE message (uid INTEGER PRIMARY KEY)")
        there = ((uid,) for uid in (*range(1, LAST + 1), MAX_UID))
        self.connection.executemany("INSERT INTO message VALUES (?)", there)

    def found(self, uids):
        condition, bindings = among(uids)
        rows = self.connection.execute(f"SELECT uid FROM message WHERE {condition} ORDER BY uid", bindings)
        return condition, [uid for (uid,) in rows]

    def test_whatever_is_left_out(self):
        chosen = random.Random(1)
        ways = set()
        for _ in range(300):
            first, last = sorted(chosen.sample(range(1, LAST + 1), 2))
            most = (last - first) // chosen.choice((2, 20))
            left_out = chosen.sample(range(first, last + 1), chosen.randint(0, most))
            uids = UidSet([(first, last)]) - UidSet.from_uids(left_out)
            condition, found = self.found(uids)
            self.assertEqual(found, list(uids))
            ways.add(condition)
        self.assertIn("uid IN carray(?)", ways)
        self.assertIn("uid BETWEEN ? AND ?", ways)
        self.assertEqual(len(ways), 2 + 7)  # so many texts for up to 64 gaps

    def test_few_that_are_far_from_each_other(self):
        self.assertEqual(self.found(UidSet.of(3, 7, MAX_UID))[1], [3, 7, MAX_UID])
