"""Several at once: in one process, and in several."""

from twisted.internet.defer import Deferred

from mailstore.errors import AlreadyExists, NotFound, TooBig
from mailstore.model import StoreFlags
from mailstore.names import INBOX
from mailstore.uidset import UidSet
from tests.mailstore.contract import EVERYONE, StoreCase, flags, mail, name, together, uids


class SharingContract(StoreCase):
    async def setUp(self):
        await super().setUp()
        self.other = self.another_store()
        user = await self.other.user("ada")
        self.other_account = await self.other.account(user.account)
        self.other_inbox = await self.other_account.mailbox(INBOX)

    async def outcome(self, coroutine):
        try:
            return await coroutine
        except Exception as error:
            return type(error)

    async def test_what_one_writes_another_reads_at_once(self):
        await self.append(mail("one"))
        self.assertEqual(await self.octets(1, self.other_inbox), mail("one"))
        await self.other_inbox.store(uids(1), StoreFlags.ADD, flags("\\Deleted"))
        self.assertEqual((await self.inbox.expunge(EVERYONE)).uids, uids(1))
        self.assertEqual((await self.other_inbox.snapshot()).uids, (await self.inbox.snapshot()).uids)

    async def test_appends_at_the_same_time(self):
        boxes = [self.inbox, self.other_inbox] * 10
        appended = await together(*(self.append(mail(str(at)), mailbox=box) for at, box in enumerate(boxes)))
        self.assertEqual(sorted(uid for each in appended for uid in each), list(range(1, 21)))
        for at, each in enumerate(appended):
            self.assertEqual(await self.octets(each.first), mail(str(at)))

    async def test_each_change_has_a_mod_sequence_of_its_own(self):
        start = await self.account.state()
        await together(*(self.append(mail(str(at))) for at in range(9)))
        changes = await self.inbox.changes_since(start)
        self.assertEqual([entry.modseq for entry in changes.entries], list(range(start + 1, start + 10)))

    async def test_a_change_that_is_refused_does_not_harm_its_neighbours(self):
        outcomes = await together(
            self.outcome(self.append(mail("1"))),
            self.outcome(self.append(mail("2"), flags=flags("x" * 1000))),
            self.outcome(self.account.create(INBOX)),
            self.outcome(self.inbox.copy(EVERYONE, name("none"))),
            self.outcome(self.append(mail("3"))),
        )
        self.assertEqual(outcomes, [uids(1), TooBig, AlreadyExists, NotFound, uids(2)])
        self.assertEqual(await self.octets(2), mail("3"))

    async def test_flags_expunges_and_moves_at_the_same_time(self):
        await self.append(*(mail(str(number)) for number in range(30)))
        await together(
            self.inbox.store(UidSet([(1, 20)]), StoreFlags.ADD, flags("\\Deleted")),
            self.other_inbox.move(UidSet([(5, 15)]), name("Trash")),
            self.inbox.expunge(EVERYONE),
            self.other_inbox.expunge(EVERYONE),
            self.inbox.move(UidSet([(10, 25)]), name("Archive")),
            self.other_inbox.copy(EVERYONE, name("Sent")),
        )
        trash = (await self.account.status(name("Trash"))).messages
        archive = (await self.account.status(name("Archive"))).messages
        left = (await self.inbox.snapshot()).uids
        gone = UidSet([(1, 30)]) - left
        entries = (await self.inbox.changes_since(1)).entries
        expunged = [uid for entry in entries if type(entry).__name__ == "Expunged" for uid in entry.uids]
        self.assertEqual(sorted(expunged), list(gone))
        self.assertGreaterEqual(len(gone), trash + archive)

    async def test_the_feed_rings_for_every_holder_in_the_process(self):
        rung = []
        first, second = (lambda: rung.append(1)), (lambda: rung.append(2))
        self.account.feed.subscribe(first)
        self.account.feed.subscribe(second)
        await self.append()
        self.assertLessEqual({1, 2}, set(rung))
        self.account.feed.unsubscribe(second)
        rung.clear()
        await self.account.create(name("work"))
        self.assertEqual(set(rung), {1})

    async def test_the_feed_does_not_ring_for_a_refused_change(self):
        rung = []
        self.account.feed.subscribe(lambda: rung.append(1))
        await self.assert_raises(AlreadyExists, self.account.create(INBOX))
        await self.inbox.claim_recent(9)
        self.assertEqual(rung, [])

    async def test_the_feed_rings_in_the_other_process(self):
        heard = Deferred()

        def listener():
            if not heard.called:
                heard.callback(None)

        self.other_account.feed.subscribe(listener)
        await self.append()
        await heard.addTimeout(2.0, self.clock())
        self.other_account.feed.unsubscribe(listener)
        self.assertEqual((await self.other_inbox.snapshot()).uids, uids(1))

    def clock(self):
        from twisted.internet import reactor

        return reactor
