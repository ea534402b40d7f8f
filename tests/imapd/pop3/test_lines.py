"""Lines from octets."""

from twisted.trial.unittest import SynchronousTestCase

from imapd import limits
from imapd.pop3.errors import Wrong
from imapd.pop3.lines import Lines


class LinesTest(SynchronousTestCase):
    def setUp(self):
        self.lines = Lines()

    def test_at_every_cut(self):
        octets = b"USER ada\r\nPASS a b \n\r\n\nQUIT\r\n"
        for cut in range(len(octets) + 1):
            lines = Lines()
            got = []
            for part in (octets[:cut], octets[cut:]):
                lines.receive(part)
                while (line := lines.next()) is not None:
                    got.append(line)
            self.assertEqual(got, [b"USER ada", b"PASS a b ", b"", b"", b"QUIT"])
            self.assertEqual(lines.buffered, 0)

    def test_a_line_that_is_too_long_is_skipped_to_its_end(self):
        self.lines.receive(b"x" * (limits.POP3_LINE_OCTETS + 2) + b"\r\nNOOP\r\n")
        self.assertRaises(Wrong, self.lines.next)
        self.assertEqual(self.lines.next(), b"NOOP")

    def test_the_longest_line(self):
        longest = b"x" * limits.POP3_LINE_OCTETS
        self.lines.receive(longest + b"\n")
        self.assertEqual(self.lines.next(), longest)

    def test_no_more_of_it_is_held_than_one_may_have(self):
        for _ in range(1000):
            self.lines.receive(b"x" * 10_000)
            self.assertIsNone(self.lines.next())
            self.assertLessEqual(self.lines.buffered, limits.POP3_LINE_OCTETS)
        self.lines.receive(b"\nNOOP\n")
        self.assertRaises(Wrong, self.lines.next)
        self.assertEqual(self.lines.next(), b"NOOP")

    def test_what_is_discarded(self):
        self.lines.receive(b"x" * (limits.POP3_LINE_OCTETS + 2))
        self.assertIsNone(self.lines.next())
        self.lines.receive(b"y\r\nNOOP\r\n")
        self.lines.discard()
        self.lines.receive(b"QUIT\r\n")
        self.assertEqual(self.lines.next(), b"QUIT")
