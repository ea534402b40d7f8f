"""ESEARCH in more mailboxes than a transcript could show."""

from twisted.trial.unittest import TestCase

from imapd.doors import turns
from mailstore.sqlite.account import Account
from tests.imapd.imap.harness import Server

COUNT = 60


class EverySearchTest(TestCase):
    async def setUp(self):
        self.server = await Server(self.mktemp()).start()
        for number in range(COUNT):
            await self.server.deliver("ada", f"box{number:02}", b"Subject: here\r\n\r\n")
        self.client = await self.server.connect().login()
        self.patch(turns, "SLICE_SECONDS", -1)

    async def tearDown(self):
        await self.server.stop()

    async def test_others_have_their_turn(self):
        other = await self.server.connect().login()
        self.client.send(b"x ESEARCH IN (personal) SUBJECT here\r\n")
        await other.succeeds(b"NOOP")
        self.assertNotIn(b"x OK", self.client.transport.value())
        *answers, ending = await self.client.answer()
        self.assertEqual([answer.split()[5] for answer in answers], [b"box%02d" % number for number in range(COUNT)])
        self.assertEqual(ending[:4], b"x OK")

    async def test_a_slow_client_holds_it_up(self):
        slow = self.server.connect(room=500)
        await slow.login()
        slow.send(b"x ESEARCH IN (personal) ALL\r\n")
        self.client.send(b"y ESEARCH IN (personal) ALL\r\n")
        await self.client.answer(b"y")
        self.assertLess(len(slow.transport.value()), 1500)
        self.assertEqual(len(await slow.answer()), COUNT + 1)

    async def test_a_mailbox_that_goes_away_meanwhile_is_left_out(self):
        listed, calls = Account.mailboxes, []

        async def mailboxes(account):
            infos = await listed(account)
            if not calls:
                await account.delete("box07")
            calls.append(1)
            return infos

        self.patch(Account, "mailboxes", mailboxes)
        answers = await self.client.succeeds(b"ESEARCH IN (personal) RETURN (COUNT) ALL")
        self.assertEqual(len(answers), COUNT - 1)

    async def test_mailboxes_that_are_renamed_meanwhile_are_told_by_their_new_names(self):
        listed, calls = Account.mailboxes, []

        async def mailboxes(account):
            infos = await listed(account)
            if not calls:
                await account.rename("box07", "new07")
                await account.rename("box08", "box07")
            calls.append(1)
            return infos

        validity = {}
        for name in (b"box07", b"box08"):
            [status] = await self.client.succeeds(b"STATUS %b (UIDVALIDITY)" % name)
            validity[name] = status.split()[-1].rstrip(b")")
        self.patch(Account, "mailboxes", mailboxes)
        answers = await self.client.succeeds(b"ESEARCH IN (personal) RETURN (COUNT) ALL")
        self.assertEqual(len(answers), COUNT)
        told = {answer.split()[5]: answer.split()[7].rstrip(b")") for answer in answers}
        self.assertEqual((told[b"new07"], told[b"box07"]), (validity[b"box07"], validity[b"box08"]))
        self.assertNotIn(b"box08", told)

    async def test_a_client_that_goes_away_meanwhile(self):
        self.client.send(b"x ESEARCH IN (personal) ALL\r\n")
        await self.client.gone()
        await self.server.empty()
