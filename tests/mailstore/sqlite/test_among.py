"""Conditions for the messages of a block, whatever lies between them."""

import random
from itertools import chain

import apsw
from twisted.trial.unittest import SynchronousTestCase

from mailstore.sqlite.messages import among, stretches
from mailstore.uidset import MAX_UID, UidSet

LAST = 400


class AmongTests(SynchronousTestCase):
    def setUp(self):
        self.connection = apsw.Connection(":memory:")
        self.addCleanup(self.connection.close)
        self.connection.execute("CREATE TABLE message (uid INTEGER PRIMARY KEY)")
        there = ((uid,) for uid in (*range(1, LAST + 1), MAX_UID))
        self.connection.executemany("INSERT INTO message VALUES (?)", there)

    def found(self, condition, bindings):
        rows = self.connection.execute(f"SELECT uid FROM message WHERE {condition} ORDER BY uid", bindings)
        return [uid for (uid,) in rows]

    def blocks(self):
        """Yield blocks of all kinds: whole, with few gaps, and with many."""
        chosen = random.Random(1)
        for _ in range(300):
            first, last = sorted(chosen.sample(range(1, LAST + 1), 2))
            most = (last - first) // chosen.choice((2, 20))
            left_out = chosen.sample(range(first, last + 1), chosen.randint(0, most))
            yield UidSet([(first, last)]) - UidSet.from_uids(left_out)
        yield UidSet([(1, 300), (370, LAST)])
        yield UidSet.of(3, 7, MAX_UID)

    def test_all_at_once(self):
        ways = set()
        for uids in self.blocks():
            condition, bindings = among(uids)
            self.assertEqual(self.found(condition, bindings), list(uids))
            ways.add(condition)
        self.assertEqual(len(ways), 3)

    def test_by_turns(self):
        ways = set()
        for uids in self.blocks():
            found = [self.found(condition, bindings) for condition, bindings in stretches(uids)]
            self.assertEqual(list(chain.from_iterable(found)), list(uids))
            ways.update(condition for condition, _ in stretches(uids))
        self.assertEqual(len(ways), 3 + 7)  # with 1, 2, 4 up to 64 places
