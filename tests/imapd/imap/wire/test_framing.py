from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.errors import Bad, CommandError, No
from imapd.imap.wire.announcement import Announcement
from imapd.imap.wire.framing import Command, Continue, Framer, FramingLimits, Literal, Piece, Refused, SpooledLiteral
from imapd.limits import FRAMING
from mailstore.spool import Spool
from tests.imapd.imap.wire.parsing import Event, events

SMALL = FramingLimits(line=80, literal=20, command=200, literals=3)


class WatchedSpool(Spool):
    """A spool that tells whether it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True
        super().close()


class FullSpool(WatchedSpool):
    """A spool on a disk that is full."""

    def write(self, octets: bytes) -> None:
        raise OSError(28, "No space left on device")


class Client:
    """A framer, and what a server does around it: APPEND's literal is a message of at most 50 octets."""

    def __init__(self, limits: FramingLimits = SMALL, spool: type[WatchedSpool] = WatchedSpool) -> None:
        self.framer = Framer(limits, self.spool_for)
        self.spool = spool
        self.spools: list[WatchedSpool] = []
        self.asked: list[tuple[tuple[Piece, ...], int]] = []

    def spool_for(self, pieces: tuple[Piece, ...], literal: Announcement) -> Spool | None:
        self.asked.append((pieces, literal.size))
        first = pieces[0]
        assert isinstance(first, bytes)
        if b"APPEND" not in first:
            return None
        if literal.size > 50:
            raise No("a message has at most 50 octets", "TOOBIG")
        self.spools.append(self.spool())
        return self.spools[-1]

    def send(self, octets: bytes) -> list[Event]:
        self.framer.receive(octets)
        return events(self.framer)

    def told(self, octets: bytes) -> list[object]:
        return [plain(event) for event in self.send(octets)]


def plain(event: Event | None) -> object:
    """Return the event with spools read and errors taken apart, so that it can be compared."""
    match event:
        case Command(pieces):
            return [*map(plain_piece, pieces)]
        case Refused(tag, error):
            return tag, type(error), error.code
    return event


def plain_piece(piece: Piece) -> object:
    if isinstance(piece, SpooledLiteral):
        return "spooled", bytes(piece.spool.octets()[:]), piece.size, piece.binary
    return piece


CONVERSATIONS: dict[bytes, list[object]] = {
    b"a NOOP\r\n": [[b"a NOOP"]],
    b"a NOOP\n": [[b"a NOOP"]],
    b"\r\n": [[b""]],
    b"a NOOP\r\nb NOOP\r\n": [[b"a NOOP"], [b"b NOOP"]],
    b"a NO\rOP\r\r\n": [[b"a NO\rOP\r"]],
    b"a LOGIN {3}\r\nada {4}\r\npass\r\n": [
        Continue(),
        Continue(),
        [b"a LOGIN ", Literal(b"ada"), b" ", Literal(b"pass"), b""],
    ],
    b"a LOGIN {3+}\r\nada {4+}\r\npass\r\n": [[b"a LOGIN ", Literal(b"ada"), b" ", Literal(b"pass"), b""]],
    b"a LOGIN {3+}\na\r\n {0+}\n\n": [[b"a LOGIN ", Literal(b"a\r\n"), b" ", Literal(b""), b""]],
    b"a SEARCH TEXT {5+}\r\nb X\r\n OR ALL SEEN\r\n": [[b"a SEARCH TEXT ", Literal(b"b X\r\n"), b" OR ALL SEEN"]],
    b"a X ~{2+}\r\n\0\n\r\n": [[b"a X ", Literal(b"\0\n", binary=True), b""]],
    b"a LOGIN x{3}\r\nada\r\n": [[b"a LOGIN x{3}"], [b"ada"]],
    b'a LOGIN "x {3}\r\nb NOOP\r\n': [[b'a LOGIN "x {3}'], [b"b NOOP"]],
    b"a APPEND x {5}\r\nh: b\n\r\n": [Continue(), [b"a APPEND x ", ("spooled", b"h: b\n", 5, False), b""]],
    b"a APPEND x ~{5+}\r\nh: \0\n (y)\r\n": [
        [b"a APPEND x ", ("spooled", b"h: \0\n", 5, True), b" (y)"]
    ],
    b"a APPEND x {0+}\r\n\r\n": [[b"a APPEND x ", ("spooled", b"", 0, False), b""]],
    # refused before the client may send
    b"a APPEND x {51}\r\nb NOOP\r\n": [(b"a", No, "TOOBIG"), [b"b NOOP"]],
    b"a LOGIN {21}\r\nb NOOP\r\n": [(b"a", No, "LIMIT"), [b"b NOOP"]],
    # refused and skipped to the end of the command
    b"a APPEND x {56+}\r\n" + b"b NOOP\r\n" * 7 + b"\r\nb NOOP\r\n": [(b"a", No, "TOOBIG"), [b"b NOOP"]],
    b"a LOGIN {24+}\r\n" + b"b NOOP\r\n" * 3 + b"\r\nb NOOP\r\n": [(b"a", No, "LIMIT"), [b"b NOOP"]],
    b"a LOGIN {21+}\r\n" + b"x" * 21 + b" {6+}\r\nc X\r\n\n {2}\r\nb NOOP\r\n": [(b"a", No, "LIMIT"), [b"b NOOP"]],
    # lines
    b"a " + b"x" * 77 + b"\r\n": [[b"a " + b"x" * 77]],
    b"a " + b"x" * 78 + b"\r\nb NOOP\r\n": [(b"a", Bad, None), [b"b NOOP"]],
    b"a " + b"x" * 500 + b"\r\nb NOOP\r\n": [(b"a", Bad, None), [b"b NOOP"]],
    b"x" * 500 + b" y\r\nb NOOP\r\n": [(b"*", Bad, None), [b"b NOOP"]],
    b"a " + b"x" * 500 + b" {4+}\r\n\r\n\r\n {5}\r\nb NOOP\r\n": [(b"a", Bad, None), [b"b NOOP"]],
    b"a X {4+}\r\n\r\n\r\n" + b"x" * 500 + b"\r\nb NOOP\r\n": [(b"a", Bad, None), [b"b NOOP"]],
    # the whole
    b"a X {1+}\r\n1 {1+}\r\n2 {1+}\r\n3\r\n": [
        [b"a X ", Literal(b"1"), b" ", Literal(b"2"), b" ", Literal(b"3"), b""]
    ],
    b"a X {1+}\r\n1 {1+}\r\n2 {1+}\r\n3 {1+}\r\n4\r\nb NOOP\r\n": [(b"a", No, "LIMIT"), [b"b NOOP"]],
    b"a " + 3 * (b"x" * 60 + b" {9+}\r\n123456789") + b"\r\nb NOOP\r\n": [(b"a", No, "LIMIT"), [b"b NOOP"]],
    # tags
    b"{21}\r\n": [[b"{21}"]],
    b"a(b {21}\r\n": [(b"*", No, "LIMIT")],
    b"+ X {21}\r\n": [(b"*", No, "LIMIT")],
    b'"a b" {21}\r\n': [(b"*", No, "LIMIT")],
}


class CommandTests(SynchronousTestCase):
    def test_conversations(self):
        for octets, expected in CONVERSATIONS.items():
            self.assertEqual(Client().told(octets), expected, octets)

    def test_at_every_split(self):
        for octets, expected in CONVERSATIONS.items():
            for split in range(1, len(octets)):
                client = Client()
                told = client.told(octets[:split]) + client.told(octets[split:])
                self.assertEqual(told, expected, (octets[:split], octets[split:]))

    def test_one_octet_at_a_time(self):
        for octets, expected in CONVERSATIONS.items():
            client = Client()
            told = [event for octet in octets for event in client.told(bytes([octet]))]
            self.assertEqual(told, expected, octets)

    def test_nothing_is_left_over(self):
        for octets in CONVERSATIONS:
            client = Client()
            client.send(octets)
            self.assertEqual(client.framer.buffered, 0, octets)

    def test_all_in_one_stream(self):
        client = Client()
        told = client.told(b"".join(CONVERSATIONS))
        self.assertEqual(told, [event for expected in CONVERSATIONS.values() for event in expected])

    def test_what_is_asked_before_a_literal_may_come(self):
        client = Client()
        client.send(b"a LOGIN {3}\r\nada {4+}\r\npass\r\n")
        self.assertEqual(
            client.asked, [((b"a LOGIN ",), 3), ((b"a LOGIN ", Literal(b"ada"), b" "), 4)]
        )

    def test_a_refused_command_asks_no_more(self):
        client = Client()
        client.send(b"a APPEND x {51+}\r\n" + b"x" * 51 + b" {5+}\r\n12345\r\n")
        self.assertEqual(len(client.asked), 1)

    def test_any_error_of_the_one_who_is_asked(self):
        def bye(pieces: tuple[Piece, ...], literal: Announcement) -> None:
            raise CommandError("go away")

        framer = Framer(SMALL, bye)
        framer.receive(b"a X {5}\r\n")
        self.assertEqual([plain(event) for event in events(framer)], [(b"a", CommandError, None)])


class BoundTests(SynchronousTestCase):
    def test_an_endless_line_is_not_held(self):
        client = Client(FRAMING)
        for _ in range(100):
            self.assertEqual(client.send(b"x" * 65536), [])
            self.assertLess(client.framer.buffered, 2 * 65536)

    def test_an_endless_literal_of_a_refused_command_is_not_held(self):
        client = Client(FRAMING)
        client.send(b"a LOGIN {9223372036854775807+}\r\n")
        for _ in range(100):
            self.assertEqual(client.send(b"x" * 65536), [])
            self.assertEqual(client.framer.buffered, 0)

    def test_a_message_is_not_held(self):
        client = Client()
        client.send(b"a APPEND x {50}\r\n")
        for octet in b"x" * 50:
            client.send(bytes([octet]))
            self.assertEqual(client.framer.buffered, 0)
        self.assertEqual(len(client.spools[0]), 50)


class SpoolTests(SynchronousTestCase):
    def test_a_whole_command_keeps_its_spool_open(self):
        client = Client()
        client.send(b"a APPEND x {3+}\r\nabc\r\n")
        client.framer.abandon()
        self.assertFalse(client.spools[0].closed)

    def test_a_lost_connection_closes_it(self):
        client = Client()
        client.send(b"a APPEND x {3+}\r\nab")
        client.framer.abandon()
        self.assertTrue(client.spools[0].closed)

    def test_a_command_refused_behind_the_message_closes_it(self):
        client = Client()
        self.assertEqual(client.told(b"a APPEND x {3+}\r\nabc {51}\r\n"), [(b"a", No, "TOOBIG")])
        self.assertTrue(client.spools[0].closed)

    def test_nul_is_for_literal8_alone(self):
        client = Client()
        self.assertEqual(client.told(b"a APPEND x {3+}\r\na\0b\r\nb NOOP\r\n"), [(b"a", Bad, None), [b"b NOOP"]])
        self.assertTrue(client.spools[0].closed)

    def test_a_full_disk_refuses_the_command_and_skips_the_message(self):
        client = Client(spool=FullSpool)
        self.assertEqual(client.send(b"a APPEND x {3}\r\n"), [Continue()])
        self.assertEqual(client.told(b"ab"), [])
        self.assertEqual(client.told(b"c\r\nb NOOP\r\n"), [(b"a", No, "UNAVAILABLE"), [b"b NOOP"]])
        self.assertTrue(client.spools[0].closed)


class RawLineTests(SynchronousTestCase):
    def test_lines_between_commands(self):
        client = Client()
        client.framer.receive(b"a IDLE\r\nDONE\r\nb NOOP\r\n")
        self.assertEqual(plain(client.framer.next_command()), [b"a IDLE"])
        self.assertEqual(client.framer.next_line(), b"DONE")
        self.assertEqual(client.told(b""), [[b"b NOOP"]])

    def test_a_line_that_has_not_ended(self):
        client = Client()
        client.framer.receive(b"DO")
        self.assertIsNone(client.framer.next_line())
        client.framer.receive(b"NE\n")
        self.assertEqual(client.framer.next_line(), b"DONE")

    def test_nothing_in_it_is_an_announcement(self):
        client = Client()
        client.framer.receive(b"x {5+}\r\n")
        self.assertEqual(client.framer.next_line(), b"x {5+}")

    def test_a_line_beyond_the_limit_is_skipped(self):
        for size in (81, 500):
            client = Client()
            client.framer.receive(b"x" * size)
            self.assertIsNone(client.framer.next_line())
            client.framer.receive(b"x\r\nDONE\r\n")
            self.assertRaises(Bad, client.framer.next_line)
            self.assertEqual(client.framer.next_line(), b"DONE")

    def test_what_was_said_in_plaintext_is_forgotten(self):
        client = Client()
        client.framer.receive(b"a STARTTLS\r\nb LOGIN x y\r\nc APP")
        self.assertEqual(plain(client.framer.next_command()), [b"a STARTTLS"])
        client.framer.discard()
        self.assertEqual(client.told(b"d NOOP\r\n"), [[b"d NOOP"]])

    def test_forgetting_closes_spools(self):
        client = Client()
        client.send(b"a APPEND x {3+}\r\nab")
        client.framer.discard()
        self.assertTrue(client.spools[0].closed)
        self.assertEqual(client.told(b"d NOOP\r\n"), [[b"d NOOP"]])

    def test_the_rest_is_handed_over(self):
        client = Client()
        client.framer.receive(b"a COMPRESS DEFLATE\r\nxyz")
        client.framer.next_command()
        self.assertEqual(client.framer.buffered, 3)
        self.assertEqual(client.framer.take_rest(), b"xyz")
        self.assertEqual(client.framer.buffered, 0)
