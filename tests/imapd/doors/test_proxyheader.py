"""What a proxy says of its client."""

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.trial.unittest import SynchronousTestCase

from imapd.doors.proxyheader import Header, header

FOUR = IPv4Address("TCP", "192.0.2.1", 5000)
SIX = IPv6Address("TCP", "2001:db8::1", 5000)
SECOND = b"\r\n\r\n\0\r\nQUIT\n"
FOUR_2 = bytes([192, 0, 2, 1, 127, 0, 0, 1]) + b"\x13\x88\x00\x8f"
SIX_2 = b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01" + bytes(15) + b"\x01" + b"\x13\x88\x00\x8f"

WHOLE = (
    (b"PROXY TCP4 192.0.2.1 127.0.0.1 5000 143\r\n", FOUR),
    (b"PROXY TCP6 2001:db8::1 ::1 5000 143\r\n", SIX),
    (b"PROXY UNKNOWN\r\n", None),  # as HAProxy tells of who came to it by a UNIX socket
    (b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", None),
    (SECOND + b"\x21\x11\x00\x0c" + FOUR_2, FOUR),
    (SECOND + b"\x21\x21\x00\x24" + SIX_2, SIX),
    (SECOND + b"\x21\x11\x00\x10" + FOUR_2 + b"\x04\x00\x01x", FOUR),  # with more about it
    (SECOND + b"\x20\x00\x00\x00", None),  # as HAProxy looks whether a server is there
    (SECOND + b"\x20\x11\x00\x0c" + FOUR_2, None),
    (SECOND + b"\x21\x00\x00\x00", None),
    (SECOND + b"\x21\x31\x00\xd8" + bytes(216), None),  # a UNIX socket, on whatever machine
)
NONE = (
    b"x LOGIN ada secret\r\n",
    b"\x16\x03\x01",
    b"PROXY \r\n",
    b"PROXY TCP4\r\n",
    b"PROXY TCP4 192.0.2.1 127.0.0.1 5000\r\n",
    b"PROXY TCP4 192.0.2.1 127.0.0.1 a 143\r\n",
    b"PROXY TCP4 mail.example.org 127.0.0.1 5000 143\r\n",
    b"PROXY TCP4 \xff 127.0.0.1 5000 143\r\n",
    b"PROXY UDP4 192.0.2.1 127.0.0.1 5000 143\r\n",
    b"PROXY " + b"x" * 101,
    b"PROXY UNKNOWN " + b"x" * 100 + b"\r\n",
    SECOND + b"\x21\x11\x00\x08" + FOUR_2,
    SECOND + b"\x11\x11\x00\x0c" + FOUR_2,
    SECOND + b"\x22\x11\x00\x0c" + FOUR_2,
)


class HeaderTests(SynchronousTestCase):
    def test_whole(self):
        for octets, source in WHOLE:
            self.assertEqual(header(octets), Header(source, b""), octets)
            self.assertEqual(header(octets + b"x NOOP\r\n"), Header(source, b"x NOOP\r\n"), octets)

    def test_it_may_come_in_pieces(self):
        for octets, _ in WHOLE:
            for length in range(len(octets)):
                self.assertIsNone(header(octets[:length]), octets[:length])

    def test_none(self):
        for octets in NONE:
            self.assertRaises(ValueError, header, octets)

    def test_it_is_known_by_its_first_octets(self):
        for octet in range(256):
            if octet not in b"P\r":
                self.assertRaises(ValueError, header, bytes([octet]))
