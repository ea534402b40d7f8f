"""Messages put together: how large, how many, and from where (RFC 4469)."""

from imapd import limits
from imapd.imap.wire.appendmessage import MAX_PARTS
from mailstore.spool import MEMORY, Spool
from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred


@run_as_deferred
class CatenateTest(ConnectionTestCase):
    async def test_large_and_small_ones_by_turns(self):
        large, small = b"a" * (MEMORY + 1), b"b" * 9
        await self.server.deliver("ada", "INBOX", large, small)
        client = await self.server.connect().login(mailbox="INBOX")
        await client.succeeds(
            b'APPEND INBOX CATENATE (URL ";UID=2" URL ";UID=1") CATENATE (URL ";UID=2" URL ";UID=2")'
            b' CATENATE (TEXT {%d+}\r\n%b URL ";UID=1/;PARTIAL=0.1") {1+}\r\nc' % (len(large), large)
        )
        fetched = await client.succeeds(b"FETCH 3:* BODY.PEEK[]")
        made = [small + large, small + small, large + b"a", b"c"]
        self.assertEqual(fetched, [b"* %d FETCH (BODY[] {%d}\r\n%b)" % (number, len(each), each)
                                   for number, each in enumerate(made, 3)])

    async def test_as_large_as_a_message_may_be(self):
        await self.restart(max_message_octets=3000)
        await self.server.deliver("ada", "INBOX", b"a" * 1000)
        client = await self.server.connect().login(mailbox="INBOX")
        await client.succeeds(b"APPEND INBOX CATENATE (%b)" % b" ".join([b'URL ";UID=1"'] * 3))
        await client.succeeds(b"APPEND INBOX" + b' CATENATE (URL ";UID=1")' * 3)
        for refused in (
            b" CATENATE (%b TEXT {1+}\r\nb)" % b" ".join([b'URL ";UID=1"'] * 3),
            b' CATENATE (URL ";UID=1")' * 4,
            b" CATENATE (TEXT {2999+}\r\n%b TEXT {2+}\r\nbb)" % (b"b" * 2999),
        ):
            self.assertRegex(await client.command(b"APPEND INBOX" + refused), rb"x NO \[TOOBIG\]")
        self.assertEqual(await client.succeeds(b"STATUS INBOX (MESSAGES)"), [b"* STATUS INBOX (MESSAGES 5)"])

    async def test_so_many_messages_and_parts_and_no_more(self):
        await self.server.deliver("ada", "INBOX", b"a")
        client = await self.server.connect().login(mailbox="INBOX")
        await client.succeeds(b"APPEND Sent CATENATE (%b)" % b" ".join([b"URL ;UID=1"] * MAX_PARTS))
        too_many = await client.command(b"APPEND Sent CATENATE (%b)" % b" ".join([b"URL ;UID=1"] * (MAX_PARTS + 1)))
        self.assertRegex(too_many, b"x BAD ")
        await client.succeeds(b"APPEND Sent" + b" CATENATE (URL ;UID=1)" * limits.MESSAGES)
        too_many = await client.command(b"APPEND Sent" + b" CATENATE (URL ;UID=1)" * (limits.MESSAGES + 1))
        self.assertRegex(too_many, rb"x NO \[LIMIT\]")

    async def test_a_message_that_was_expunged(self):
        await self.server.deliver("ada", "INBOX", b"a")
        client, other = [await self.server.connect().login(mailbox="INBOX") for _ in range(2)]
        await other.succeeds(rb"STORE 1 +FLAGS.SILENT (\Deleted)")
        await other.succeeds(b"EXPUNGE")
        self.assertIn(b"x NO [BADURL ;UID=1]", await client.command(b"APPEND Sent CATENATE (URL ;UID=1)"))

    async def test_no_room_to_put_them_together(self):
        await self.server.deliver("ada", "INBOX", b"a")
        client = await self.server.connect().login(mailbox="INBOX")

        def full(_spool, _octets):
            raise OSError("no space left on device")

        self.patch(Spool, "write", full)
        self.assertRegex(await client.command(b"APPEND Sent CATENATE (URL ;UID=1)"), rb"x NO \[UNAVAILABLE\]")
