from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.fetch.surrogates import Surrogate, pack, unpack
from mailstore.mime import Message, scan
from mailstore.mime.downgrading import downgraded
from tests.mailstore.mime.octets import any_octets
from tests.transcripts.test_transcripts import message

PIECE = 7


class Stored:
    """A message in memory, streamed in small pieces."""

    def __init__(self, octets):
        self.octets, self.size = octets, len(octets)

    async def stream(self, start, stop):
        for at in range(start, stop, PIECE):
            yield self.octets[at : min(at + PIECE, stop)]


def result(coroutine):
    """Return what a coroutine returns that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as stopped:
        return stopped.value
    raise AssertionError("it waits")


def surrogate(octets):
    return Surrogate(Stored(octets), unpack(pack(Message(octets))))


class SurrogateTests(SynchronousTestCase):
    def test_nothing_is_kept_of_what_is_ascii(self):
        for name in "plain", "nested", "utf8", "encoded":
            self.assertEqual(pack(Message(message(name))), b"")

    def test_every_part_of_it(self):
        seen = surrogate(message("eai"))
        whole = result(seen.read(0, seen.size))
        self.assertEqual(len(whole), seen.size)
        self.assertTrue(whole.isascii())
        self.assertEqual(result(seen.root()), scan(whole))
        for start in range(0, seen.size + 5, 11):
            for stop in range(start, seen.size + 5, 13):
                self.assertEqual(result(seen.read(start, stop)), whole[start:stop])

    def test_only_headers_are_others(self):
        octets = "Subject: é\r\n\r\ngrüße\r\n".encode()
        seen = surrogate(octets)
        self.assertEqual(
            result(seen.read(0, seen.size)), downgraded("Subject: é\r\n\r\n".encode()) + "grüße\r\n".encode()
        )

    def test_large_ones(self):
        octets = "Subject: é\r\n\r\n".encode() + b"0123456789abcde\n" * (1 << 17)
        kept = unpack(pack(Message(octets)))
        self.assertEqual(kept.size, len(octets) - len("é".encode()) + len("=?utf-8?B?w6k=?="))
        self.assertEqual(kept.tree.end, kept.size)

    @settings(deadline=None)
    @given(any_octets)
    def test_any_octets(self, octets):
        packed = pack(Message(octets))
        if packed:
            seen = Surrogate(Stored(octets), unpack(packed))
            whole = result(seen.read(0, seen.size))
            self.assertEqual(len(whole), seen.size)
            self.assertEqual(result(seen.root()), scan(whole))
