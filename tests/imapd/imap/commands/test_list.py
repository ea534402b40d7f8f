"""What transcripts cannot show of LIST."""

from twisted.internet.defer import Deferred, gatherResults
from twisted.trial.unittest import TestCase

from imapd.imap.listing import BATCH
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
