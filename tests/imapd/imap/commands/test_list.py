"""What transcripts cannot show of LIST."""

from twisted.internet.defer import Deferred, gatherResults
from twisted.trial.unittest import TestCase

from imapd.imap.mailboxes.listing import BATCH
from mailstore.sqlite import annotations
from mailstore.sqlite.account import Account
from tests.imapd.imap.harness import Server


class ListTest(TestCase):
    async def setUp(self):
        self.server = await Server(self.mktemp()).start()

    async def tearDown(self):
        await self.server.stop()

    async def test_others_have_their_turn_during_a_long_list(self):
        account = await self.server.store.account((await self.server.store.user("ada")).account)
        await gatherResults([Deferred.fromCoroutine(account.create(f"a/{number:03}")) for number in range(BATCH)])
        await account.release()
        one, two = [await self.server.connect().login() for _ in range(2)]
        asked = []
        self.patch(Account, "statuses", self.noting(Account.statuses, asked))
        one.send(b'x LIST "" * RETURN (STATUS (MESSAGES))\r\n')
        two.send(b"x NOOP\r\n")
        self.assertTrue(two.taken().startswith(b"x OK"))
        self.assertNotIn(b"x OK", one.taken())
        await one.answer()
        self.assertEqual([len(names) for names in asked], [BATCH, 6])

    async def test_metadata_of_many_mailboxes(self):
        account = await self.server.store.account((await self.server.store.user("ada")).account)
        names = [f"a/{number:03}" for number in range(BATCH)]
        await gatherResults([Deferred.fromCoroutine(account.create(name)) for name in names])
        for name in names[::2]:
            await account.annotate(name, {"/private/a": name.encode(), "/private/b": b"x" * 1000})
        await account.release()
        client = await self.server.connect().login()
        asked = []
        self.patch(annotations, "find", self.counting(annotations.find, asked))
        responses = await client.succeeds(b'LIST "" a/% RETURN (METADATA (/private/a))')
        expected = [
            (
                b'* LIST (\\HasNoChildren) "/" ' + name.encode(),
                b"* METADATA %b (/private/a %b)" % (name.encode(), b'"%b"' % name.encode() if at % 2 == 0 else b"NIL"),
            )
            for at, name in enumerate(names)
        ]
        self.assertEqual(responses, [line for pair in expected for line in pair])
        self.assertEqual(sum(asked), BATCH)
        self.assertLess(len(asked), 5)

    def counting(self, find, asked):
        def counted(reader, subjects, branches):
            asked.append(len(subjects))
            return find(reader, subjects, branches)

        return counted

    def noting(self, statuses, asked):
        async def noted(account, names):
            asked.append(names)
            return await statuses(account, names)

        return noted

    async def test_a_mailbox_that_goes_away_meanwhile(self):
        client = await self.server.connect().login()

        async def none(account, names):
            return {}

        self.patch(Account, "statuses", none)
        [response] = await client.succeeds(b'LIST "" INBOX RETURN (STATUS (MESSAGES))')
        self.assertEqual(response, b'* LIST (\\NonExistent \\Noselect \\HasNoChildren) "/" INBOX')
