"""What sessions that are woken together ask of the account."""

from functools import partial

from mailstore.feed import Feed
from mailstore.sqlite import changelog
from mailstore.sqlite.waking import Waking
from tests.mailstore.contract import mail
from tests.mailstore.sqlite.case import SqliteCase


def now(coroutine):
    """Return what a coroutine returns that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as returned:
        return returned.value
    raise AssertionError("it waits")


class WakingTests(SqliteCase):
    async def setUp(self):
        await super().setUp()
        self.modseq = await self.account.state()
        self.asked, self.told = [], []
        since = changelog.brief_since
        self.patch(
            changelog, "brief_since", lambda *args, **named: self.asked.append(named["modseq"]) or since(*args, **named)
        )

    def listen(self, *own, modseq=None):
        """Ask what happened when the account has news, as a session does."""

        def hear():
            self.told.append((self.account.stamp(), now(self.inbox.changes_since(modseq or self.modseq, own))))

        self.account.feed.subscribe(hear)
        self.addCleanup(self.account.feed.unsubscribe, hear)

    async def test_who_knows_the_same_is_told_by_one_question(self):
        for _ in range(3):
            self.listen()
        await self.append()
        (_, changes), *others = self.told
        self.assertEqual((len(self.asked), others, len(changes.entries)), (1, self.told[1:], 1))
        await self.append()
        self.assertEqual(len(self.asked), 2)
        self.assertEqual([len(changes.entries) for _, changes in self.told[3:]], [2, 2, 2])

    async def test_who_knows_something_else_asks(self):
        self.listen()
        self.listen(self.modseq)
        await self.append()
        self.listen(modseq=await self.account.state())
        await self.append()
        self.assertEqual(self.asked, [self.modseq] * 4 + [self.modseq + 1])

    async def test_nothing_is_remembered_behind_it(self):
        self.listen()
        await self.append()
        changes = await self.inbox.changes_since(self.modseq)
        self.assertEqual((len(self.asked), changes), (2, self.told[0][1]))
        self.assertEqual(self.account.stamp(), self.account.bell.stamp())

    async def test_what_is_done_meanwhile_has_another_stamp_than_they_note(self):
        self.listen()
        self.account.feed.subscribe(self.account.bell.ring)  # another process
        self.listen()
        await self.append(mail("one"))
        (first, _), (second, _) = self.told
        self.assertEqual(first, second)
        self.assertNotEqual(second, self.account.stamp())

    async def test_a_question_that_fails_is_asked_again(self):
        waking, answers = Waking(Feed(), self.account.bell), iter([KeyError("no"), 7])

        async def ask():
            answer = next(answers)
            if isinstance(answer, Exception):
                raise answer
            return answer

        def hear(told):
            try:
                told.append(now(waking.once("what", ask)))
            except KeyError:
                told.append(None)

        told = []
        for _ in range(3):
            waking._feed.subscribe(partial(hear, told))
        waking.ring()
        self.assertEqual(told, [None, 7, 7])
