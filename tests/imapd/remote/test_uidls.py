from twisted.trial.unittest import SynchronousTestCase

from imapd.remote.uidls import digest, matched


class MatchedTests(SynchronousTestCase):
    def matched(self, imap, pop3):
        """Match by sizes; headers are the values of the dictionaries, if those are octets."""
        self.asked = []

        def headers(uids, numbers):
            self.asked = [uids, numbers]
            return ((uid, imap[uid][1]) for uid in uids), ((number, pop3[number][1]) for number in numbers)

        sizes = ({key: size for key, (size, _) in each.items()} for each in (imap, pop3))
        return matched(*sizes, headers)

    def test_the_same_sizes_in_the_same_order(self):
        imap = {5: (10, b""), 7: (10, b""), 9: (20, b"")}
        self.assertEqual(self.matched(imap, {1: (10, b""), 2: (10, b""), 3: (20, b"")}), {5: 1, 7: 2, 9: 3})
        self.assertEqual(self.matched({}, {}), {})

    def test_sizes_in_another_order(self):
        imap = {5: (10, b""), 7: (10, b""), 9: (20, b"")}
        self.assertEqual(self.matched(imap, {1: (20, b""), 2: (10, b""), 3: (10, b"")}), {5: 2, 7: 3, 9: 1})
        self.assertEqual(self.asked, [])

    def test_messages_that_one_side_lacks(self):
        imap = {5: (10, b""), 7: (30, b""), 9: (20, b"")}
        self.assertEqual(self.matched(imap, {1: (10, b""), 2: (20, b"")}), {5: 1, 9: 2})
        self.assertEqual(self.matched({5: (10, b"")}, {1: (10, b""), 2: (20, b"")}), {5: 1})

    def test_headers_where_sizes_leave_doubt(self):
        imap = {5: (10, b"A: 1\r\n"), 7: (10, b"A: 2\r\n"), 9: (11, b"A: 3\r\n"), 11: (50, b"A: 4\r\n")}
        pop3 = {1: (10, b"A: 2\r\n"), 2: (12, b"Status: RO\r\nA: 3\r\n"), 3: (50, b"")}
        self.assertEqual(self.matched(imap, pop3), {7: 1, 9: 2, 11: 3})
        self.assertEqual(self.asked, [[5, 7, 9], [1, 2]])

    def test_headers_that_leave_doubt_too_name_nothing(self):
        imap = {5: (10, b"A: 1\r\n"), 7: (10, b"A: 1\r\n")}
        self.assertEqual(self.matched(imap, {1: (10, b"A: 1\r\n")}), {})

    def test_digests(self):
        self.assertEqual(digest(b"A: 1\r\nB: 2\r\n\r\n"), digest(b"B: 2\r\nX-UID: 7\r\nA: 1\r\n"))
        self.assertNotEqual(digest(b"A: 1\r\n"), digest(b"A: 2\r\n"))
