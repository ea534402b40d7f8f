from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.wire.searchdata import encode_in_order, encode_placed, encode_runs


class SearchDataTest(SynchronousTestCase):
    def test_numbers_in_their_order(self):
        for numbers, expected in {
            (): b"",
            (7,): b"7",
            (1, 2, 3): b"1:3",
            (3, 2, 1): b"3,2,1",
            (2, 3, 1, 5, 6, 7, 4): b"2:3,1,5:7,4",
        }.items():
            for size in range(1, 9):
                self.assertEqual(b"".join(encode_in_order(numbers, size)), expected, (numbers, size))

    def test_runs(self):
        runs = [(1, 3), (5, 5), (7, 9)]
        for size in range(1, 4):
            self.assertEqual(b"".join(encode_runs(runs, size)), b"1:3,5,7:9")

    def test_the_example_of_rfc_5267(self):
        """Section 4.3.3: three ways to put 2731 to 2733 before the first."""
        one_by_one = [(1, [b"2733"]), (1, [b"2732"]), (1, [b"2731"])]
        self.assertEqual(b"".join(encode_placed(one_by_one)), b"(1 2733 1 2732 1 2731)")
        self.assertEqual(b"".join(encode_placed([(1, encode_in_order([2731, 2732, 2733], 2))])), b"(1 2731:2733)")
