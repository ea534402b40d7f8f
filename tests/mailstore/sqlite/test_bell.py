"""The wake-up between processes."""

import os
from functools import partial
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import SkipTest, TestCase

from mailstore.errors import Busy, Unavailable
from mailstore.sqlite import account, store
from mailstore.sqlite.bell import Bell, Hearing
from tests.mailstore.contract import mail
from tests.mailstore.sqlite.case import SqliteCase


class UpkeepTest(SqliteCase):
    async def test_one_process_looks_after_an_account(self):
        here, there = self.account.bell, Bell(self.account.bell.path)
        self.addCleanup(there.close)
        with here.upkeep() as ours, there.upkeep() as theirs:
            self.assertEqual((ours, theirs), (True, False))
        with there.upkeep() as theirs:
            self.assertTrue(theirs)

    async def test_what_it_took_is_given_back(self):
        await self.account.tidy()
        self.assertIsNone(self.account.database._scanning)
        self.assertEqual(await self.account.database.read_in_thread(lambda reader: reader.value("SELECT 7")), 7)
        self.assertIsNotNone(self.account.database._scanning)
        await self.account.database.rest()
        self.assertIsNone(self.account.database._scanning)

    async def test_what_another_does_is_not_done_twice(self):
        done = []

        async def purged(*_):
            done.append(1)

        await self.account.tidy()
        self.patch(account, "purge", purged)
        there = Bell(self.account.bell.path)
        self.addCleanup(there.close)
        with there.upkeep():
            await self.account.tidy()
        self.assertEqual(done, [])
        await self.account.tidy()
        self.assertEqual(done, [1])


def nothing():
    """Hear nothing."""


class BellTests(TestCase):
    def setUp(self):
        self.hearing = Hearing(reactor)
        self.addCleanup(self.hearing.stop)
        if self.hearing._watch is None:
            raise SkipTest("this system watches no files, or has no room for more")

    def bell(self):
        bell = Bell(Path(self.mktemp()))
        self.addCleanup(bell.close)
        return bell

    def listen(self, bell):
        heard = Deferred()
        self.hearing.listen(bell, lambda: heard.called or heard.callback(None), nothing)
        return heard.addTimeout(5, reactor)

    async def test_a_bell_is_heard(self):
        bell = self.bell()
        heard = self.listen(bell)
        Bell(bell.path).ring()
        await heard

    async def test_a_bell_that_is_ignored_is_not(self):
        bell, other = self.bell(), self.bell()
        rung = []
        self.hearing.listen(bell, lambda: rung.append(1), nothing)
        self.hearing.ignore(bell)
        self.hearing.ignore(bell)
        heard = self.listen(other)
        bell.ring()
        other.ring()
        await heard
        self.assertEqual(rung, [])

    async def test_the_others_are_heard_when_one_is_deleted(self):
        """Twisted's INotify stops altogether when a watched file is deleted."""
        gone, bell = self.bell(), self.bell()
        removed = Deferred()
        self.hearing.listen(gone, nothing, lambda: removed.callback(None))
        heard = self.listen(bell)
        gone.path.unlink()
        await removed.addTimeout(5, reactor)
        bell.ring()
        await heard
        self.hearing.ignore(gone)

    async def test_it_is_gone_if_another_has_its_name(self):
        gone = self.bell()
        self.assertFalse(gone.is_removed())
        removed = Deferred()
        self.hearing.listen(gone, nothing, lambda: removed.called or removed.callback(None))
        os.utime(gone.path)
        gone.path.unlink()
        gone.path.touch()
        await removed.addTimeout(5, reactor)
        self.assertTrue(gone.is_removed())
        self.hearing.ignore(gone)

    def test_what_a_disk_does_not_tell_is_not_gone(self):
        bell = self.bell()
        bell.path.unlink()
        bell.path.symlink_to(bell.path.name)
        self.assertFalse(bell.is_removed())
        self.assertRaises(OSError, bell.path.stat)

    def test_a_bell_that_cannot_be_rung_is_no_error(self):
        bell = self.bell()
        bell._descriptor, kept = 1 << 20, bell._descriptor
        bell.ring()
        bell._descriptor = kept


class LookTest(SqliteCase):
    async def test_whoever_listens_is_woken_if_nobody_can_tell_what_changed(self):
        rung = []
        self.account.feed.subscribe(lambda: rung.append(1))
        self.account.look()
        self.assertEqual(rung, [])
        for error, woken in (Busy("later"), [1]), (Unavailable("closed"), [1]):
            self.patch(self.account.database, "read_now", partial(self.refuse, error))
            self.account.look()
            self.assertEqual(rung, woken)

    async def test_where_nobody_listens_nobody_asks(self):
        self.patch(self.account.database, "read_now", partial(self.refuse, AssertionError("asked")))
        self.account.look()
        self.account.feed.subscribe(lambda: None)
        self.assertRaises(AssertionError, self.account.look)

    def refuse(self, error, _):
        raise error


class PollTests(SqliteCase):
    async def test_what_fails_once_is_done_again(self):
        again = Deferred()

        async def fail():
            calls.append(1)
            if len(calls) == 2:
                again.callback(None)
            raise OSError

        calls = []
        call = self.store._repeat(fail, 0.001)
        await again.addTimeout(5, reactor)
        call.stop()
        await deferLater(reactor, 0)
        self.assertEqual(len(self.flushLoggedErrors(OSError)), 2)

    async def test_changes_are_seen_without_bells(self):
        self.patch(store, "POLL_SECONDS", 0.01)
        self.patch(Hearing, "listen", lambda *_: None)
        other = self.another_store()
        account = await other.account((await other.user("ada")).account)
        heard = Deferred()
        account.feed.subscribe(lambda: heard.called or heard.callback(None))
        await self.append(mail())
        await heard.addTimeout(5, reactor)
