"""Dots and lines, cut anywhere."""

import re

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from imapd.pop3.stuffing import first_lines, stuffed, stuffed_pieces

MESSAGES = (
    b"",
    b".",
    b"..",
    b"\r\n",
    b"a\r\n",
    b"a",
    b"a\r",
    b"a\n",
    b".\r\n..\r\n...\r\n",
    b"\r\n.\r\n",
    b"a\r\n.b\r\n.\r\nc.\r\n",
    b"\n.\n+OK\n.",
    b"\r.\r\r\n.\r.\r\n\n..\r\n.",
    b"end without one.",
    b"\0\n.\0\n\0.\n",
)


async def pieces(*each):
    for piece in each:
        yield piece


def everything(body):
    async def joined():
        return [piece async for piece in body]

    found = []
    Deferred.fromCoroutine(joined()).addCallback(found.extend)
    return b"".join(found)


def expected(message):
    """What RFC 1939, 3 asks for, line by line."""
    lines = re.findall(rb"[^\n]*\n|[^\n]+", message)
    return b"".join(b"." * line.startswith(b".") + line for line in lines) + (
        b"" if not message or message.endswith(b"\r\n") else b"\r\n"
    )


class StuffedTest(SynchronousTestCase):
    def test_every_message_cut_in_three_at_every_octet(self):
        for message in MESSAGES:
            for first in range(len(message) + 1):
                for second in range(first, len(message) + 1):
                    cut = pieces(message[:first], message[first:second], message[second:])
                    self.assertEqual(everything(stuffed_pieces(cut)), expected(message), (message, first, second))

    def test_a_whole_message(self):
        for message in MESSAGES:
            self.assertEqual(stuffed(message), expected(message), message)

    def test_octet_by_octet(self):
        for message in MESSAGES:
            octets = pieces(*(bytes([octet]) for octet in message))
            self.assertEqual(everything(stuffed_pieces(octets)), expected(message))

    def test_what_is_expected_is_right(self):
        self.assertEqual(expected(b".\r\na\r\n..b"), b"..\r\na\r\n...b\r\n")
        self.assertEqual(expected(b""), b"")

    def test_the_end_of_the_answer_is_nowhere_in_it(self):
        for message in MESSAGES:
            self.assertNotRegex(everything(stuffed_pieces(pieces(message))), rb"(\A|\n)\.\r?\n")


class FirstLinesTest(SynchronousTestCase):
    def test_lines_cut_at_every_octet(self):
        body = b"one\r\n\r\nthree\nfour"
        wanted = (b"", b"one\r\n", b"one\r\n\r\n", b"one\r\n\r\nthree\n", body, body)
        for count, lines in enumerate(wanted):
            for cut in range(len(body) + 1):
                got = everything(first_lines(pieces(body[:cut], body[cut:]), count))
                self.assertEqual(got, lines, (count, cut))
