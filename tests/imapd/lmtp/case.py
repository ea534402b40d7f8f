"""A door of LMTP with a store behind it, for tests of connections."""

from collections.abc import Mapping

from twisted.trial.unittest import TestCase

from mailstore.model import Field
from mailstore.names import INBOX
from mailstore.uidset import UidSet
from tests.imapd.imap.harness import Server

LHLO_LINES = 7


class LmtpCase(TestCase):
    """Has a `server`, for ada and bob."""

    timeout = 60
    settings: Mapping[str, object] = {}

    async def setUp(self):
        self.server = await Server(self.mktemp()).start(**self.settings)

    async def tearDown(self):
        await self.server.stop()

    async def connect(self, room=None):
        """Return a client that has said LHLO."""
        client = self.server.connect(room=room, door=self.server.lmtp)
        await client.line()
        client.send(b"LHLO client.example.net\r\n")
        await self.lines(client, LHLO_LINES)
        return client

    async def lines(self, client, count):
        return [await client.line() for _ in range(count)]

    async def codes(self, client, count):
        return [line[:9].decode() for line in await self.lines(client, count)]

    async def stored(self, user="ada", mailbox=INBOX, newest=1000):
        """Return the octets of the newest messages of a mailbox."""
        account = await self.server.store.account((await self.server.store.user(user)).account)
        try:
            box = await account.mailbox(mailbox)
            return [await self._octets(box, uid) for uid in list((await box.snapshot()).uids)[-newest:]]
        finally:
            await account.release()

    async def _octets(self, mailbox, uid):
        [rows] = [rows async for rows in mailbox.fetch(UidSet([(uid, uid)]), [Field.MESSAGE])]
        [message] = rows.columns[Field.MESSAGE]
        return await message.read(0, message.size)
