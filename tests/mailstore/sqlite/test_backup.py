"""Backups: what is in them, when they are taken, and what comes back."""

import os
import random
import time
from functools import partial
from pathlib import Path

import apsw

from mailstore import open_store
from mailstore.errors import AlreadyExists, Conflict, Corrupt, NotFound
from mailstore.interfaces import NewMessage
from mailstore.model import Field, OwnQuota, StoreFlags
from mailstore.spool import Spool
from mailstore.sqlite import (
    accountcopy,
    appending,
    connections,
    contents,
    dictionaries,
    expunging,
    mailboxes,
    messages,
    mirroring,
    opening,
    schemas,
    swapping,
)
from mailstore.sqlite.check import unseen
from mailstore.sqlite.committing import commit_alone
from mailstore.sqlite.repacking import repack
from mailstore.sqlite.transactions import Reader
from tests.mailstore.contract import EVERYONE, flags, mail, name, uids
from tests.mailstore.sqlite.case import SqliteCase


def age(path, seconds=10):
    """Let a file be as if it had been written some seconds earlier."""
    for file in path.parent.glob(f"{path.stem}.db*"):
        then = file.stat().st_mtime_ns - seconds * 10**9
        os.utime(file, ns=(then, then))


def tables(path):
    """Return all rows of all tables that a backup must have, and what AUTOINCREMENT has counted."""
    connection = apsw.Connection(str(path))
    names = mirroring.tables(Reader(connection)) - accountcopy.NOT_COPIED
    rows = {each: set(connection.execute(f"SELECT * FROM {each}")) for each in names | {"sqlite_sequence"}}
    connection.close()
    return rows


class BackupCase(SqliteCase):
    def setUp(self):
        self.kept = Path(self.mktemp()).absolute()
        return super().setUp()

    async def back_up(self, whole=False, progress=unseen):
        """Back every account up; return whether each had changed."""
        backup = await self.store.backup(str(self.kept))
        try:
            return [await backup.update(user, progress, whole=whole) for user in await self.store.users()]
        finally:
            await backup.close()

    @property
    def kept_path(self):
        return opening.account_path(self.kept, self.account.id)

    def assert_same(self):
        here, there = tables(self.path), tables(self.kept_path)
        self.assertEqual(here.keys(), there.keys())
        for each, rows in here.items():
            self.assertEqual(rows, there[each], each)

    async def assert_sound(self, *expected_users):
        """Open the backup as a store, and look through all of it."""
        store = open_store(f"sqlite://{self.kept}", self.renderings, at_rest=True)
        users = await store.users()
        self.assertEqual(await store.check_register(), [])
        for user in users:
            self.assertEqual(await store.check(user.account, unseen), [])
        await store.close()
        self.assertEqual([user.name for user in users], list(expected_users or ["ada"]))

    async def busy_days(self, seed):
        """Do a little of everything."""
        chance = random.Random(seed)
        await self.append(*(mail(f"{seed}-{number}" * 2000) for number in range(20)), flags=flags("a", "b"))
        await self.inbox.store(uids(*chance.sample(range(1, 20), 5)), StoreFlags.ADD, flags("\\Deleted", f"k{seed}"))
        await self.inbox.copy(uids(*chance.sample(range(1, 20), 9)), name("Archive"))
        await self.inbox.expunge(EVERYONE)
        await self.account.create(name(f"folder {seed}"))
        await self.account.subscribe(name(f"folder {seed}"))
        await self.account.annotate(None, {"/private/comment": b"%d" % seed})
        if seed % 2:
            await self.account.forget_expunged(None, 0)
            await self.account.delete(name(f"folder {seed - 1}"))


class TakingTests(BackupCase):
    async def test_every_table_that_is_not_derived(self):
        """Random days, each backed up: the file has every row of every table."""
        for seed in range(6):
            await self.busy_days(seed)
            self.assertEqual(await self.back_up(), [True])
            self.assert_same()
        await self.assert_sound()

    async def test_renderings_are_left_out_and_made_again(self):
        await self.append(mail(subject="hello"))
        await self.back_up()
        connection = apsw.Connection(str(self.kept_path))
        self.assertEqual(connection.execute("SELECT count(*) FROM rendering").get, 0)
        connection.close()
        restored = await self.store.restore(str(self.kept), "ada", "bob", unseen)
        account = await self.store.account(restored.account)
        inbox = await account.mailbox(name("INBOX"))
        self.assertEqual(await self.column(self.renderings[0], mailbox=inbox), {1: b"hello"})

    def test_the_register_has_no_table_that_a_backup_leaves_out(self):
        connection = apsw.Connection(str(Path(self.place) / "registry.db"))
        self.assertEqual(mirroring.tables(Reader(connection)), {"user", "alias"}, "what alias has, user has too")
        connection.close()

    async def test_what_is_as_it_was_is_not_even_opened(self):
        await self.append()
        self.assertEqual(await self.back_up(), [True])
        self.assertEqual(await self.back_up(), [True], "its time was too fresh to tell")
        age(self.path)
        self.assertEqual(await self.back_up(), [True])
        self.patch(accountcopy, "_follows", None)
        self.assertEqual(await self.back_up(), [False])

    async def test_a_change_without_a_mod_sequence_is_noticed(self):
        await self.append()
        await self.inbox.store(uids(1), StoreFlags.ADD, flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)
        age(self.path)
        await self.back_up()
        await self.account.forget_expunged(None, 0)
        self.assertEqual(await self.back_up(), [True])
        self.assert_same()

    async def test_contents_are_not_written_again(self):
        await self.append(*(mail(str(number)) for number in range(10)))
        await self.back_up()
        brought = []
        bring = accountcopy.contents.bring
        self.patch(accountcopy.contents, "bring", lambda *given: brought.append(given[-1]) or bring(*given))
        await self.append(mail("one more"))
        await self.back_up()
        self.assertEqual(len(brought), 1)
        await self.back_up(whole=True)
        self.assertEqual(len(brought), 12)
        self.assert_same()

    async def test_what_happens_meanwhile_is_in_it(self):
        """The last reading brings what came since the first, and drops what went, on either side of where it is."""
        self.patch(accountcopy, "STEP_CONTENTS", 3)
        await self.append(*(mail(str(number)) for number in range(12)), flags=flags("\\Deleted"))
        steps = []

        def change(done, of):
            steps.append((done, of))
            commit_alone(connections.writing(self.path), self.coming_and_going(len(steps)))

        await self.back_up(progress=change)
        self.assertEqual(steps, [(3, 12), (6, 12), (9, 12), (12, 12)])
        self.assert_same()
        await self.assert_sound()
        self.assertEqual(set(await self.column(Field.SIZE)), {5, 6, 7, 8, 13, 14, 15, 16})

    def coming_and_going(self, step):
        """Return a change that drops messages, one of which is likely copied and one not, and adds one."""
        row, keeping = self.inbox._row, self.account.keeping
        new = NewMessage(Spool(mail(f"new {step}")))
        arrive = appending.prepare(partial(mailboxes.require, mailbox=row), [new], keeping)

        def change(writer):
            expunging.expunge(writer, row, uids(step, 13 - step))
            contents.drop_unreferenced(writer, messages.drop_expunged(writer, int(time.time()) + 1, 100))
            arrive(writer)

        return change

    async def test_what_was_packed_with_dictionaries(self):
        self.patch(dictionaries, "LEAST_CONTENTS", 100)
        self.patch(dictionaries, "GROWTH", 2)
        self.patch(dictionaries, "CHUNK_OCTETS", 4096)
        self.patch(dictionaries, "RENDERING_OCTETS", 4096)
        for count in range(3):
            await self.append(*(mail(f"word{count} and word{n} " * 9, f"about {n * 7919 % 1000}") for n in range(110)))
            await self.back_up()
            await repack(self.account.database, self.account.keeping.kinds)
        await self.append(mail("a last word"))
        await self.back_up()
        await self.assert_sound()
        codecs = {row[1] for row in tables(self.path)["chunk"]} - {row[1] for row in tables(self.kept_path)["chunk"]}
        self.assertTrue(codecs, "what was packed again is not copied again")
        await self.back_up(whole=True)
        self.assert_same()

    async def test_other_dictionaries_than_before(self):
        """An account that came back from an older backup has trained a pair of its own: nothing old can be unpacked."""
        await self.append()
        await self.back_up()
        connection = apsw.Connection(str(self.kept_path))
        connection.execute("INSERT INTO dictionary (id, chunks, renderings, contents) VALUES (1, x'01', x'02', 1)")
        connection.close()
        await self.back_up()
        self.assert_same()

    async def test_another_history_with_the_same_ids(self):
        await self.append(mail("0"), mail("1"), mail("2"))
        await self.back_up()
        connection = apsw.Connection(str(self.kept_path))
        connection.execute("UPDATE content SET digest = x'00' WHERE id = 2; DELETE FROM structure WHERE content_id = 2")
        connection.execute("UPDATE content SET id = 9 WHERE id = 3; UPDATE chunk SET id = 9 << 16 WHERE id = 3 << 16")
        connection.execute("UPDATE structure SET content_id = 9 WHERE content_id = 3")
        connection.execute("UPDATE mailbox SET name = 'x' || name WHERE id > 1")
        connection.execute("UPDATE structure SET octets = x'00' WHERE content_id = 1")
        connection.execute("INSERT INTO chunk (id, codec, octets) VALUES (4 << 16, 0, x'00')")
        connection.close()
        await self.append(mail("3"))
        await self.back_up()
        self.assert_same()

    async def test_one_at_a_time_and_not_into_itself(self):
        backup = await self.store.backup(str(self.kept))
        await self.assert_raises(Conflict, self.store.backup(str(self.kept)))
        await backup.close()
        await (await self.store.backup(str(self.kept))).close()
        await self.assert_raises(Conflict, self.store.backup(self.place))

    async def test_a_backup_that_was_cut_short_goes_on(self):
        self.patch(accountcopy, "STEP_CONTENTS", 2)
        await self.append(*(mail(str(number)) for number in range(9)))

        def stop(done, of):
            steps.append(done)
            if len(steps) == 3:
                raise ZeroDivisionError

        steps = []
        await self.assert_raises(ZeroDivisionError, self.back_up(progress=stop))
        self.assertFalse(self.kept_path.exists())
        await self.back_up(progress=stop)
        self.assertEqual(len(steps), 5, "two steps were left")
        self.assert_same()
        await self.append(*(mail(f"more {number}") for number in range(9)))
        before, steps = tables(self.kept_path), []
        await self.assert_raises(ZeroDivisionError, self.back_up(progress=stop))
        self.assertEqual(tables(self.kept_path), before)
        await self.assert_sound()

    async def test_users_that_are_gone(self):
        bob = await self.store.add_user("bob", "hash")
        await self.back_up()
        await self.store.delete_user("bob")
        await self.store.add_user("Bob", "other")
        await self.back_up()
        await self.assert_sound("ada", "Bob", f"bob~{bob.account[:8]}")
        backup = await self.store.backup(str(self.kept))
        _, _, old = await backup.users()
        self.assertEqual(old.account, bob.account)
        await backup.drop(old)
        await backup.close()
        await self.assert_sound("ada", "Bob")
        self.assertFalse(opening.account_path(self.kept, bob.account).exists())

    async def test_a_damaged_message_is_not_put_in_place_of_anything(self):
        await self.append(mail("first"))
        await self.back_up()
        await self.append(mail("second" * 1000))
        before = tables(self.kept_path)
        other = self.other_connection()
        [octets] = other.execute("SELECT octets FROM chunk WHERE id = 2 << 16").get,
        other.execute("UPDATE chunk SET octets = ? WHERE id = 2 << 16", (octets[:-1] + bytes([octets[-1] ^ 1]),))
        await self.assert_raises(Corrupt, self.back_up())
        await self.assert_raises(Corrupt, self.back_up(whole=True))
        self.assertEqual(tables(self.kept_path), before)
        other.execute("UPDATE chunk SET octets = ? WHERE id = 2 << 16", (octets,))
        other.close()
        await self.back_up()
        self.assert_same()

    async def test_a_damaged_page_is_not_either(self):
        await self.append(mail("first"))
        await self.back_up()
        await self.append(*(mail(f"{number}") for number in range(200)))
        before = tables(self.kept_path)
        connection = self.other_connection()
        [(page,)] = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'chunk'")
        connection.close()
        await self.close(self.store)
        whole = self.path.read_bytes()
        with self.path.open("r+b") as file:
            file.seek((page - 1) * connections.PAGE)
            file.write(b"\xff" * connections.PAGE)
        self.store = self.another_store()
        await self.assert_raises(Corrupt, self.back_up())
        await self.assert_raises(Corrupt, self.back_up(whole=True))
        self.assertEqual(tables(self.kept_path), before)
        await self.assert_sound()
        await self.close(self.store)
        self.path.write_bytes(whole)
        self.store = self.another_store()
        await self.back_up()
        self.assert_same()

    async def test_a_damaged_backup_is_written_anew_when_that_is_asked_for(self):
        await self.append(mail("first"))
        await self.back_up()
        self.kept_path.write_bytes(b"no database" * 1000)
        await self.assert_raises(Corrupt, self.back_up())
        await self.back_up(whole=True)
        self.assert_same()


class RestoringTests(BackupCase):
    async def test_a_user_who_is_gone_comes_back_exactly(self):
        await self.busy_days(0)
        await self.store.set_quota("ada", OwnQuota(1 << 30))
        await self.store.add_alias("ada", "info")
        await self.back_up()
        before, flags_before = tables(self.path), await self.column(Field.FLAGS)
        await self.store.delete_user("ada")
        user = await self.store.restore(str(self.kept), "ADA", "ada", unseen)
        self.assertEqual(user, (await self.store.users())[0])
        self.assertEqual((user.account, user.quota), (self.account.id, OwnQuota(1 << 30)))
        self.assertEqual((await self.store.credentials("ada"))[1], "hash")
        self.assertEqual(await self.store.addressee("info"), (user, "info"))
        self.assertEqual(tables(self.path), before)
        account = await self.store.account(user.account)
        self.assertEqual(await self.column(Field.FLAGS, mailbox=await account.mailbox(name("INBOX"))), flags_before)
        age(self.path)
        await self.back_up()
        self.assertEqual(await self.back_up(), [False])

    async def test_under_another_name(self):
        await self.append(mail("hello"))
        await self.back_up()
        await self.append(mail("later"))
        await self.assert_raises(AlreadyExists, self.store.restore(str(self.kept), "ada", "Ada", unseen))
        await self.store.add_alias("ada", "info")
        bob = await self.store.restore(str(self.kept), "ada", "bob", unseen)
        self.assertEqual((await self.store.addressee("info"))[0].name, "ada")
        self.assertNotEqual(bob.account, self.account.id)
        account = await self.store.account(bob.account)
        self.assertEqual((await account.usage()).messages, 1)
        self.assertEqual((await self.account.usage()).messages, 2)

    async def test_in_place_of_what_is_there(self):
        await self.append(mail("hello"))
        await self.back_up()
        await self.append(mail("later"))
        await self.store.set_password_hash("ada", "other")
        await self.assert_raises(Conflict, self.replace())
        self.assertEqual((await self.account.usage()).messages, 2)
        self.assertEqual(len(list(Path(self.place).glob("accounts/*/*.db"))), 1)
        await self.close(self.store)
        self.store = self.another_store()
        user = await self.replace()
        self.assertNotEqual(user.account, self.account.id)
        self.assertEqual((await (await self.store.account(user.account)).usage()).messages, 1)
        self.assertEqual((await self.store.credentials("ada"))[1], "other")
        self.assertEqual(self.path.stem, user.account)

    async def replace(self):
        return await self.store.restore(str(self.kept), "ada", "ada", unseen, replace=True)

    async def test_in_place_of_what_is_damaged(self):
        await self.append(mail("hello"))
        await self.back_up()
        await self.close(self.store)
        self.path.write_bytes(b"no database" * 1000)
        self.store = self.another_store()
        user = await self.replace()
        self.assertEqual((await (await self.store.account(user.account)).usage()).messages, 1)

    async def test_from_a_damaged_backup_nothing_comes(self):
        await self.append(mail("hello" * 1000))
        await self.back_up()
        connection = apsw.Connection(str(self.kept_path))
        connection.execute("UPDATE chunk SET octets = zeroblob(length(octets))")
        connection.close()
        await self.assert_raises(Corrupt, self.store.restore(str(self.kept), "ada", "bob", unseen))
        self.assertEqual([user.name for user in await self.store.users()], ["ada"])
        self.assertEqual(len(list(Path(self.place).glob("accounts/*/*"))), len(list(self.path.parent.glob("*"))))

    async def test_from_nowhere(self):
        await self.assert_raises(NotFound, self.store.restore(str(self.kept), "ada", "bob", unseen))
        self.assertFalse(self.kept.exists())
        await self.back_up()
        await self.assert_raises(NotFound, self.store.restore(str(self.kept), "eve", "bob", unseen))

    async def test_an_older_one(self):
        """Of a time when the schema was another: the next backup goes on from it, and it comes back."""
        await self.append(mail("hello"))
        self.kept_path.parent.mkdir(parents=True)
        for version in (1, len(schemas.ACCOUNT) - 1):
            swapping.remove(self.kept_path)
            schemas.create(self.kept_path, partial(schemas.upgrade, schema=schemas.ACCOUNT[:version]))
            await self.append(mail("more"))
            await self.back_up()
            self.assert_same()
        bob = await self.store.restore(str(self.kept), "ada", "bob", unseen)
        self.assertEqual((await (await self.store.account(bob.account)).usage()).messages, 3)
