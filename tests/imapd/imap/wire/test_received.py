from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.wire.received import Received


class ReceivedTests(SynchronousTestCase):
    def test_lines(self):
        received = Received()
        received.add(b"one\r\ntwo\nthree\r\r\n\r\n\nrest")
        lines = list(iter(received.read_line, None))
        self.assertEqual(lines, [b"one", b"two", b"three\r", b"", b""])
        self.assertEqual(len(received), 4)
        self.assertEqual(received.take_rest(), b"rest")

    def test_a_line_in_single_octets(self):
        received = Received()
        for octet in b"one\r":
            received.add(bytes([octet]))
            self.assertIsNone(received.read_line())
        received.add(b"\n")
        self.assertEqual(received.read_line(), b"one")

    def test_lines_and_counts_by_turns(self):
        received = Received()
        received.add(b"a\nb\nc")
        self.assertEqual(received.line_octets(), 1)
        received.skip(2)
        self.assertEqual(received.peek(9), b"b\nc")
        self.assertEqual(received.read(2), b"b\n")
        self.assertIsNone(received.read_line())
        self.assertEqual(received.line_octets(), 1)
        received.add(b"d\n")
        self.assertEqual(received.read_line(), b"cd")
        self.assertEqual(len(received), 0)

    def test_skipping_behind_a_line_that_was_searched(self):
        received = Received()
        received.add(b"abc")
        self.assertIsNone(received.read_line())
        received.skip(1)
        received.add(b"\n")
        self.assertEqual(received.read_line(), b"bc")

    def test_the_rest(self):
        received = Received()
        received.add(b"one\ntwo")
        self.assertEqual(received.read_line(), b"one")
        self.assertEqual(received.take_rest(), b"two")
        self.assertEqual(len(received), 0)
        received.add(b"three\n")
        self.assertEqual(received.read_line(), b"three")
