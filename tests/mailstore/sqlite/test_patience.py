"""Accounts that another process holds: who needs one of them waits, and nobody else."""

from contextlib import contextmanager

import apsw
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from mailstore.errors import Busy, NotFound, StoreError, Unavailable
from mailstore.model import StoreFlags
from mailstore.names import INBOX
from mailstore.query import Body
from mailstore.sqlite import committing, connections, opening
from mailstore.sqlite.patience import Patience
from mailstore.sqlite.threads import READERS, WRITERS
from tests.mailstore.contract import EVERYONE, flags, mail, together, uids
from tests.mailstore.sqlite.case import SqliteCase


class PatienceTests(SynchronousTestCase):
    def test_it_is_asked_ever_more_seldom_and_not_for_ever(self):
        clock = Clock()
        patience = Patience(clock)
        steps = []
        while patience.is_left():
            steps.append(patience.step())
            clock.advance(steps[-1])
        self.assertLess(max(steps[:5]), 0.01)
        self.assertGreater(min(steps), 0)
        self.assertGreater(min(steps[-10:]), 0.02)
        self.assertLess(abs(sum(steps) - connections.BUSY_SECONDS), 0.1)
        self.assertLess(len(steps), 500)


class HeldCase(SqliteCase):
    """Others, as many as there are threads of a kind, and bob, whose accounts have a message each."""

    async def setUp(self):
        await super().setUp()
        self.ids = [(await self.store.add_user(name, "hash")).account for name in ("bob", "cy", "dan", "eve")]
        self.bob, *self.others = self.ids

    @property
    def path(self):
        return opening.account_path(self.root, self.account.id)

    @property
    def root(self):
        return self.store._root

    @contextmanager
    def held(self, *accounts, alone=False):
        """Hold accounts as another process does: to write to them, or to have them alone."""
        held = [apsw.Connection(str(opening.account_path(self.root, account))) for account in accounts]
        try:
            for each in held:
                if alone:
                    each.pragma("locking_mode", "EXCLUSIVE")
                    each.execute("BEGIN EXCLUSIVE; COMMIT")
                else:
                    each.execute("BEGIN IMMEDIATE")
            yield
        finally:
            for each in held:
                each.close()

    async def inbox_of(self, account):
        return await (await self.store.account(account)).mailbox(INBOX)

    def begin(self, *coroutines):
        return [Deferred.fromCoroutine(each) for each in coroutines]

    async def outcome(self, coroutine):
        try:
            return await coroutine
        except StoreError as error:
            return type(error)


class HeldTests(HeldCase):
    async def test_changes_of_other_accounts_are_made(self):
        self.assertEqual(len(self.others), WRITERS + 1)
        boxes = [await self.inbox_of(account) for account in self.ids]
        bobs, *inboxes = boxes
        for again in range(2):  # the first one opens the connection that writes
            with self.held(*self.others):
                waiting = self.begin(*(self.append(mailbox=inbox) for inbox in inboxes))
                for _ in range(3):
                    await self.append(mailbox=bobs)
                self.assertEqual([each.called for each in waiting], [False] * len(waiting))
            self.assertEqual(await gatherResults(waiting), [uids(again + 1)] * len(waiting))

    async def test_other_accounts_are_opened_and_searched(self):
        self.assertEqual(len(self.others), READERS + 1)
        with self.held(*self.others, alone=True):
            waiting = self.begin(*map(self.inbox_of, self.others))
            inbox = await self.inbox_of(self.bob)
            await self.append(mail("found"), mailbox=inbox)
            self.assertEqual(await inbox.search(Body("found"), EVERYONE), uids(1))
            await self.store.account(self.bob)
            self.assertEqual([each.called for each in waiting], [False] * len(waiting))
        for inbox in await gatherResults(waiting):
            self.assertEqual(len((await inbox.snapshot()).uids), 0)

    async def test_long_reads_wait_too(self):
        inbox = await self.inbox_of(self.bob)
        database = inbox._account.database
        for _ in range(2):
            await database.rest()
        with self.held(self.bob, alone=True):
            [reading] = self.begin(database.read_in_thread(lambda reader: reader.value("SELECT 7")))
            await self.append()
            self.assertFalse(reading.called)
        self.assertEqual(await reading, 7)

    async def test_changes_are_acknowledged_in_their_order(self):
        await self.append()
        order = []
        changes = [
            self.append(mail("first")),
            self.inbox.store(uids(1), StoreFlags.ADD, flags("\\Seen")),
            self.inbox.copy(uids(1), "nowhere"),
            self.append(mail("second")),
            self.account.create("new"),
        ]
        with self.held(self.account.id):
            waiting = self.begin(*map(self.outcome, changes))
            for number, each in enumerate(waiting):
                each.addCallback(lambda outcome, number=number: order.append(number) or outcome)
            await self.append(mailbox=await self.inbox_of(self.bob))
            self.assertEqual(order, [])
        outcomes = await gatherResults(waiting)
        self.assertEqual(order, [0, 1, 2, 3, 4])
        self.assertEqual((outcomes[0], outcomes[2], outcomes[3]), (uids(2), NotFound, uids(3)))
        self.assertEqual(await self.octets(2), mail("first"))

    async def test_what_waits_is_not_prepared_again_and_again(self):
        await self.append()
        prepared = []

        def prepare():
            prepared.append(1)
            return lambda _: 7

        pauses, pause = [], self.store._threads.pause
        enough = Deferred()

        def counted(seconds=0.0):
            pauses.append(1)
            if len(pauses) == 4:
                enough.callback(None)
            return pause(seconds)

        with self.held(self.account.id):
            self.patch(self.store._threads, "pause", counted)
            change = self.account.database.write_prepared(prepare, 0)
            await enough
        self.assertEqual(await change, 7)
        self.assertLessEqual(len(prepared), 2)

    async def test_it_was_never_free(self):
        await self.append()
        self.patch(connections, "BUSY_SECONDS", 0.05)
        with self.held(self.account.id):
            outcomes = await together(*(self.outcome(self.append(mail(str(number)))) for number in range(3)))
        self.assertEqual(outcomes, [Busy] * 3)
        with self.held(*self.others, alone=True):
            opened = await together(*(self.outcome(self.store.account(account)) for account in self.others))
            self.assertEqual(opened, [Busy] * len(self.others))
        self.assertEqual(await self.append(), uids(2))

    async def test_the_store_closes_while_accounts_are_opened(self):
        with self.held(*self.others, alone=True):
            opened = self.begin(*(self.outcome(self.store.account(account)) for account in self.others))
            await self.close(self.store)
            self.assertEqual(await gatherResults(opened), [Unavailable] * len(opened))
        self.store = self.another_store()

    async def test_the_store_closes_while_a_change_waits(self):
        await self.append()
        for seconds, expected in (0.05, Busy), (60.0, uids(2)):
            self.patch(connections, "BUSY_SECONDS", seconds)
            inbox = await self.inbox_of(self.account.id)
            with self.held(self.account.id):
                changes = self.begin(self.outcome(self.append(mailbox=inbox)))
                [closed] = self.begin(self.close(self.store))
                if expected is Busy:
                    await closed
            await closed
            self.assertEqual(await gatherResults(changes), [expected])
            self.store = self.another_store()


class BetweenTests(HeldCase):
    async def test_another_process_comes_between_changes_that_are_made_one_by_one(self):
        """Those that were made stay so, and are told with the others, in the order in which they came."""
        await self.append()
        begun, refused, begin = [], [], connections.begin_immediate

        def interrupted(connection, patience=None):
            if len(begun) in {3, 4} and refused.count(len(begun)) < 2:  # behind all together and the first alone
                refused.append(len(begun))
                raise apsw.BusyError
            begin(connection, patience)
            begun.append(1)

        order = []
        self.patch(committing, "begin_immediate", interrupted)
        first = Deferred.fromCoroutine(self.append(mail("before")))
        changes = [self.append(mail("a")), self.inbox.copy(uids(1), "nowhere"), self.append(mail("b"))]
        waiting = self.begin(*map(self.outcome, changes))
        for number, each in enumerate(waiting):
            each.addCallback(lambda outcome, number=number: order.append(number) or outcome)
        self.assertEqual(await first, uids(2))
        self.assertEqual(await gatherResults(waiting), [uids(3), NotFound, uids(4)])
        self.assertEqual(order, [0, 1, 2])
        self.assertEqual(refused, [3, 3, 4, 4])
