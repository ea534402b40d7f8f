"""A message is damaged behind its first octets: the connection ends once, then the message is refused and no other."""

from imapd.doors import brokenoff
from tests.imapd.imap.test_connection import run_as_deferred
from tests.imapd.pop3.case import LETTER, Pop3Case

BIG = b"Subject: big\r\n\r\n" + b"".join(b"line %d\r\n" % number for number in range(30_000))
REFUSED = b"-ERR [SYS/PERM] the message is damaged, an administrator must look"


@run_as_deferred
class DamagedTest(Pop3Case):
    async def write(self, sql):
        account = await self.server.store.account((await self.server.store.user("ada")).account)
        await account.database.write(lambda writer: writer.execute(sql))
        await account.release()

    async def prepare(self):
        await self.deliver(LETTER, BIG, LETTER)
        await self.write("UPDATE chunk SET codec = codec + 1000 WHERE id = (2 << 16) + 1")

    async def breaks_off(self, client, command):
        client.send(b"RETR 1\r\n" + command + b"\r\n")
        await client.ended()
        taken = client.taken()
        self.assertIn(LETTER + b".\r\n+OK", taken)
        self.assertIn(BIG[:60_000], taken)
        self.assertFalse(taken.endswith(b"\r\n.\r\n"))
        self.assertNotIn(b"-ERR", taken)

    async def test_it_is_refused_to_who_comes_again(self):
        await self.prepare()
        for command in (b"RETR 2", b"TOP 2 29000"):
            await self.breaks_off(await self.connect().login(), command)
            await self.empty()
            client = await self.connect().login()
            for _ in range(2):
                self.assertEqual(await client.says(command), REFUSED)
            self.assertEqual(await client.retrieved(3), LETTER)
            await client.lists(b"TOP 2 10")
            await client.succeeds(b"QUIT")
            await self.empty()
            brokenoff._broken_off.clear()
        self.assertTrue(self.logged("an answer to ada from 127.0.0.1 broke off: the message is damaged"))
        self.assertEqual(self.flushLoggedErrors(), [])

    async def test_it_is_sent_once_it_is_mended(self):
        await self.prepare()
        await self.breaks_off(await self.connect().login(), b"RETR 2")
        await self.write("UPDATE chunk SET codec = codec - 1000 WHERE id = (2 << 16) + 1")
        await self.empty()
        self.assertEqual(await (await self.connect().login()).retrieved(2), BIG)
