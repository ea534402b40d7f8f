"""COMPRESS=DEFLATE (RFC 4978): two streams between the commands and the transport."""

import re
import tracemalloc
import zlib

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd import limits
from imapd.doors.outflow import GATHER
from imapd.imap.errors import Bye
from imapd.imap.stream.compression import Deflater, Inflater
from imapd.imap.stream.inflow import Inflow
from tests.imapd.imap.test_connection import BIG, REMOTE, ConnectionTestCase, run_as_deferred


def deflated(*texts, finish=False):
    """Return one raw stream, flushed behind each of `texts`."""
    stream = zlib.compressobj(wbits=-15)
    octets = b"".join(stream.compress(text) + stream.flush(zlib.Z_SYNC_FLUSH) for text in texts)
    return octets + stream.flush() if finish else octets


def inflated(inflater):
    """Return everything that there is, which must come in bounded pieces."""
    octets = b""
    while inflater.pending:
        piece = inflater.inflate()
        assert len(piece) <= limits.INFLATED_OCTETS
        octets += piece
    return octets


class StreamTest(SynchronousTestCase):
    @settings(max_examples=50, deadline=None, derandomize=True)
    @given(st.lists(st.binary(max_size=300), max_size=5))
    def test_what_is_deflated_can_be_read_at_once(self, texts):
        deflater, inflater = Deflater(), Inflater()
        for text in texts:
            inflater.receive(deflater.deflate(text))
            self.assertEqual(inflated(inflater), text)

    def test_cut_anywhere(self):
        octets = deflated(b"a NOOP\r\n", b"b NOOP\r\n", finish=True)
        for cut in range(len(octets) + 1):
            inflater, got = Inflater(), b""
            for part in (octets[:cut], octets[cut:]):
                inflater.receive(part)
                got += inflated(inflater)
            self.assertEqual(got, b"a NOOP\r\nb NOOP\r\n")

    def test_a_little_that_stands_for_much_comes_in_pieces(self):
        octets = deflated(b"\0" * 50_000_000)
        inflater = Inflater()
        inflater.receive(octets)
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        count = 0
        while inflater.pending:
            count += len(inflater.inflate())
        self.assertEqual(count, 50_000_000)
        self.assertLess(tracemalloc.get_traced_memory()[1], 4 * limits.INFLATED_OCTETS)

    def test_what_is_no_stream(self):
        for octets in (b"a NOOP\r\n", b"\xff" * 10, deflated(b"x", finish=True) + b"more"):
            inflater = Inflater()
            inflater.receive(octets)
            self.assertRaises(Bye, inflated, inflater)
            self.assertFalse(inflater.pending)


class CompressingClient:
    """A client of the harness from where COMPRESS was answered on; `octets` are those it took from the wire."""

    def __init__(self, client):
        self._deflater, self._inflater = zlib.compressobj(wbits=-15), zlib.decompressobj(-15)
        self._send, self._empty = client.send, client.transport.empty
        self.octets = 0
        client.send, client.transport.empty = self.send, self.empty

    def send(self, octets):
        self._send(self._deflater.compress(octets) + self._deflater.flush(zlib.Z_SYNC_FLUSH))

    def empty(self):
        octets = self._empty()
        self.octets += len(octets)
        return self._inflater.decompress(octets)


class CompressTestCase(ConnectionTestCase):
    async def client(self, room=None, **login):
        client = await self.server.connect(room=room).login(**login)
        await client.succeeds(b"COMPRESS DEFLATE")
        self.wire = CompressingClient(client)
        return client

    def turns(self, client):
        """Let the reactor turn until nothing is to be done; return how much was held of what came in, turn by turn."""
        connection, held = client.connection, []
        feed = Inflow.feed

        def watched(inflow):
            feed(inflow)
            held.append(connection._framer.buffered)

        self.patch(Inflow, "feed", watched)
        self.server.clock.advance(0)
        return held


@run_as_deferred
class CompressTest(CompressTestCase):
    async def test_commands_and_answers(self):
        client = await self.client(mailbox="INBOX")
        self.assertNotIn(b"COMPRESS", (await client.succeeds(b"CAPABILITY"))[0])
        message = b"Subject: a\r\n\r\n" + b"body\r\n" * 1000
        client.send(b"x APPEND INBOX {%d}\r\n" % len(message))
        self.assertTrue((await client.line()).startswith(b"+ "))
        client.send(message + b"\r\n")
        await client.answer()
        before = self.wire.octets
        self.assertEqual(await client.succeeds(b"FETCH 1 BODY.PEEK[]"),
                         [b"* 1 FETCH (BODY[] {%d}\r\n%b)" % (len(message), message)])
        self.assertLess(self.wire.octets - before, 300)

    async def test_only_once(self):
        client = await self.client()
        self.assertIn(b"x BAD [COMPRESSIONACTIVE] ", await client.command(b"COMPRESS DEFLATE"))
        await client.succeeds(b"NOOP")

    async def test_octet_by_octet(self):
        client = await self.client()
        sent = deflated(b'a NOOP\r\nb LIST "" {1+}\r\n%\r\nc STATUS {5}\r\n', b"INBOX (MESSAGES)\r\n")
        for octet in sent:
            self.wire._send(bytes([octet]))
        for expected in (b"a OK ", b"* LIST "):
            self.assertTrue((await client.response()).startswith(expected))
        await client.answer(b"b")
        self.assertTrue((await client.line()).startswith(b"+ "))
        self.assertEqual((await client.answer(b"c"))[0], b"* STATUS INBOX (MESSAGES 0)")

    async def test_cut_anywhere(self):
        sent = deflated(b"a NOOP\r\nb STATUS {5+}\r\nINBOX (MESSAGES)\r\n")
        for cut in range(len(sent)):
            client = await self.client()
            self.wire._send(sent[:cut])
            self.wire._send(sent[cut:])
            self.assertEqual(await client.answer(b"b"),
                             [b"a OK completed", b"* STATUS INBOX (MESSAGES 0)", b"b OK STATUS completed"])
            await client.gone()

    async def test_what_comes_right_behind_the_command_is_compressed(self):
        client = await self.server.connect().login()
        client.send(b"x COMPRESS DEFLATE\r\n" + deflated(b"y NOOP\r\n"))
        self.server.clock.advance(0)
        line, _, answer = client.taken().partition(b"\r\n")
        self.assertEqual(line, b"x OK DEFLATE active")
        self.assertEqual(zlib.decompressobj(-15).decompress(answer), b"y OK completed\r\n")

    async def test_plain_commands_right_behind_it_end_the_connection(self):
        client = await self.server.connect().login()
        client.send(b"x COMPRESS DEFLATE\r\ny CREATE box\r\n")
        self.server.clock.advance(0)
        line, _, answer = client.taken().partition(b"\r\n")
        self.assertEqual(line, b"x OK DEFLATE active")
        self.assertRegex(zlib.decompressobj(-15).decompress(answer), rb"\A\* BYE [^\r\n]*\r\n\Z")
        await client.ended()
        other = await self.server.connect().login()
        self.assertIn(b"NONEXISTENT", await other.command(b"STATUS box (MESSAGES)"))

    async def test_a_broken_stream_ends_the_connection(self):
        client = await self.client()
        self.wire._send(b"\xff" * 100)
        self.assertTrue((await client.line()).startswith(b"* BYE "))
        await client.ended()

    async def test_a_broken_stream_ends_a_waiting_command(self):
        client = await self.client()
        await client.idles()
        self.wire._send(b"\xff" * 100)
        self.assertTrue((await client.line()).startswith(b"* BYE "))
        await client.ended()

    async def test_above_tls(self):
        client = self.server.connect(REMOTE)
        await client.line()
        await client.succeeds(b"STARTTLS")
        await client.succeeds(b"LOGIN ada secret")
        await client.succeeds(b"COMPRESS DEFLATE")
        CompressingClient(client)
        await client.succeeds(b"NOOP")

    async def test_idle_and_its_news(self):
        client = await self.client(mailbox="INBOX")
        await client.idles()
        await self.server.deliver("ada", "INBOX", b"Subject: a\r\n\r\n")
        self.assertEqual(await client.line(), b"* 1 EXISTS")
        await client.line()
        self.server.clock.advance(limits.KEEP_ALIVE_SECONDS)
        self.assertEqual(await client.line(), b"* OK Still here")
        client.send(b"DONE\r\ny LOGOUT\r\n")
        self.assertEqual([line[:5] for line in await client.answer()], [b"x OK "])
        self.assertTrue((await client.line()).startswith(b"* BYE "))
        await client.answer(b"y")
        await client.ended()

    async def test_the_farewell_of_an_idle_session(self):
        client = await self.client()
        self.server.clock.advance(1800)
        self.assertTrue((await client.line()).startswith(b"* BYE "))
        await client.ended()

    async def test_the_log_counts_what_was_on_the_wire(self):
        client = await self.client()
        await client.succeeds(b"NOOP")
        wire_in, wire_out = client.connection._inflow.octets, client.connection._outflow.octets
        await client.gone()
        self.assertIn(f" {wire_in} octets in, {wire_out} out", self.logged("logout")[0])
        self.assertLess(wire_in, 150)


@run_as_deferred
class BombTest(CompressTestCase):
    """A client that says much with few octets gets no more of the server than one that sends them all."""

    async def test_a_line_without_end(self):
        client = await self.client()
        client.send(b"x CREATE " + b"a" * 20_000_000 + b"\r\ny NOOP\r\n")
        self.assertEqual(client.transport.producerState, "paused")
        self.assertLess(max(self.turns(client)), 3 * limits.INFLATED_OCTETS)
        self.assertEqual(client.transport.producerState, "producing")
        first, second = await client.answer(b"y")
        self.assertTrue(first.startswith(b"x BAD a line has at most "), first)
        self.assertEqual(second, b"y OK completed")

    async def test_commands(self):
        client = await self.client()
        client.send(b"".join(b"%d NOOP\r\n" % number for number in range(50_000)))
        self.assertGreater(len(self.turns(client)), 5)
        answered = re.findall(rb"(?m)^(\d+) OK ", client.taken())
        self.assertEqual(answered, [b"%d" % number for number in range(50_000)])

    async def test_commands_whose_answers_are_not_taken(self):
        client = await self.client(room=1 << 14)
        client.send(b"".join(b"%d CAPABILITY\r\n" % number for number in range(50_000)))
        self.turns(client)
        self.assertLess(len(client.transport.value()), (1 << 14) + 2 * GATHER)
        self.assertLess(client.connection._framer.buffered, limits.WAITING_OCTETS + 2 * limits.INFLATED_OCTETS)
        self.assertEqual(client.transport.producerState, "paused")
        got = client.taken()
        while b"\r\n49999 OK" not in got:
            self.turns(client)
            got += client.taken()
        self.assertEqual(len(re.findall(rb"(?m)^\d+ OK ", got)), 50_000)
        self.assertEqual(client.transport.producerState, "producing")

    async def test_behind_a_command_that_waits(self):
        client = await self.client()
        await client.idles()
        client.send(b"DONE" + b" " * 5_000_000 + b"\r\ny NOOP\r\n")
        self.assertLess(max(self.turns(client)), limits.WAITING_OCTETS + 2 * limits.INFLATED_OCTETS)
        self.assertEqual([line[:5] for line in await client.answer(b"y")], [b"x BAD", b"y OK "])

    async def test_a_message_is_spooled_as_it_comes(self):
        client = await self.client(mailbox="INBOX")
        client.send(b"x APPEND INBOX {5000000+}\r\n" + b"\r\n" * 2_500_000 + b"\r\n")
        self.assertLess(max(self.turns(client)), 2 * limits.INFLATED_OCTETS)
        self.assertTrue((await client.answer())[-1].startswith(b"x OK "))
        self.assertEqual(await client.succeeds(b"FETCH 1 RFC822.SIZE"), [b"* 1 FETCH (RFC822.SIZE 5000000)"])

    async def test_a_client_that_goes_away_meanwhile(self):
        client = await self.client()
        client.send(b"x CREATE " + b"a" * 20_000_000)
        await client.gone()
        self.assertEqual(self.server.clock.getDelayedCalls(), [])


@run_as_deferred
class SlowReaderTest(CompressTestCase):
    async def test_a_large_fetch_waits_for_the_client(self):
        await self.server.deliver("ada", "INBOX", BIG)
        client = await self.client(room=1 << 10, mailbox="INBOX")
        client.send(b"x FETCH 1 BODY.PEEK[]\r\n")
        got, most = b"", 0
        while not got.endswith(b"x OK FETCH completed\r\n"):
            most = max(most, len(client.transport.value()))
            got += await client.octets(1) + client.taken()
        self.assertLess(most, (1 << 10) + GATHER)
        self.assertIn(b"{%d}\r\n%b)\r\n" % (len(BIG), BIG), got)
