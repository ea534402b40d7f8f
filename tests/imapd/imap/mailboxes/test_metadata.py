"""What transcripts cannot show of metadata."""

from twisted.trial.unittest import TestCase

from mailstore.annotations import MAX_ENTRIES, MAX_VALUE_OCTETS, EntryName
from mailstore.sqlite import annotating, changelog
from tests.imapd.imap.harness import Server


class MetadataTest(TestCase):
    async def setUp(self):
        self.server = await Server(self.mktemp()).start()
        self.account = await self.server.store.account((await self.server.store.user("ada")).account)

    async def tearDown(self):
        await self.account.release()
        await self.server.stop()

    async def test_a_large_answer_waits_for_the_client(self):
        value = b"x" * MAX_VALUE_OCTETS
        await self.account.annotate("INBOX", {EntryName(f"/private/{number:02}"): value for number in range(30)})
        client = self.server.connect(room=1 << 10)
        await client.login()
        client.send(b"x GETMETADATA (DEPTH 1) INBOX /private\r\n")
        got, most = b"", 0
        while not got.endswith(b"x OK GETMETADATA completed\r\n"):
            most = max(most, len(client.transport.value()))
            got += await client.octets(1) + client.taken()
        self.assertEqual(got.count(value), 30)
        self.assertLess(most, 2 * annotating.BATCH_OCTETS)

    async def test_too_many(self):
        many = {EntryName(f"/private/n{number}"): b"" for number in range(MAX_ENTRIES)}
        await self.account.annotate("INBOX", many)
        client = await self.server.connect().login()
        answer = await client.command(b'SETMETADATA INBOX (/private/n1 "changed" /private/new "x")')
        self.assertTrue(answer.startswith(b"x NO [METADATA TOOMANY] "), answer)
        self.assertEqual(
            await client.succeeds(b"GETMETADATA INBOX /private/n1"), [b'* METADATA INBOX (/private/n1 "")']
        )

    async def test_a_value_that_is_too_large_by_an_octet(self):
        client = await self.server.connect().login()
        await client.succeeds(
            b"SETMETADATA INBOX (/private/a {%d+}\r\n%b)" % (MAX_VALUE_OCTETS, b"x" * MAX_VALUE_OCTETS)
        )
        answer = await client.command(
            b"SETMETADATA INBOX (/private/b NIL /private/a {%d+}\r\n%b)"
            % (MAX_VALUE_OCTETS + 1, b"y" * (MAX_VALUE_OCTETS + 1))
        )
        self.assertTrue(answer.startswith(b"x NO [METADATA MAXSIZE %d] " % MAX_VALUE_OCTETS), answer)

    async def test_all_may_have_changed_when_the_log_does_not_say(self):
        self.patch(changelog, "LONG", 3)
        client = await self.server.connect().login()
        await client.succeeds(b"ENABLE METADATA")
        await self.account.annotate(None, {EntryName("/private/a"): b""})
        await self.account.annotate("Sent", {EntryName("/private/b"): b"", EntryName("/private/c"): b""})
        await self.account.annotate("INBOX", {EntryName("/private/d"): b""})
        self.assertEqual(
            await client.succeeds(b"NOOP"),
            [b'* METADATA "" /private/a', b"* METADATA INBOX /private/d", b"* METADATA Sent /private/b /private/c"],
        )
        self.assertEqual(await client.succeeds(b"NOOP"), [])
