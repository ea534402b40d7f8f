from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.search import runs
from imapd.imap.search.runs import SortedRuns
from mailstore.errors import Unavailable


class SortedRunsTest(SynchronousTestCase):
    def setUp(self):
        self.patch(runs, "RUN", 7)
        self.patch(runs, "BLOCK", 3)

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(st.lists(st.lists(st.binary(min_size=1, max_size=4), min_size=1, max_size=10), max_size=8))
    def test_everything_in_order(self, batches):
        everything = sorted(key for batch in batches for key in batch)
        with SortedRuns() as keys:
            for batch in batches:
                keys.add(batch)
            self.assertEqual(list(keys), everything)
            self.assertEqual(list(keys), everything)

    def test_long_keys_are_written_early(self):
        self.patch(runs, "RUN_OCTETS", 100)
        with SortedRuns() as keys:
            for number in range(5):
                keys.add([b"%d" % (9 - number) * 60])
            self.assertEqual(len(keys._runs), 2)
            self.assertEqual([key[:1] for key in keys], [b"5", b"6", b"7", b"8", b"9"])

    def test_a_full_disk(self):
        def write(octets):
            raise OSError(28, "no space")

        with SortedRuns() as keys:
            self.patch(keys, "_file", keys._file)
            self.patch(keys._file, "write", write)
            self.assertRaises(Unavailable, keys.add, [b"x"] * 7)
