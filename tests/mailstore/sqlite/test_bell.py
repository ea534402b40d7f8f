"""The wake-up between processes."""

import errno
import os
from functools import partial
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater
from twisted.trial.unittest import SkipTest, SynchronousTestCase, TestCase

from mailstore.errors import Busy, NotFound, Unavailable
from mailstore.sqlite import account, store
from mailstore.sqlite.accounts import HEARD_IN_VAIN
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


class OwnerTest(SynchronousTestCase):
    def test_what_root_makes_belongs_to_whose_the_folder_is(self):
        path, given = Path(self.mktemp()), []
        self.patch(os, "fchown", lambda descriptor, *owner: given.append((os.fstat(descriptor).st_ino, owner)))
        for user in 1000, 0, 0:
            self.patch(os, "geteuid", lambda user=user: user)
            Bell(path).close()
            if user:
                path.unlink()
        folder = path.parent.stat()
        self.assertEqual(given, [(path.stat().st_ino, (folder.st_uid, folder.st_gid))])

    def test_who_may_not_give_it_away_has_it(self):
        self.patch(os, "geteuid", lambda: 0)
        self.patch(os, "fchown", refuse)
        bell = Bell(Path(self.mktemp()))
        self.addCleanup(bell.close)
        self.assertIsNotNone(bell.stamp())

    def test_root_gives_away_nothing_that_lies_elsewhere(self):
        path, elsewhere = Path(self.mktemp()), Path(self.mktemp())
        path.symlink_to(elsewhere.absolute())
        self.assertRaises(OSError, Bell, path)
        self.assertFalse(elsewhere.exists())


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

    async def test_so_is_one_without_a_stamp(self):
        bell = self.bell()
        heard = self.listen(bell)
        self.patch(os, "pwrite", refuse)
        bell.ring()
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


class StampTests(TestCase):
    def setUp(self):
        self.path = Path(self.mktemp())
        self.ours, self.theirs = self.bell(), self.bell()

    def bell(self):
        bell = Bell(self.path)
        self.addCleanup(bell.close)
        return bell

    def hush(self, bell):
        """Make the disk refuse what is written."""
        os.close(bell._descriptor)
        bell._descriptor = os.open(bell.path, os.O_RDONLY)

    def test_a_new_bell_has_one(self):
        self.assertIsNotNone(self.ours.stamp())
        self.assertEqual(self.ours.stamp(), self.theirs.stamp())

    def test_half_a_stamp_is_none(self):
        self.path.write_bytes(b"1")
        self.assertIsNone(self.ours.stamp())
        self.assertIsNotNone(self.bell().stamp())

    def test_everybody_reads_the_same_and_each_is_another(self):
        stamps = set()
        for bell in (self.ours, self.theirs) * 2:
            bell.ring()
            self.assertEqual(self.ours.stamp(), self.theirs.stamp())
            stamps.add(bell.stamp())
        self.assertEqual(len(stamps), 4)

    def test_nobody_is_told_of_what_others_would_miss(self):
        self.theirs.ring()
        self.hush(self.ours)
        self.assertRaises(Unavailable, self.ours.ring)

    def test_where_the_disk_takes_none_the_last_one_goes(self):
        no_room = self.patch(os, "pwrite", refuse)
        self.ours.ring()
        self.assertIsNone(self.theirs.stamp())
        no_room.restore()
        self.ours.ring()
        self.assertIsNotNone(self.theirs.stamp())

    def test_a_bell_that_cannot_be_rung_is_opened_all_the_same(self):
        self.path.write_bytes(b"")
        self.patch(os, "pwrite", refuse)
        self.patch(os, "ftruncate", refuse)
        self.assertIsNone(self.bell().stamp())

    def test_what_the_disk_does_not_say(self):
        self.ours.ring()
        kept, self.ours._descriptor = self.ours._descriptor, 1 << 20
        self.assertIsNone(self.ours.stamp())
        self.ours._descriptor = kept


class AcknowledgedTest(SqliteCase):
    async def test_a_change_is_stamped_before_anybody_is_told(self):
        there = Bell(self.account.bell.path)
        self.addCleanup(there.close)
        before = there.stamp()
        stamps = []
        await self.account.database.write(lambda _: stamps.append(there.stamp()))
        self.assertEqual(stamps, [before])
        self.assertNotEqual(there.stamp(), before)

    async def test_one_that_cannot_be_stamped_is_not_acknowledged(self):
        await self.append(mail())
        self.patch(os, "pwrite", refuse)
        self.patch(os, "ftruncate", refuse)
        with self.assertRaises(Unavailable):
            await self.append(mail())

    async def test_nor_one_that_others_miss_when_the_disk_is_well_again(self):
        there = Bell(self.account.bell.path)
        self.addCleanup(there.close)
        before = there.stamp()
        patches = [self.patch(os, name, refuse) for name in ("pwrite", "pread", "ftruncate")]
        with self.assertRaises(Unavailable):
            await self.append(mail())
        for patch in patches:
            patch.restore()
        self.assertEqual(there.stamp(), before)


def refuse(*_):
    raise OSError(errno.EIO, "the disk failed")


class UnneededTest(SqliteCase):
    """An account that is open, and nobody needs."""

    async def setUp(self):
        await super().setUp()
        self.heard, self.ignored, self.looks = [], [], []
        self.patch(Hearing, "listen", lambda _, bell, heard, removed: self.heard.append(heard))
        self.patch(Hearing, "ignore", lambda _, bell: self.ignored.append(bell))
        self.store = self.another_store()
        self.account = await self.reopened()
        self.patch(self.account, "look", lambda: self.looks.append(1))

    async def reopened(self):
        return await self.store.account((await self.store.user("ada")).account)

    def ring(self, times):
        for _ in range(times):
            self.heard[-1]()

    async def test_who_needs_it_hears_its_bell(self):
        self.ring(100)
        self.assertEqual((len(self.looks), self.ignored), (100, []))

    async def test_it_hears_no_more_until_it_is_needed(self):
        await self.account.release()
        self.ring(HEARD_IN_VAIN)
        self.assertEqual((self.ignored, self.looks, len(self.heard)), ([self.account.bell], [], 1))
        self.assertIs(await self.reopened(), self.account)
        self.ring(1)
        self.assertEqual((self.looks, len(self.heard)), ([1], 2))

    async def test_who_comes_and_goes_hears_all_the_time(self):
        for _ in range(HEARD_IN_VAIN):
            await self.account.release()
            self.ring(HEARD_IN_VAIN - 1)
            await self.reopened()
        self.assertEqual((self.ignored, len(self.heard)), ([], 1))

    async def test_nobody_gets_it_if_it_was_removed_meanwhile(self):
        await self.account.release()
        self.ring(HEARD_IN_VAIN)
        other = self.another_store()
        await other.delete_user("ada")
        with self.assertRaises(NotFound):
            await self.store.account(self.account.id)
        self.account = await other.account((await other.add_user("ada", "no hash")).account)


class LookTest(SqliteCase):
    async def test_whoever_listens_is_woken_if_nobody_can_tell_what_changed(self):
        rung = []
        self.account.feed.subscribe(lambda: rung.append(1))
        self.account.look()
        self.assertEqual(rung, [])
        for error, woken in (Busy("later"), [1]), (Unavailable("closed"), [1]):
            self.patch(self.account.database, "glance", partial(self.refuse, error))
            self.account.look()
            self.assertEqual(rung, woken)

    async def test_where_nobody_listens_nobody_asks(self):
        self.patch(self.account.database, "glance", partial(self.refuse, AssertionError("asked")))
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
