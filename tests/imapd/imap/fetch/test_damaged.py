"""A message is damaged behind its first octets: the connection ends once, then all is sent but that message."""

import struct

from imapd.doors import brokenoff
from tests.imapd.imap.harness import patience
from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred

SMALL = [b"Subject: small %d\r\n\r\nhello\r\n" % number for number in range(9)]
BIG = b"Subject: big\r\n\r\n" + b"".join(b"line %d\r\n" % number for number in range(30_000))
MESSAGES = [*SMALL[:5], BIG, *SMALL[5:]]
LEFT_OUT = b"x NO [CORRUPTION] the message is damaged, an administrator must look\r\n"


class DamagedCase(ConnectionTestCase):
    """Ten messages, the sixth of several chunks."""

    async def start(self, **settings):
        await super().start(**settings)
        await self.server.deliver("ada", "INBOX", *MESSAGES)

    async def write(self, sql):
        account = await self.server.store.account((await self.server.store.user("ada")).account)
        await account.database.write(lambda writer: writer.execute(sql))
        await account.release()

    async def read(self, sql):
        account = await self.server.store.account((await self.server.store.user("ada")).account)
        rows = await account.database.read(lambda reader: reader.rows(sql))
        await account.release()
        return rows

    async def got(self, command):
        """Return all that a new client gets for a command, until that or the connection ends."""
        client = await self.server.connect().login(mailbox="INBOX")
        client.send(b"x " + command + b"\r\n")
        waits = patience()
        while not client.transport.disconnected and b"\nx " not in client.transport.value():
            await waits("end", b"")
        return client.taken()


@run_as_deferred
class DamagedTest(DamagedCase):
    """The sixth of ten messages, in its second chunk."""

    async def damage(self):
        await self.write("UPDATE chunk SET codec = codec + 1000 WHERE id = (6 << 16) + 1")

    async def mend(self):
        await self.write("UPDATE chunk SET codec = codec - 1000 WHERE id = (6 << 16) + 1")

    async def responses(self, command):
        """Return the responses to a command that succeeds."""
        client = await self.server.connect().login(mailbox="INBOX")
        return [response + b"\r\n" for response in await client.succeeds(command)]

    async def breaks_off_once(self, *commands):
        before = [await self.responses(command) for command in commands]
        await self.damage()
        for command, responses in zip(commands, before, strict=True):
            broken, others = responses[5], responses[:5] + responses[6:]
            got = await self.got(command)
            self.assertTrue(got.startswith(b"".join(responses[:5]) + broken[:60_000]), command)
            self.assertLess(len(got), len(b"".join(responses[:6])), command)
            for _ in range(2):
                self.assertEqual(await self.got(command), b"".join(others) + LEFT_OUT, command)
            brokenoff._broken_off.clear()
        self.assertTrue(self.logged("an answer to ada from 127.0.0.1 broke off: the message is damaged"))
        self.assertTrue(self.logged("the account of ada is damaged"))
        self.assertEqual(self.flushLoggedErrors(), [])

    async def test_sections(self):
        await self.breaks_off_once(
            b"FETCH 1:* BODY.PEEK[]",
            b"UID FETCH 1:* (FLAGS BODY.PEEK[TEXT])",
            b"FETCH 1:* BODY.PEEK[1]",
            b"FETCH 1:* (BODY.PEEK[TEXT]<0.65000> BODY.PEEK[TEXT]<60000.10000>)",
            b"FETCH 1:* (BODY.PEEK[]<0.65000> BINARY.SIZE[1])",
        )

    async def test_what_is_decoded_does_not_break_off(self):
        commands = [b"FETCH 1:* BINARY.PEEK[1]", b"FETCH 1:* BINARY.SIZE[1]"]
        before = [await self.responses(command) for command in commands]
        await self.damage()
        for command, responses in zip(commands, before, strict=True):
            self.assertEqual(await self.got(command), b"".join(responses[:5] + responses[6:]) + LEFT_OUT, command)

    async def test_a_header_that_cannot_be_read_hides_no_other_message_from_who_has_parts_decoded(self):
        command = b"FETCH 1:* BINARY.SIZE[1]"
        before = await self.responses(command)
        await self.write("UPDATE chunk SET codec = 1000 WHERE id = 6 << 16")
        self.assertEqual(await self.got(command), b"".join(before[:5] + before[6:]) + LEFT_OUT)

    async def test_what_is_whole_of_the_message_is_sent_and_all_of_it_once_it_is_mended(self):
        header, start, every = b"FETCH 1:* BODY.PEEK[HEADER]", b"FETCH 6 BODY.PEEK[]<0.65536>", b"FETCH 1:* BODY.PEEK[]"
        before = [await self.responses(command) for command in (header, start, every)]
        await self.damage()
        self.assertNotIn(b"\nx ", await self.got(every))
        self.assertIn(LEFT_OUT, await self.got(every))
        self.assertEqual([await self.responses(command) for command in (header, start)], before[:2])
        await self.mend()
        self.assertEqual(await self.responses(every), before[2])

    async def test_only_so_many_are_remembered(self):
        self.patch(brokenoff, "AT_MOST", 0)
        await self.damage()
        for _ in range(2):
            self.assertNotIn(b"\nx ", await self.got(b"FETCH 6 BODY.PEEK[]"))


@run_as_deferred
class StructureTest(DamagedCase):
    """One bit in where a message's parts begin and end, of the second of ten."""

    BITS = {"end": (3, 18), "end within": (3, 4), "body": (2, 18), "body behind": (2, 8), "header": (1, 3)}

    SECTIONS = (b"BODY.PEEK[TEXT]", b"BODY.PEEK[1]", b"BODY.PEEK[HEADER]", b"BINARY.PEEK[1]", b"BINARY.SIZE[1]")

    async def test_no_literal_is_longer_than_it_says(self):
        [(right,)] = await self.read("SELECT octets FROM structure WHERE content_id = 2")
        for where, (place, bit) in self.BITS.items():
            numbers = list(struct.unpack("<6I", right))
            numbers[place] ^= 1 << bit
            wrong = struct.pack("<6I", *numbers).hex()
            await self.write(f"UPDATE structure SET octets = x'{wrong}' WHERE content_id = 2")
            for section in self.SECTIONS:
                with self.subTest(where=where, section=section):
                    got = await self.got(b"FETCH 2:3 (UID %b)" % section)
                    self.assertTrue(got.startswith(b"* 3 FETCH (UID 3 "), got[:200])
                    self.assertTrue(got.endswith(LEFT_OUT), got[-200:])
