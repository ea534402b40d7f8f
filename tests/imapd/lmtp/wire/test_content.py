import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.lmtp.wire.content import Chunk, DotStuffed

CRUMBS = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b".", b"..", b"\r\n.", b"\r\n.\r", b"a", b"\0"]))
"""What a message's end is made of."""
COMMANDS = b"\r\n.\r\nMAIL FROM:<mallory@example.org>\r\n"


def fed(content, octets, cuts=()):
    """Return what is taken of octets that come in pieces, and what is left."""
    taken, places = b"", [0, *sorted(cuts), len(octets)]
    for start, stop in pairwise(places):
        if content.rest is not None:
            return taken, content.rest + octets[start:]
        taken += content.take(octets[start:stop])
    return taken, content.rest


def stuffed(message):
    """Return how a client sends lines (RFC 5321, 4.5.2)."""
    return re.sub(rb"(?m)(\A|(?<=\r\n))\.", b"..", message) + b".\r\n"


class DotStuffedTests(SynchronousTestCase):
    def test_dots(self):
        for sent, message in {
            b".\r\n": b"",
            b"\r\n.\r\n": b"\r\n",
            b"..\r\n.\r\n": b".\r\n",
            b".a\r\n.\r\n": b"a\r\n",
            b"a\r\n..b\r\n.\r\n": b"a\r\n.b\r\n",
            b"a.\r\n.\r\n": b"a.\r\n",
            b"...\r\n.\r\n": b"..\r\n",
            b"\r\r\n.\r\n": b"\r\r\n",
        }.items():
            for cut in range(len(sent) + 1):
                self.assertEqual(fed(DotStuffed(), sent + b"QUIT\r\n", [cut]), (message, b"QUIT\r\n"), (sent, cut))

    def test_nothing_else_is_an_end(self):
        for no_end in (
            b"\n.\n",
            b"\n.\r\n",
            b"\r\n.\n",
            b"\r.\r",
            b"\r.\r\n",
            b"\r\n.\r",
            b"\n\n.\r\n",
            b"\r\n.\r\r\n",
            b"\r\n.\0\r\n",
            b"\r\n. \r\n",
            b"\r\n\x85.\r\n",
        ):
            sent = b"text" + no_end + b"MAIL FROM:<mallory@example.org>"
            for cut in range(len(sent) + 1):
                taken, rest = fed(DotStuffed(), sent + b"\r\n.\r\n", [cut])
                self.assertEqual((rest, taken.endswith(b"MAIL FROM:<mallory@example.org>\r\n")), (b"", True), no_end)

    def test_a_line_of_a_megabyte_is_untouched(self):
        message = b"x" * (1 << 20) + b"\r\n"
        cuts = range(0, len(message), 1000)
        self.assertEqual(fed(DotStuffed(), stuffed(message), cuts), (message, b""))

    @given(CRUMBS.map(b"".join), st.lists(st.integers(0, 60)))
    def test_what_was_stuffed_comes_out(self, message, cuts):
        lines = message + b"\r\n"
        sent = stuffed(lines)
        self.assertEqual(fed(DotStuffed(), sent + COMMANDS, [min(cut, len(sent)) for cut in cuts]), (lines, COMMANDS))

    @given(CRUMBS.map(b"".join), st.lists(st.integers(0, 60)))
    def test_whatever_comes_the_pieces_do_not_matter(self, sent, cuts):
        whole, pieces = DotStuffed(), DotStuffed()
        cuts = [min(cut, len(sent)) for cut in cuts]
        self.assertEqual(fed(pieces, sent, cuts), fed(whole, sent))
        self.assertEqual(pieces._held if pieces.rest is None else b"", whole._held if whole.rest is None else b"")

    @given(CRUMBS.map(b"".join))
    def test_it_ends_where_the_first_crlf_dot_crlf_does(self, sent):
        end = (b"\r\n" + sent).find(b"\r\n.\r\n")
        _, rest = fed(DotStuffed(), sent)
        self.assertEqual(rest, None if end < 0 else sent[end + 3 :])


class ChunkTests(SynchronousTestCase):
    def test_so_many_octets_whatever_they_are(self):
        for cut in range(12):
            self.assertEqual(fed(Chunk(5), b"\r\n.\r\nQUIT\r\n", [cut]), (b"\r\n.\r\n", b"QUIT\r\n"))

    def test_none(self):
        self.assertEqual(fed(Chunk(0), b"QUIT\r\n"), (b"", b"QUIT\r\n"))
        self.assertEqual(fed(Chunk(0), b""), (b"", b""))
