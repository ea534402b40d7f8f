"""Power cuts, and that this would notice if something were not synced."""

import os
import random
import shutil
from pathlib import Path

import apsw
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from imapd.imap.fetch.renderings import RENDERINGS
from mailstore import open_store
from mailstore.errors import Unavailable
from mailstore.interfaces import NewMessage
from mailstore.model import Field
from mailstore.names import INBOX
from mailstore.spool import Spool
from mailstore.sqlite import connections, opening, registry, schemas, writing
from tests.crash.disk import Disk, Gone, Lost, Made, Recorder, Resized, Synced, SyncedFolder, Wrote, unsynced
from tests.crash.powercut import cuts, open_door, record
from tests.imapd.imap.harness import Client

LETTER = b"Subject: a\r\n\r\na\r\n"


class PowerCutTest(TestCase):
    timeout = 240

    async def cut(self, number, enough=12, failing=0.0):
        """Return what is wrong after so many cuts, all together."""
        root, rng = os.path.abspath(self.mktemp()), random.Random(1)
        self.events = events = await record(root, 1, enough, failing)
        places = [rng.randint(0, len(events)) for _ in range(number)]
        return [line async for _, wrong in cuts(events, places, rng) for line in wrong]

    async def test_everything_acknowledged_is_there_and_nothing_half_done(self):
        self.assertEqual(await self.cut(25), [])

    async def test_a_disk_on_which_syncs_fail_loses_nothing_that_was_acknowledged(self):
        """What was answered NO may be there; the system takes for written what it has lost (`WriteQueue`)."""
        self.assertEqual(await self.cut(25, enough=20, failing=0.1), [])
        self.assertTrue([event for event in self.events if isinstance(event, Lost)])

    async def test_a_log_that_is_not_synced_would_be_noticed(self):
        writing = connections.writing

        def careless(*which):
            connection = writing(*which)
            connection.pragma("synchronous", "NORMAL")
            return connection

        self.patch(connections, "writing", careless)
        self.assertTrue(await self.cut(15))

    async def test_folders_that_are_not_synced_would_be_noticed(self):
        for module in (opening, registry, schemas):
            self.patch(module, "sync", lambda path: None)
        self.assertTrue(await self.cut(15, enough=3))


class FailedSyncTest(TestCase):
    """A sync fails, the program is killed before it could help itself, and goes on; then the power is cut."""

    def patch_settle(self):
        self.patch(writing, "settle", lambda connection, patience: None)

    async def lost(self):
        """Return how often the letter that was acknowledged last is lost."""
        first, second = os.path.abspath(self.mktemp()), os.path.abspath(self.mktemp())
        os.mkdir(first)
        failing = []
        with Recorder(first, lambda operation, *_: failing[0] if failing and operation == "sync" else None) as before:
            store, inbox = await self.open(first)
            await self.append(inbox, b"Subject: a\r\n\r\n")
            failing.append(apsw.IOError("injected"))
            await self.assertFailure(Deferred.fromCoroutine(self.append(inbox, b"Subject: b\r\n\r\n")), Unavailable)
            shutil.copytree(first, second, ignore=shutil.ignore_patterns("*-shm"))  # what the system would show
            failing.clear()
            happened = Recorder(second, before=before)
            happened.events = list(before.events)
            await store.close()
        with happened:
            store, inbox = await self.open(second)
            await self.append(inbox, b"Subject: c\r\n\r\n")
            events = list(happened.events)
            await store.close()
        return [await self.lost_in_cut(events, seed) for seed in range(20)].count(True)

    async def lost_in_cut(self, events, seed):
        disk, target = Disk(), os.path.abspath(self.mktemp())
        for event in events:
            disk.take(event)
        disk.cut(target, random.Random(seed))
        store, inbox = await self.open(target)
        rows = [rows async for rows in inbox.fetch((await inbox.snapshot()).uids, [Field.SIZE])]
        await store.close()
        return {row for each in rows for row in each.uids} < {1, 2}

    async def open(self, place):
        store = open_store(f"sqlite://{place}", RENDERINGS)
        if not await store.users():
            await store.add_user("ada", "hash")
        account = await store.account((await store.user("ada")).account)
        return store, await account.mailbox(INBOX)

    async def append(self, inbox, octets):
        return await inbox.append([NewMessage(Spool(octets))])

    async def test_what_is_acknowledged_after_it_is_there(self):
        self.assertEqual(await self.lost(), 0)

    async def test_that_this_would_be_noticed(self):
        self.patch_settle()
        self.assertGreater(await self.lost(), 0)


class SyncedTest(TestCase):
    """At the moment when a change is answered OK, no octet of it is on its way to the disk."""

    COMMANDS = (
        b"APPEND INBOX (\\Seen) {%d+}\r\n%b" % (len(LETTER), LETTER),
        b"APPEND INBOX {%d+}\r\n%b {%d+}\r\n%b" % (len(LETTER), LETTER, len(LETTER), LETTER),
        b"STORE 1 +FLAGS (\\Flagged keyword)",
        b"COPY 1 Archive",
        b"MOVE 1 Archive",
        b"UID REPLACE 2 INBOX {%d+}\r\n%b" % (len(LETTER), LETTER),
        b"STORE 1 +FLAGS.SILENT (\\Deleted)",
        b"EXPUNGE",
        b"CREATE work",
        b"RENAME work play",
        b"SUBSCRIBE play",
        b"UNSUBSCRIBE play",
        b'SETMETADATA play (/shared/comment "x")',
        b"DELETE play",
    )

    async def setUp(self):
        self.root = os.path.abspath(self.mktemp())
        os.mkdir(self.root)
        self.recorder = Recorder(self.root)
        self.recorder.__enter__()
        self.addCleanup(self.recorder.__exit__)
        self.store, self.door = await open_door(self.root)

    async def tearDown(self):
        await self.door.shut_down()
        await self.store.close()

    def written(self, since):
        return [event for event in self.recorder.events[since:] if isinstance(event, Wrote)]

    async def test_every_change_is_synced_before_ok(self):
        client = await Client(self.door).login(mailbox="INBOX")
        for command in self.COMMANDS:
            began = len(self.recorder.events)
            answer = await client.command(command)
            self.assertRegex(answer, rb"(?m)^x OK ")
            self.assertTrue(self.written(began), command)
            self.assertEqual(unsynced(self.recorder.events), set(), command)
        await client.gone()

    async def test_users_are_synced(self):
        for change, arguments in (
            (self.store.add_user, ("bob", "hash")),
            (self.store.set_password_hash, ("bob", "other")),
            (self.store.delete_user, ("bob",)),
        ):
            began = len(self.recorder.events)
            await change(*arguments)
            self.assertTrue(self.written(began))
            self.assertEqual(unsynced(self.recorder.events), set())


class DiskTest(TestCase):
    """The model of a disk itself."""

    def kept(self, *events):
        """Return what cuts may leave: each file's octets, by name; None if its name is lost."""
        found = set()
        for seed in range(200):
            disk = Disk()
            for event in events:
                disk.take(event)
            target = self.mktemp()
            disk.cut(target, random.Random(seed))
            files = [path for path in Path(target).rglob("*") if path.is_file()]
            found.add(frozenset((str(path.relative_to(target)), path.read_bytes()) for path in files))
        return found

    def file(self, octets):
        return frozenset([("f", octets)])

    def test_a_name_may_be_lost_until_its_folder_is_synced(self):
        self.assertEqual(self.kept(Made("f", 1)), {frozenset(), self.file(b"")})
        self.assertEqual(self.kept(Made("f", 1), SyncedFolder("")), {self.file(b"")})

    def test_octets_may_be_lost_until_they_are_synced(self):
        begin = [Made("f", 1), SyncedFolder(""), Wrote(1, 0, b"ab")]
        self.assertEqual(self.kept(*begin), {self.file(b""), self.file(b"ab")})
        self.assertEqual(self.kept(*begin, Synced(1, 3)), {self.file(b"ab")})

    def test_what_is_written_while_it_is_synced_may_be_lost(self):
        begin = [Made("f", 1), SyncedFolder(""), Wrote(1, 0, b"ab"), Wrote(1, 2, b"cd"), Synced(1, 3)]
        self.assertEqual(self.kept(*begin), {self.file(b"ab"), self.file(b"abcd")})

    def test_sectors_come_in_any_order(self):
        begin = [Made("f", 1), SyncedFolder(""), Wrote(1, 510, b"abcd")]
        zeros = bytes(510)
        self.assertEqual(
            self.kept(*begin),
            {self.file(octets) for octets in (b"", zeros + b"ab", zeros + b"\0\0cd", zeros + b"abcd")},
        )

    def test_a_file_that_is_gone_may_be_back(self):
        begin = [Made("f", 1), SyncedFolder(""), Wrote(1, 0, b"ab"), Synced(1, 3), Gone("f")]
        self.assertEqual(self.kept(*begin), {frozenset(), self.file(b"ab")})
        self.assertEqual(self.kept(*begin, SyncedFolder("")), {frozenset()})

    def test_folders_and_sizes(self):
        begin = [Made("d", None), Made("d/f", 1), Wrote(1, 0, b"abc"), Resized(1, 1), Synced(1, 4)]
        lost, there = frozenset(), frozenset([("d/f", b"a")])
        self.assertEqual(self.kept(*begin), {lost, there})
        self.assertEqual(self.kept(*begin, SyncedFolder("d")), {lost, there})
        self.assertEqual(self.kept(*begin, SyncedFolder("d"), SyncedFolder("")), {there})

    def test_what_is_unsynced(self):
        begin = [Made("f", 1), Wrote(1, 0, b"a")]
        self.assertEqual(unsynced(begin), {"f"})
        self.assertEqual(unsynced([*begin, Synced(1, 1)]), {"f"})
        self.assertEqual(unsynced([*begin, Synced(1, 2)]), set())
