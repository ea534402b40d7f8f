from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.formats.line_ends import to_crlf

PIECES = st.lists(st.lists(st.sampled_from([b"\r", b"\n", b"a"]), max_size=4).map(b"".join), max_size=6)


class ToCrlfTests(SynchronousTestCase):
    def test_a_lone_lf_becomes_crlf_and_nothing_else_changes(self):
        for before, after in (
            (b"a\nb\n", b"a\r\nb\r\n"),
            (b"a\r\nb\n", b"a\r\nb\r\n"),
            (b"a\r\nb\r\n", b"a\r\nb\r\n"),
            (b"a\rb\r", b"a\rb\r"),
            (b"a\r\r\n", b"a\r\r\n"),
            (b"\n\r", b"\r\n\r"),
            (b"\0\xff\n", b"\0\xff\r\n"),
            (b"", b""),
        ):
            self.assertEqual(b"".join(to_crlf([before])), after)

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(PIECES)
    def test_where_the_pieces_end_does_not_matter(self, pieces):
        self.assertEqual(b"".join(to_crlf(pieces)), b"".join(to_crlf([b"".join(pieces)])))

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(PIECES)
    def test_it_is_idempotent(self, pieces):
        once = b"".join(to_crlf(pieces))
        self.assertEqual(b"".join(to_crlf([once])), once)
