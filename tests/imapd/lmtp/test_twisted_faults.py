"""Where Twisted's `SMTP` gives way, on 26.10; each test names what the stock class does instead."""

from mailstore.errors import Unavailable
from mailstore.sqlite.account import Account
from tests.imapd.lmtp.case import LmtpCase


class StockFaultTests(LmtpCase):
    async def deliver(self, message):
        client = await self.connect()
        client.send(b"MAIL FROM:<>\r\nRCPT TO:<ada>\r\nDATA\r\n" + message + b".\r\n")
        return (await self.codes(client, 4))[-1]

    async def test_lines_of_more_than_16384_octets(self):
        """The stock class drops the message, and takes the rest of it for commands."""
        line = b"x" * 20_000 + b"\r\n"
        self.assertEqual(await self.deliver(line), "250 2.0.0")
        [stored] = await self.stored()
        self.assertTrue(stored.endswith(b"\r\n" + line))

    async def test_a_message_without_header_fields(self):
        """The stock class puts an empty line before it."""
        self.assertEqual(await self.deliver(b"no fields\r\n"), "250 2.0.0")
        [stored] = await self.stored()
        self.assertFalse(stored.endswith(b"\r\n\r\nno fields\r\n"))

    async def test_a_failure_for_now(self):
        """The stock class says 550 whatever went wrong, so that the mail goes back."""

        async def append(*_):
            raise Unavailable("the disk is full")

        self.patch(Account, "append", append)
        self.assertEqual(await self.deliver(b"hello\r\n"), "452 4.3.1")

    async def test_a_verb_that_is_not_ascii(self):
        """The stock class raises, which ends the connection."""
        client = await self.connect()
        client.send(b"\xff\xfe\r\nNOOP\r\n")
        self.assertEqual(await self.codes(client, 2), ["500 5.5.1", "250 2.0.0"])

    async def test_a_recipient_without_a_domain(self):
        """The stock class gives it the name of the machine as a domain."""
        client = await self.connect()
        client.send(b"MAIL FROM:<>\r\nRCPT TO:<ada>\r\n")
        self.assertEqual((await self.lines(client, 2))[1][:15], b"250 2.1.5 <ada>")
