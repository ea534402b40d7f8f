from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.doors.lines import BadLine, Lines

MOST = 100


def read(*pieces, lone_lf=False):
    """Return the lines of what came in pieces, ``None`` for bad ones, and what is left."""
    lines, found = Lines(MOST, lone_lf=lone_lf), []
    for piece in pieces:
        lines.receive(piece)
        while True:
            try:
                line = lines.next()
            except BadLine:
                found.append(None)
                continue
            if line is None:
                break
            found.append(line)
    return found, lines.take_rest()


class LinesTests(SynchronousTestCase):
    def test_lines(self):
        for octets, found in {
            b"": ([], b""),
            b"NOOP\r\nQUIT\r\n": ([b"NOOP", b"QUIT"], b""),
            b"\r\nNOOP": ([b""], b"NOOP"),
            b"NOOP\nQUIT\r\n": ([None, b"QUIT"], b""),
            b"\nQUIT\r\n": ([None, b"QUIT"], b""),
            b"NO\rOP\r\nQUIT\r\n": ([None, b"QUIT"], b""),
            b"NOOP\r\r\nQUIT\r\n": ([None, b"QUIT"], b""),
            b"\0\xff\r\n": ([b"\0\xff"], b""),
        }.items():
            self.assertEqual(read(octets), found)
            self.assertEqual(read(*(octets[at : at + 1] for at in range(len(octets)))), found)

    def test_where_lf_alone_ends_a_line(self):
        for octets, found in {
            b"NOOP\nQUIT\r\n\r\n\n": ([b"NOOP", b"QUIT", b"", b""], b""),
            b"NO\rOP\r\r\nQUIT": ([b"NO\rOP\r"], b"QUIT"),
        }.items():
            self.assertEqual(read(octets, lone_lf=True), found)
            self.assertEqual(read(*(octets[at : at + 1] for at in range(len(octets))), lone_lf=True), found)

    def test_length(self):
        fits = b"x" * (MOST - 2)
        self.assertEqual(read(fits + b"\r\n"), ([fits], b""))
        self.assertEqual(read(fits + b"x\r\nQUIT\r\n"), ([None, b"QUIT"], b""))
        self.assertEqual(read(fits + b"xxxx", b"\r\nQUIT\r\n"), ([None, b"QUIT"], b""))

    def test_ten_megabytes_take_no_memory(self):
        lines = Lines(MOST, lone_lf=True)
        for _ in range(160):
            lines.receive(b"x" * (64 << 10))
            self.assertIsNone(lines.next())
            self.assertEqual(lines.buffered, 0)
        lines.receive(b"\r\nNOOP\r\n")
        self.assertRaises(BadLine, lines.next)
        self.assertEqual(lines.next(), b"NOOP")

    @given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b" "])).map(b"".join), st.integers(0, 20))
    def test_the_pieces_do_not_matter(self, octets, cut):
        self.assertEqual(read(octets[:cut], octets[cut:]), read(octets))
