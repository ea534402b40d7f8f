from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.wire.announcement import Announcement, announcement, unasked_announcement


class AnnouncementTests(SynchronousTestCase):
    def test_announcements(self):
        for line, expected in {
            b"a LOGIN {5}": Announcement(b"a LOGIN ", 5, binary=False, awaited=True),
            b"a LOGIN {5+}": Announcement(b"a LOGIN ", 5, binary=False, awaited=False),
            b"a APPEND x ~{5}": Announcement(b"a APPEND x ", 5, binary=True, awaited=True),
            b"a APPEND x ~{5+}": Announcement(b"a APPEND x ", 5, binary=True, awaited=False),
            b" {0}": Announcement(b" ", 0, binary=False, awaited=True),
            b" {0007}": Announcement(b" ", 7, binary=False, awaited=True),
            b"a FETCH 1 BODY[HEADER.FIELDS ({4}": Announcement(
                b"a FETCH 1 BODY[HEADER.FIELDS (", 4, binary=False, awaited=True
            ),
            b'a LOGIN "us\\"er" {5}': Announcement(b'a LOGIN "us\\"er" ', 5, binary=False, awaited=True),
            b" {9223372036854775807+}": Announcement(b" ", (1 << 63) - 1, binary=False, awaited=False),
        }.items():
            self.assertEqual(announcement(line), expected, line)

    def test_what_only_looks_like_one(self):
        for line in (
            b"",
            b"}",
            b"a NOOP",
            b"a LOGIN {}",
            b"a LOGIN {+}",
            b"a LOGIN {-5}",
            b"a LOGIN {-5+}",
            b"a LOGIN {5}x",
            b"a LOGIN {5} ",
            b"a LOGIN {5 }",
            b"a LOGIN {5++}",
            b"a LOGIN {9223372036854775808+}",
            b"a LOGIN {99999999999999999999+}",
            b"a LOGIN {" + b"0" * 100 + b"5+}",
        ):
            self.assertIsNone(announcement(line), line)

    def test_none_in_a_quoted_string_that_is_left_open(self):
        self.assertIsNone(announcement(b'a LOGIN "x {5}'))
        self.assertIsNone(announcement(b'a LOGIN "x {5+}'))
        self.assertIsNone(announcement(b'a LOGIN "x\\" {5+}'))
        self.assertIsNotNone(announcement(b'a LOGIN "x\\\\" {5+}'))

    def test_an_awaited_literal_stands_behind_a_space_or_parenthesis(self):
        self.assertIsNone(announcement(b"a LOGIN pass{5}"))
        self.assertIsNone(announcement(b"{5}"))

    def test_octets_that_come_unasked_are_never_taken_for_a_command(self):
        self.assertEqual(announcement(b"a LOGIN pass{5+}"), Announcement(b"a LOGIN pass", 5, False, False))

    def test_the_end_of_a_line_whose_beginning_is_lost(self):
        self.assertEqual(unasked_announcement(b'x" {5+}'), Announcement(b'x" ', 5, binary=False, awaited=False))
        self.assertIsNone(unasked_announcement(b'x" {5}'))
        self.assertIsNone(unasked_announcement(b'x" 5'))

    def test_a_long_line_of_quotes_is_read_in_linear_time(self):
        self.assertIsNone(announcement(b'"\\"' * 20_001 + b" {5+}"))
        self.assertIsNone(announcement(b'"' * 60_001 + b" {5+}"))
