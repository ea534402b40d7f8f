"""The text that is searched, as octets."""

from hashlib import sha256

from hypothesis import example, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from mailstore.fulltext import text
from mailstore.fulltext.text import pieces, values, within
from mailstore.mime import Message

OCTETS = st.text("ab", max_size=4).map(str.encode)
PIECES = (b"a", b"A", b"\xaa", b"b", b":", b": ", b" ", b"\r\n", b"\n", b"\t", b"=?utf-8?q?=C3=BC?=", b"\xff")

MESSAGE = (
    b"From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\nX-From: other\r\n"
    b"Subject:\r\n\tfolded\r\nfrom: again\r\nno field\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nstra\xdfe\r\n"
    b"--b\r\nContent-Type: text/html; charset=koi8-r\r\nContent-Transfer-Encoding: base64\r\n\r\n8NLJ18XU\r\n--b--\r\n"
)


class TextTest(SynchronousTestCase):
    @given(st.lists(OCTETS), OCTETS)
    def test_within(self, octets, sought):
        self.assertEqual(within(sought, octets), sought in b"".join(octets))

    def test_values(self):
        header = b"".join(pieces(Message(MESSAGE))).partition(text.BODY)[0]
        self.assertEqual(list(values(header, "from")), [b"JU\xcc\x88RGEN <J@EXAMPLE.ORG>", b"AGAIN"])
        self.assertEqual(list(values(header, "subject")), [b"FOLDED"])
        self.assertEqual(list(values(header, "rom")), [])
        self.assertEqual(list(values(header, "")), [b"NO FIELD"])
        self.assertEqual(list(values(b"\xffX: A: B", "x: a")), [])

    @example(MESSAGE, "from")
    @example(MESSAGE, "")
    @given(st.lists(st.sampled_from(list(PIECES)), max_size=12).map(b"".join), st.sampled_from(("a", "\xaa", "b", "")))
    def test_values_of_one_field_alone(self, octets, field):
        message = Message(octets)
        found = list(values(text.header_octets(message), field))
        self.assertEqual(text.field_octets(message.header(message.root), field), found)

    def test_in_pieces(self):
        whole = b"".join(pieces(Message(MESSAGE)))
        self.patch(text, "PIECE", 10)
        some = list(pieces(Message(MESSAGE)))
        self.assertEqual(b"".join(some), whole)
        self.assertGreater(len(some), 3)
        self.assertIn(text.BODY, some[0])

    def test_version(self):
        """Whoever changes what is searched raises `VERSION`, or indexes of before will answer; then this."""
        digest = sha256(b"".join(pieces(Message(MESSAGE)))).hexdigest()[:16]
        self.assertEqual((text.VERSION, digest), (2, "508463423a5f3ef1"))
