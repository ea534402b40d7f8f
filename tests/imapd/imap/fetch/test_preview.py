"""FETCH PREVIEW of messages that came in before previews were kept."""

from pathlib import Path

from imapd.imap.fetch.renderings import PREVIEW, RENDERINGS
from mailstore import open_store
from mailstore.interfaces import NewMessage
from mailstore.spool import Spool
from tests.imapd.imap.test_connection import ConnectionTestCase, run_as_deferred

BEFORE = [each for each in RENDERINGS if each != PREVIEW]


@run_as_deferred
class LazyTest(ConnectionTestCase):
    async def test_nil_until_it_was_made(self):
        await self.server.stop()
        store = open_store(f"sqlite://{Path(self.server.path).absolute()}", BEFORE)
        account = await store.account((await store.user("ada")).account)
        await (await account.mailbox("INBOX")).append([NewMessage(Spool(b"\r\nHello"))])
        await account.release()
        await store.close()
        await self.server.start()
        client = await self.server.connect().login(mailbox="INBOX")
        self.assertEqual(await client.succeeds(b"FETCH 1 PREVIEW (LAZY)"), [b"* 1 FETCH (PREVIEW NIL)"])
        for asked in b"PREVIEW", b"PREVIEW (LAZY)":
            self.assertEqual(await client.succeeds(b"FETCH 1 " + asked), [b'* 1 FETCH (PREVIEW "Hello")'])
