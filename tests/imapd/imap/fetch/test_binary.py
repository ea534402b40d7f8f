"""FETCH BINARY of what is large."""

from base64 import encodebytes

from imapd.doors.outflow import GATHER
from mailstore.spool import MEMORY
from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred

CONTENT = b"0123456789abcdef" * (MEMORY // 8)
MESSAGE = b"Content-Transfer-Encoding: base64\r\n\r\n" + encodebytes(CONTENT).replace(b"\n", b"\r\n")


@run_as_deferred
class LargeTest(ConnectionTestCase):
    async def test_what_waits_for_the_client_is_bounded(self):
        await self.server.deliver("ada", "INBOX", MESSAGE)
        room = 1 << 16
        client = await self.server.connect(room=room).login(mailbox="INBOX")
        client.send(b"x FETCH 1 BINARY.PEEK[1]\r\n")
        got, most = b"", 0
        while not got.endswith(b"x OK FETCH completed\r\n"):
            most = max(most, len(client.transport.value()))
            got += await client.octets(1) + client.taken()
        self.assertLess(most, room + 2 * GATHER + 1000)
        self.assertIn(b" BINARY[1] {%d}\r\n%b)\r\n" % (len(CONTENT), CONTENT), got.replace(b"(", b" "))

    async def test_its_size_and_a_piece_of_it(self):
        await self.server.deliver("ada", "INBOX", MESSAGE)
        client = await self.server.connect().login(mailbox="INBOX")
        (answer,) = await client.succeeds(b"FETCH 1 (BINARY.SIZE[1] BINARY.PEEK[1]<1000000.20>)")
        self.assertEqual(
            answer,
            b"* 1 FETCH (BINARY.SIZE[1] %d BINARY[1]<1000000> {20}\r\n%b)" % (len(CONTENT), CONTENT[1000000:1000020]),
        )
