"""UNAUTHENTICATE (RFC 8437): what is counted, how long it may last, and where compression ends."""

import zlib

from imapd import limits
from tests.imapd.imap.stream.test_compression import CompressingClient, deflated
from tests.imapd.imap.test_connection import REMOTE, ConnectionTestCase, run_as_deferred


@run_as_deferred
class UnauthenticateTest(ConnectionTestCase):
    async def test_a_minute_to_log_in_again(self):
        client = await self.server.connect().login()
        self.server.clock.advance(1000)
        await client.succeeds(b"UNAUTHENTICATE")
        self.server.clock.advance(limits.LOGIN_SECONDS - 1)
        await client.succeeds(b"NOOP")
        self.server.clock.advance(1)
        self.assertTrue((await client.line()).startswith(b"* BYE "))
        await client.ended()

    async def test_half_an_hour_once_logged_in_again(self):
        client = await self.server.connect().login()
        await client.succeeds(b"UNAUTHENTICATE")
        await client.succeeds(b"LOGIN ada secret")
        self.server.clock.advance(1799)
        await client.succeeds(b"NOOP")

    async def test_it_is_counted_as_a_strangers(self):
        self.patch(limits, "STRANGERS_PER_ADDRESS", 2)
        self.patch(limits, "CONNECTIONS_PER_USER", 1)
        one = await self.server.connect().login()
        await one.succeeds(b"UNAUTHENTICATE")
        two = await self.server.connect().login()
        self.assertIn(b"x NO [LIMIT] ", await one.command(b"LOGIN ada secret"))
        await one.succeeds(b"LOGIN bob secret")
        strangers = [self.server.connect() for _ in range(2)]
        for each in strangers:
            self.assertTrue((await each.line()).startswith(b"* OK "))
        two.send(b"x UNAUTHENTICATE\r\n")
        self.assertTrue((await two.line()).startswith(b"* BYE [UNAVAILABLE] "))
        await two.ended()
        for each in (one, *strangers):
            await each.gone()
        await self.server.empty()
        self.assertEqual(self.server.door.admission.counted, {})

    async def test_the_account_is_released(self):
        client = await self.server.connect().login(mailbox="INBOX")
        [place] = self.server.store._accounts._places.values()
        self.assertEqual(place.holders, 1)
        await client.succeeds(b"UNAUTHENTICATE")
        self.assertEqual((place.holders, bool(place.account.feed)), (0, False))
        await client.gone()
        self.assertEqual(place.holders, 0)

    async def test_each_login_is_logged_by_itself(self):
        client = await self.server.connect().login()
        await client.succeeds(b"NOOP")
        await client.succeeds(b"UNAUTHENTICATE")
        await client.succeeds(b"LOGIN bob secret")
        await client.gone()
        first, second = self.logged("logout: ")
        self.assertRegex(first, r"ada from 127.0.0.1, \d+ octets in")
        self.assertRegex(second, r"bob from 127.0.0.1, 20 octets in")

    async def test_tls_stays(self):
        client = self.server.connect(REMOTE)
        await client.line()
        await client.succeeds(b"STARTTLS")
        await client.succeeds(b"LOGIN ada secret")
        await client.succeeds(b"UNAUTHENTICATE")
        [capabilities] = await client.succeeds(b"CAPABILITY")
        self.assertIn(b" AUTH=PLAIN ", capabilities)
        self.assertNotIn(b"STARTTLS", capabilities)
        self.assertNotIn(b"UNAUTHENTICATE", capabilities)
        await client.succeeds(b"LOGIN bob secret")


@run_as_deferred
class CompressionTest(ConnectionTestCase):
    """Compression ends behind the command, and behind its answer (RFC 8437, 4.1)."""

    async def client(self):
        client = await self.server.connect().login()
        await client.succeeds(b"COMPRESS DEFLATE")
        return client

    def state(self, client):
        """Return who is logged in, and whether it is compressed."""
        self.server.clock.advance(0)
        return client.connection.session.user, client.connection.compressed

    def heard(self, client):
        """Return what the client reads that stops to inflate behind the first tagged line."""
        self.server.clock.advance(0)
        octets, stream, read = client.taken(), zlib.decompressobj(-15), b""
        while not read.endswith(b"\r\n"):
            read += stream.decompress(octets[:1])
            octets = octets[1:]
        return read, octets.removeprefix(b"\0\0\0\xff\xff")

    async def test_a_client_that_waits_for_the_answer(self):
        client = await self.client()
        wire = CompressingClient(client)
        await client.succeeds(b"NOOP")
        await client.succeeds(b"UNAUTHENTICATE")
        client.send, client.transport.empty = wire._send, wire._empty
        await client.succeeds(b"NOOP")
        await client.succeeds(b"LOGIN bob secret")
        await client.succeeds(b"COMPRESS DEFLATE")
        CompressingClient(client)
        await client.succeeds(b"NOOP")

    async def test_what_comes_right_behind_it_is_not_compressed(self):
        for finish in (False, True):
            client = await self.client()
            client.send(deflated(b"x UNAUTHENTICATE\r\n", finish=finish) + b"y LOGIN ada secret\r\nz NOOP\r\n")
            first, rest = self.heard(client)
            self.assertEqual(first, b"x OK UNAUTHENTICATE completed\r\n")
            self.assertRegex(rest, rb"\Ay OK [^\r]*\r\nz OK completed\r\n\Z")
            await client.gone()

    async def test_cut_anywhere(self):
        stream = zlib.compressobj(wbits=-15)
        finished = stream.compress(b"w NOOP\r\nx UNAUTHENTICATE\r\n") + stream.flush()
        for compressed in (
            deflated(b"w NOOP\r\n", b"x unauthenticate\r\n"),
            deflated(b"w NOOP\r\nx UNAUTHENTICATE\r\n", finish=True),
            finished,
        ):
            sent = compressed + b"y LOGIN ada secret\r\n"
            for cut in range(len(sent) + 1):
                client = await self.client()
                client.send(sent[:cut])
                self.server.clock.advance(0)
                client.send(sent[cut:])
                self.assertEqual(self.state(client), ("ada", False), (compressed, cut))
                await client.gone()

    async def test_octet_by_octet(self):
        client = await self.client()
        for octet in deflated(b"x UNAUTHENTICATE\r\n", finish=True) + b"y LOGIN ada secret\r\n":
            client.send(bytes([octet]))
        self.assertEqual(self.state(client), ("ada", False))

    async def test_what_is_neither_plain_nor_compressed(self):
        client = await self.client()
        client.send(deflated(b"x UNAUTHENTICATE\r\n")[:-2] + b"y LOGIN ada secret\r\n")
        await client.ended()

    async def test_behind_a_command_that_runs(self):
        client = await self.client()
        client.send(deflated(b"w IDLE\r\n", b"DONE\r\nx UNAUTHENTICATE\r\n") + b"y LOGIN ada secret\r\n")
        self.assertEqual(self.state(client), ("ada", False))

    async def test_what_waits_for_it_takes_no_turns(self):
        client = await self.server.connect(room=100).login()
        await client.succeeds(b"COMPRESS DEFLATE")
        clock, stream = self.server.clock, zlib.compressobj(wbits=-15)
        for text in (b"w CAPABILITY\r\n", b"x UNAUTHENTICATE\r\n", b"+"):
            clock.advance(0)
            client.send(stream.compress(text) + stream.flush(zlib.Z_SYNC_FLUSH))
        self.assertEqual(client.connection.session.user, "ada")  # the client has not taken the first answer
        self.assertEqual([call for call in clock.getDelayedCalls() if call.getTime() <= clock.seconds()], [])
        client.taken()
        clock.advance(0)
        self.assertIsNone(client.connection.session.user)

    async def test_one_in_a_message_is_no_command(self):
        client = await self.client()
        wire = CompressingClient(client)
        message = b"Subject: a UNAUTHENTICATE\r\n"
        client.send(b"x SEARCH {%d+}\r\n" % len(message))
        client.send(message)
        client.send(b" ALL\r\n")
        self.assertTrue((await client.answer())[-1].startswith(b"x BAD "))
        client.send(b"x APPEND INBOX {%d+}\r\n%b" % (len(message), message))
        client.send(b"\r\n")
        self.assertTrue((await client.answer())[-1].startswith(b"x OK "))
        self.assertTrue(wire.octets)
