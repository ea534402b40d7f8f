"""Sets of UIDs against Python's own sets."""

import itertools
import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from mailstore.uidset import EMPTY, MAX_UID, UidSet

RUNS = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), max_size=8)
check = settings(max_examples=200, deadline=None, derandomize=True)


def members(runs):
    return {uid for first, last in runs for uid in range(first, last + 1)}


class UidSetTest(SynchronousTestCase):
    @check
    @given(RUNS)
    def test_is_a_sorted_set(self, runs):
        uids, model = UidSet(runs), members(runs)
        self.assertEqual(list(uids), sorted(model))
        self.assertEqual(len(uids), len(model))
        self.assertEqual(bool(uids), bool(model))
        self.assertEqual(UidSet.from_uids(model), uids)
        self.assertEqual(hash(UidSet.from_uids(model)), hash(uids))

    @check
    @given(RUNS)
    def test_runs_do_not_touch(self, runs):
        found = list(UidSet(runs).runs)
        self.assertTrue(all(first <= last for first, last in found))
        self.assertTrue(all(a[1] + 1 < b[0] for a, b in itertools.pairwise(found)))

    @check
    @given(RUNS, RUNS)
    def test_operators(self, left, right):
        a, b = UidSet(left), UidSet(right)
        self.assertEqual(set(a | b), members(left) | members(right))
        self.assertEqual(set(a & b), members(left) & members(right))
        self.assertEqual(set(a - b), members(left) - members(right))

    @check
    @given(RUNS, st.integers(-1, 62))
    def test_ranks(self, runs, uid):
        uids, model = UidSet(runs), sorted(members(runs))
        self.assertEqual(uid in uids, uid in model)
        self.assertEqual(uids.rank(uid), model.index(uid) + 1 if uid in model else None)
        self.assertEqual(uids.count_below(uid), sum(member < uid for member in model))
        self.assertEqual([uids.at(rank + 1) for rank in range(len(model))], model)
        with self.assertRaises(IndexError):
            uids.at(len(model) + 1)

    @check
    @given(RUNS, st.integers(-2, 62), st.integers(-2, 62))
    def test_between_ranks(self, runs, first, last):
        model = sorted(members(runs))
        self.assertEqual(list(UidSet(runs).between_ranks(first, last)), model[max(first, 1) - 1 : max(last, 0)])

    @check
    @given(RUNS, st.integers(1, 7))
    def test_batches(self, runs, size):
        uids = UidSet(runs)
        batches = list(uids.batches(size))
        self.assertTrue(all(0 < len(batch) <= size for batch in batches))
        self.assertEqual([uid for batch in batches for uid in batch], list(uids))

    @check
    @given(RUNS, RUNS)
    def test_ranks_of_a_subset(self, left, right):
        uids = UidSet(left)
        part = uids & UidSet(right)
        ranks = [rank for first, last in uids.ranks(part) for rank in range(first, last + 1)]
        self.assertEqual(ranks, [uids.rank(uid) for uid in part])

    @check
    @given(RUNS, st.integers(1, 3))
    def test_parts_joined(self, runs, size):
        uids = UidSet(runs)
        self.assertEqual(UidSet.joined(uids.batches(size)), uids)
        self.assertEqual(UidSet.joined([EMPTY, *uids.pieces(size), EMPTY]), uids)
        self.assertEqual(list(uids.runs_descending), list(uids.runs)[::-1])

    @check
    @given(st.lists(RUNS, max_size=8))
    def test_union(self, parts):
        sets = list(map(UidSet, parts))
        self.assertEqual(UidSet.union(sets), UidSet([run for part in parts for run in part]))

    def test_operations_on_many_runs_keep_to_their_size(self):
        """A run is 8 octets; as objects of Python it would be 120."""
        runs = 1 << 14
        odd = UidSet.ascending((uid, uid) for uid in range(1, 2 * runs, 2))
        some = UidSet.ascending((uid, uid) for uid in range(1, 2 * runs, 4))
        every = UidSet([(1, 2 * runs)])
        operations = (lambda: odd - some, lambda: odd & some, lambda: odd | some, lambda: every - odd)
        for number, operation in enumerate(operations):
            tracemalloc.start()
            operation()
            octets = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            self.assertLess(octets, 40 * runs, number)

    def test_the_whole_space(self):
        everything = UidSet([(1, MAX_UID)])
        self.assertEqual(len(everything), MAX_UID)
        self.assertEqual(everything - UidSet([(2, MAX_UID - 1)]), UidSet.of(1, MAX_UID))
        self.assertEqual(everything.at(MAX_UID), MAX_UID)
        self.assertEqual(EMPTY | everything, everything)
        self.assertNotIn(MAX_UID + 1, everything)
        self.assertNotIn("1", everything)

    def test_there_is_one_nothing(self):
        """Each session keeps some, and another would take 220 octets."""
        some = UidSet.of(1)
        self.assertIs(some & UidSet(), EMPTY)
        self.assertIs(some - UidSet.of(1), EMPTY)

    def test_first_and_last_of_nothing(self):
        with self.assertRaises(IndexError):
            _ = EMPTY.first
        with self.assertRaises(IndexError):
            _ = EMPTY.last

    def test_a_rank_of_what_is_no_member(self):
        with self.assertRaises(KeyError):
            list(UidSet.of(1).ranks(UidSet.of(2)))
