"""Stores of every earlier program: they are brought on, kept as they were for a while, and nothing of them is lost."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import apsw
from twisted.internet.defer import Deferred, gatherResults
from twisted.trial.unittest import TestCase

from mailstore import open_store
from mailstore.changes import Expunged
from mailstore.errors import Busy, Corrupt, Unavailable
from mailstore.interfaces import NewMessage
from mailstore.model import Field, Uid
from mailstore.spool import Spool
from mailstore.sqlite import connections, opening, schemas, upgrading
from tests.crash.disk import Recorder
from tests.mailstore.contract import EVERYONE, SIZE, mail, name, uids
from tests.mailstore.sqlite import old_stores

NEWEST = len(schemas.ACCOUNT)


class UpgradeCase(TestCase):
    def make(self, version, registry_version=1):
        self.root = Path(self.mktemp()).absolute()
        old_stores.store(self.root, version, registry_version)
        self.path = opening.account_path(self.root, old_stores.ACCOUNT_ID)
        self.copy = upgrading.copy_path(self.path, NEWEST)

    async def setUp(self):
        self.stores = []

    async def tearDown(self):
        for store in self.stores:
            await store.close()

    async def open(self):
        """Open the store anew, and ada's account."""
        await self.tearDown()
        self.stores = [open_store(f"sqlite://{self.root}", [SIZE])]
        [store] = self.stores
        return store, await store.account((await store.user("ada")).account)

    def opened(self):
        return Deferred.fromCoroutine(self.open())

    async def verify(self):
        """Everything is as it was."""
        store, account = await self.open()
        self.assertEqual([info.name for info in await account.mailboxes()], ["INBOX", "Sent", "work/project"])
        self.assertEqual(await account.subscriptions(), ["INBOX", "work/project"])
        inbox, sent = [await account.mailbox(name(each)) for each in ("INBOX", "Sent")]
        self.assertEqual(await self.octets(inbox), {uid: old_stores.LETTERS[uid] for uid in (1, 2, 3, 4)})
        self.assertEqual(await self.octets(sent), old_stores.SENT)
        found = await self.column(inbox, Field.FLAGS)
        self.assertEqual({uid: set(found[uid]) for uid in old_stores.FLAGS}, old_stores.FLAGS)
        sizes = await self.column(inbox, SIZE)
        self.assertEqual(sizes, {uid: b"%d" % len(octets) for uid, octets in old_stores.LETTERS.items()})
        self.assertEqual((await self.column(inbox, Field.INTERNAL_DATE))[Uid(4)], (1600000003, -60))
        snapshot = await inbox.snapshot()
        self.assertEqual(snapshot.uids, uids(1, 2, 4))
        self.assertEqual((snapshot.status.uid_validity, snapshot.status.uid_next), (1700000000, 5))
        self.assertEqual((await inbox.changes_since(5)).entries, (Expunged(6, uids(3)),))
        usage = await account.usage()
        self.assertEqual(usage.messages, 4)
        self.assertEqual(await store.check(account.id, lambda done, of: None), [])
        appended = await inbox.append([NewMessage(Spool(mail("new")))])
        self.assertEqual((appended.uids, appended.modseq), (uids(5), 8))

    async def column(self, mailbox, field):
        found = {}
        async for rows in mailbox.fetch(EVERYONE, [field]):
            found.update(zip(rows.uids, rows.columns[field], strict=True))
        return found

    async def octets(self, mailbox):
        messages = await self.column(mailbox, Field.MESSAGE)
        return {uid: await message.read(0, message.size) for uid, message in messages.items()}


class UpgradeTests(UpgradeCase):
    async def test_the_indexer_hears_of_it(self):
        self.make(1)
        bell = self.path.with_suffix(".bell")
        bell.touch()
        os.utime(bell, (1, 1))
        await self.open()
        self.assertGreater(bell.stat().st_mtime, 1)

    async def test_the_copy_is_the_file_as_it_was(self):
        self.make(2)
        before = self.dump(self.path)
        await self.open()
        self.assertEqual(self.dump(self.copy), before)
        self.assertEqual(stat.S_IMODE(self.copy.stat().st_mode), 0o600)
        self.assertEqual(self.names(), [self.copy.name])

    def names(self):
        return [each.name for each in self.path.parent.iterdir() if "before" in each.name]

    def dump(self, path):
        connection = apsw.Connection(str(path))
        tables = [table for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
        version = connection.pragma("user_version")
        connection.close()
        return version, rows

    async def test_several_programs_at_once(self):
        self.make(2)
        self.stores = [open_store(f"sqlite://{self.root}", [SIZE]) for _ in range(3)]
        opening_all = [Deferred.fromCoroutine(store.account(old_stores.ACCOUNT_ID)) for store in self.stores]
        for account in await gatherResults(opening_all):
            self.assertEqual((await account.status(name("INBOX"))).messages, 3)
        self.assertEqual(self.names(), [self.copy.name])

    async def test_the_copy_can_take_the_files_place_again(self):
        self.make(2)
        await self.open()
        await self.stores.pop().close()
        self.copy.replace(self.path)
        await self.verify()

    async def test_the_copy_goes_after_some_weeks(self):
        self.make(2)
        await self.open()
        os.utime(self.copy, (1, 1))
        _, account = await self.open()
        await account.tidy()
        self.assertEqual(self.names(), [])

    async def test_who_only_looks_takes_no_copy_away(self):
        self.make(2)
        await self.open()
        os.utime(self.copy, (1, 1))
        await self.tearDown()
        self.stores = [open_store(f"sqlite://{self.root}", [SIZE], at_rest=True)]
        [store] = self.stores
        account = await store.account((await store.user("ada")).account)
        self.assertEqual((await account.status(name("INBOX"))).messages, 3)
        self.assertEqual(self.names(), [self.copy.name])

    async def test_the_copy_goes_with_the_user(self):
        self.make(2)
        store, _ = await self.open()
        await store.delete_user("ada")
        self.assertEqual(list(self.path.parent.iterdir()), [])

    async def test_the_register(self):
        self.make(NEWEST)
        store, _ = await self.open()
        self.assertEqual((await store.user("ada")).name, "ada")
        self.assertEqual(len(list(self.root.glob("registry.db.before-*"))), 1)

    async def test_a_newer_one_is_refused_with_what_to_do(self):
        self.make(NEWEST)
        apsw.Connection(str(self.path)).pragma("user_version", NEWEST + 1)
        refused = await self.assertFailure(self.opened(), Unavailable)
        self.assertIn("install that version, or restore the backup", str(refused))

    async def test_a_step_that_fails_leaves_the_file_as_it_was(self):
        self.make(2)
        before = self.dump(self.path)
        self.patch(schemas, "ACCOUNT", (*schemas.ACCOUNT, "CREATE TABLE new (id); INSERT INTO none VALUES (1)"))
        await self.assertFailure(self.opened(), Corrupt)
        self.assertEqual(self.dump(self.path), before)

    async def test_damaged_pages_keep_nobody_from_what_can_be_read(self):
        self.make(13)
        self.damage("message")
        store, account = await self.open()
        self.assertEqual((await account.status(name("INBOX"))).messages, 3)
        self.assertNotEqual(await store.check(account.id, lambda done, of: None), [])

    async def test_damaged_pages_of_blocks_keep_nobody_from_mail(self):
        self.make(14)
        self.damage("rendering_block")
        _, account = await self.open()
        self.assertEqual((await account.status(name("INBOX"))).messages, 3)

    def damage(self, table):
        """Write over the first page of a table."""
        connection = apsw.Connection(str(self.path))
        page_size = connection.pragma("page_size")
        page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).get
        connection.close()
        with self.path.open("r+b") as file:
            file.seek((page - 1) * page_size)
            file.write(b"\xff" * page_size)

    async def test_no_room_for_the_copy(self):
        self.make(2)
        before = self.dump(self.path)
        full = [apsw.FullError()]

        def fault(operation, path, end):
            return full[0] if full and f"{self.path}.before" in path else None

        recorder = Recorder(self.root, fault)
        recorder.inodes = {recorder.name(str(each)): at for at, each in enumerate(self.root.rglob("*.db"), 1)}
        with recorder:
            await self.assertFailure(self.opened(), Unavailable)
            self.assertEqual(self.dump(self.path), before)
            full.clear()
            await self.open()
            await self.stores.pop().close()
        await self.verify()

    async def test_while_an_older_program_has_it_open_it_is_not_upgraded(self):
        self.patch(connections, "BUSY_SECONDS", 0.1)
        self.make(2)
        program = f"import apsw; c = apsw.Connection({str(self.path)!r}); c.pragma('user_version'); print(); input()"
        pipe = subprocess.PIPE
        with subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe) as older:
            older.stdout.readline()
            busy = await self.assertFailure(self.opened(), Busy)
            self.assertIn("stop the older program", str(busy))
            older.communicate(b"\n")
        await self.verify()


def _upgraded(version, registry_version):
    async def test(self):
        self.make(version, registry_version)
        await self.verify()
        self.assertEqual(self.copy.exists(), version < NEWEST)
        await self.verify_again()

    return test


class EveryVersionTests(UpgradeCase):
    async def verify_again(self):
        """Opened a second time there is nothing to be done."""
        before = sorted(self.path.parent.iterdir())
        await self.open()
        self.assertEqual(sorted(self.path.parent.iterdir()), before)


for _version in range(1, NEWEST + 1):
    _registry_version = min(_version, len(schemas.REGISTRY))
    setattr(EveryVersionTests, f"test_version_{_version}", _upgraded(_version, _registry_version))
