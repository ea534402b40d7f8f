"""Whatever a client sends, the next command is found where the last one ends, and little is held in memory."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.errors import No
from imapd.imap.wire.announcement import Announcement
from imapd.imap.wire.framing import Command, Continue, Framer, FramingLimits, Piece, Refused, SpooledLiteral
from mailstore.spool import Spool
from tests.imapd.imap.wire.parsing import Event, events

LIMITS = FramingLimits(line=100, literal=30, command=150, literals=3)
MESSAGE = 60
"""Octets of the largest message."""

WORDS = [b"", b"NOOP", b"APPEND x", b'"a\\"b"', b"{5}x", b"}", b"{-1}", b"\r", b"\0", b"\xff", b"x" * 90]
PIECES = [*WORDS, b'"', b" {3+}\r\n", b" {99+}\r\n", b" {2}\r\n", b"\r\n", b"\n"]

words = st.sampled_from(WORDS)
text = st.lists(words, max_size=4).map(b" ".join).filter(lambda octets: not octets.endswith(b"}"))
contents = st.binary(max_size=80) | st.integers(0, 80).map(lambda size: (b"q NOOP\r\n" * 10)[:size])
literal = st.tuples(contents, st.booleans(), st.booleans())
command = st.tuples(text, st.lists(st.tuples(literal, text), max_size=5))


def spool_for(pieces: tuple[Piece, ...], literal: Announcement) -> Spool | None:
    first = pieces[0]
    assert isinstance(first, bytes)
    if b"APPEND" not in first:
        return None
    if literal.size > MESSAGE:
        raise No("too big", "TOOBIG")
    return Spool()


class Client:
    """Sends commands as a client does: it waits where it must, and sends no more of a command that was refused."""

    def __init__(self, chunk: int) -> None:
        self.framer = Framer(LIMITS, spool_for)
        self.chunk = chunk
        self.most = 0

    def send(self, octets: bytes) -> list[Event]:
        told: list[Event] = []
        for start in range(0, len(octets), self.chunk):
            self.framer.receive(octets[start : start + self.chunk])
            told += events(self.framer)
            self.most = max(self.most, self.framer.buffered)
        return told

    def perform(self, tag: bytes, first: bytes, rest: list[tuple[tuple[bytes, bool, bool], bytes]]) -> list[Event]:
        line = tag + b" " + first
        for (octets, binary, waits), behind in rest:
            announced = b" %b{%d%b}\r\n" % (b"~" if binary else b"", len(octets), b"" if waits else b"+")
            told = self.send(line + announced)
            if waits and told != [Continue()]:
                return told
            assert told == ([Continue()] if waits else []), told
            assert self.send(octets) == []
            line = behind
        return self.send(line + b"\r\n")


class FramingTests(SynchronousTestCase):
    @settings(max_examples=400, deadline=None, derandomize=True)
    @given(st.lists(command, max_size=5), st.integers(1, 40))
    def test_each_command_has_one_ending_and_the_next_is_found(self, commands, chunk):
        client = Client(chunk)
        for number, (first, rest) in enumerate([*commands, (b"NOOP", [])]):
            tag = b"t%d" % number
            [ending] = client.perform(tag, first, rest)
            self.assertEqual(tag_of(ending), tag)
        assert isinstance(ending, Command)
        self.assertEqual(ending.pieces, (tag + b" NOOP",))
        self.assertEqual(client.framer.buffered, 0)
        self.assertLessEqual(client.most, LIMITS.line + chunk)

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(st.lists(st.sampled_from(PIECES)).map(b"".join), st.integers(1, 10))
    def test_any_octets_mean_the_same_however_they_are_cut(self, octets, chunk):
        whole, cut = Client(len(octets) + 1), Client(chunk)
        self.assertEqual([*map(summary, cut.send(octets))], [*map(summary, whole.send(octets))])
        self.assertLessEqual(cut.most, LIMITS.line + chunk)


def tag_of(ending: Event) -> bytes:
    if isinstance(ending, Refused):
        return ending.tag
    assert isinstance(ending, Command), ending
    first = ending.pieces[0]
    assert isinstance(first, bytes)
    return first.partition(b" ")[0]


def summary(event: Event) -> object:
    match event:
        case Command(pieces):
            return [piece.size if isinstance(piece, SpooledLiteral) else piece for piece in pieces]
        case Refused(tag, error):
            return tag, error.text
    return event
