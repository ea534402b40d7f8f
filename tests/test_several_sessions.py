"""Several sessions on one mailbox, at random: each one's view holds together and ends as the store's."""

from random import Random

from twisted.internet.defer import Deferred, gatherResults
from twisted.trial.unittest import TestCase

from imapd.imap.news import resync
from mailstore.sqlite import compacting
from tests.clients.listening import AtOnce, AtOnceUidOnly, HardOfHearing, Listening
from tests.clients.restless import Model, Restless
from tests.clients.resyncing import Resyncing
from tests.clients.uidonly import UidOnly
from tests.imapd.imap.harness import Server

SESSIONS = (Restless, Restless, UidOnly, Listening, AtOnce, AtOnceUidOnly)
RESYNCING = (Resyncing, Resyncing, HardOfHearing)
"""Sessions that go away at random, and must come back to what the store has by QRESYNC alone."""


class SeveralSessionsTest(TestCase):
    """Sequence numbers, flags and subjects against a model, through real doors and a real store."""

    timeout = 120

    async def _after_each(self):
        """Do nothing between two actions."""

    async def _begin(self, seed, *, exact):
        server = self.server = await Server(self.mktemp()).start()
        model = Model(exact)
        random = Random(seed)
        sessions = [
            *(kind(server.connect(), model, Random(random.random())) for kind in SESSIONS),
            *(kind(server.connect, model, Random(random.random())) for kind in RESYNCING),
        ]
        for session in sessions:
            await session.begin()
        return server, sessions

    async def _agree(self, sessions):
        """Assert that all sessions end with what a fresh one sees."""
        fresh = sessions[0]
        for session in sessions:
            await session.settle()
            if isinstance(session, Resyncing):
                await session.come_back()
                await session.compare()
        for session in sessions:
            await session.noop()
            await session.look()
        views = [session.view.messages for session in sessions]
        await fresh.select()
        await fresh.look()
        for view in views:
            self.assertEqual(
                [(known.uid, known.flags) for known in view],
                [(known.uid, known.flags) for known in fresh.view.messages],
            )

    def test_one_after_the_other(self):
        """Whoever acts next, everything that is told is what the model says at that moment."""

        async def played():
            server, sessions = await self._begin(1, exact=True)
            try:
                order = Random(1)
                for _ in range(400):
                    await order.choice(sessions).act()
                    await self._after_each()
                await self._agree(sessions)
            finally:
                await server.stop()

        return Deferred.fromCoroutine(played())

    def test_all_at_once(self):
        """When all act at the same time, no session is told what contradicts itself, and all end alike."""

        async def restless(session):
            for _ in range(120):
                await session.act()
                await self._after_each()

        async def played():
            server, sessions = await self._begin(2, exact=False)
            try:
                await gatherResults([Deferred.fromCoroutine(restless(session)) for session in sessions])
                await self._agree(sessions)
            finally:
                await server.stop()

        return Deferred.fromCoroutine(played())


class ForgetfulTest(SeveralSessionsTest):
    """The same on a store that forgets almost everything at once: what it still tells must be as right."""

    def setUp(self):
        self.patch(compacting, "KEPT_CHANGES", 2)
        self.patch(compacting, "KEPT_EXPUNGES", 3)
        self.patch(compacting, "AT_ONCE", 2)
        self.patch(resync, "RUNS_AT_ONCE", 2)
        self.random = Random(3)

    async def _after_each(self):
        if self.random.random() < 0.3:
            account = await self.server.store.account((await self.server.store.user("ada")).account)
            await account.tidy()
            await account.release()
