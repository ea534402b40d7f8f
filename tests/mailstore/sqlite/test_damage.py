"""Pages and rows are damaged on purpose: what follows from other rows comes back, and nothing else is touched."""

import contextlib
import os
import random
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
from twisted.internet import reactor
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import deferLater
from twisted.logger import LogLevel, formatEvent, globalLogPublisher
from twisted.trial.unittest import TestCase

from mailstore import open_store
from mailstore.errors import Busy, Corrupt, StoreError
from mailstore.interfaces import NewMessage
from mailstore.model import Field, Flag, StoreFlags
from mailstore.names import INBOX
from mailstore.spool import Spool
from mailstore.sqlite import gleaning, inspecting, rescuing, schemas
from mailstore.sqlite.inspecting import IN_USE
from mailstore.sqlite.repacking import repack
from mailstore.sqlite.salvaging import DERIVED
from mailstore.sqlite.transactions import Writer
from mailstore.uidset import MAX_UID, UidSet
from tests.mailstore.contract import EVERYONE, SIZE, SUBJECT, flags, mail, name, uids

RENDERINGS = (SUBJECT, SIZE)
MESSAGES = 100


def quiet(done, of):
    """Take no notice of the progress."""


def open_at(place):
    return open_store(f"sqlite://{place}", RENDERINGS)


def tables():
    """Return the names of every table that an account has."""
    connection = apsw.Connection(":memory:")
    schemas.upgrade(Writer(connection), schemas.ACCOUNT)
    return sorted(each for (each,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"))


async def fill(store):
    """Give ada mail in every shape, and bob one letter."""
    ada, bob = [await store.account((await store.add_user(each, "hash")).account) for each in ("ada", "bob")]
    inbox = await ada.mailbox(INBOX)
    octets = [mail("x" * 300 * number, f"number {number}") for number in range(MESSAGES)]
    octets[7] = mail(random.Random(1).randbytes(150_000).hex())
    for start in range(0, MESSAGES, 10):
        spools = [Spool(each) for each in octets[start : start + 10]]
        await inbox.append([NewMessage(spool, flags("\\Seen", f"key{start}")) for spool in spools])
    for number in range(1, 40, 2):
        await inbox.store(uids(number), StoreFlags.ADD, flags("\\Deleted", "odd"))
    await inbox.expunge(UidSet([(1, 20)]))
    await inbox.copy(UidSet([(30, 50)]), name("Sent"))
    await ada.create(name("work/project"))
    await ada.subscribe(name("work/project"))
    await repack(ada.database, ada.keeping.kinds)
    await (await bob.mailbox(INBOX)).append([NewMessage(Spool(mail("to bob")))])


class DamageCase(TestCase):
    """Ada's account is damaged; bob's is beside it."""

    template: "TemporaryDirectory[str] | None" = None

    async def setUp(self):
        if DamageCase.template is None:
            DamageCase.template = TemporaryDirectory()
            store = open_at(f"{DamageCase.template.name}/store")
            await fill(store)
            await store.close()
        self.place = os.path.abspath(self.mktemp())
        shutil.copytree(f"{DamageCase.template.name}/store", self.place)
        store = open_at(self.place)
        self.ada, self.bob = [(await store.user(each)).account for each in ("ada", "bob")]
        await store.close()
        [self.path] = Path(self.place).glob(f"accounts/*/{self.ada}.db")
        self.before = self.messages()
        self.opened = []
        self.patch(rescuing, "PATIENCE_SECONDS", 0.0)  # no other process has the account
        self.addCleanup(self.close)

    def connect(self):
        connection = apsw.Connection(str(self.path))
        self.addCleanup(connection.close)
        return connection

    def messages(self):
        """Return what every message is and must stay: by mailbox and UID its flags, date and octets; None unread."""
        with contextlib.closing(self.connect()) as connection:
            return self.messages_in(connection)

    def messages_in(self, connection):
        found = {}
        try:
            known = connection.execute("SELECT mailbox_id, uid FROM message NOT INDEXED").fetchall()
        except apsw.Error:
            return {}
        for mailbox, uid in known:
            sql = """
                SELECT flags, received_at, expunged_modseq, (SELECT group_concat(hex(octets)) FROM chunk
                    WHERE id >> 16 = content_id) FROM message JOIN flagset ON flagset.id = flagset_id
                WHERE mailbox_id = ? AND uid = ?"""
            try:
                found[mailbox, uid] = connection.execute(sql, (mailbox, uid)).fetchall()
            except apsw.Error:
                found[mailbox, uid] = None
        return found

    def store(self):
        self.opened.append(open_at(self.place))
        return self.opened[-1]

    async def close(self):
        """Close the stores that are open."""
        while self.opened:
            await self.opened.pop().close()

    def rows(self):
        """Return the rows of every table whose pages are whole."""
        connection, found = self.connect(), {}
        for table in tables():
            with contextlib.suppress(apsw.Error):
                found[table] = set(connection.execute(f"SELECT * FROM {table} NOT INDEXED").fetchall())
        connection.close()
        return found

    def damage_pages(self, table, damage):
        """Change the octets of a table's pages, and of its indexes'."""
        connection = self.connect()
        sql = """SELECT pageno FROM dbstat WHERE name IN (
            SELECT name FROM sqlite_schema WHERE tbl_name = ?1 UNION SELECT ?1)"""
        pages = [page for (page,) in connection.execute(sql, (table,))]
        connection.close()
        with self.path.open("r+b") as file:
            for page in pages:
                file.seek((page - 1) * 4096)
                octets = damage(file.read(4096))
                file.seek((page - 1) * 4096)
                file.write(octets)

    async def use(self, account_id):
        """Do a bit of everything with an account; raise the first error of the store."""
        store = self.store()
        account = await store.account(account_id)
        inbox = await account.mailbox(INBOX)
        await inbox.snapshot()
        [rows async for rows in inbox.fetch(EVERYONE, [Field.FLAGS, Field.EMAIL_ID, SUBJECT])]
        await inbox.changes_since(0)
        await account.changes_since(0)
        await account.subscriptions()
        appended = await inbox.append([NewMessage(Spool(mail("new")))])
        await inbox.store(appended.uids, StoreFlags.ADD, frozenset([Flag("\\Deleted")]))
        await inbox.expunge(appended.uids)

    async def repaired(self):
        """Repair ada's account; return what was wrong, what was done and what is left."""
        store = self.store()
        found = await store.check(self.ada, quiet)
        return found, await store.repair(self.ada, quiet), await store.check(self.ada, quiet)


class BusyTests(DamageCase):
    async def test_an_account_that_is_busy_is_not_called_damaged(self):
        async def busy(*_, **__):
            raise Busy("another program writes")

        self.patch(inspecting, "repair", busy)
        await self.assertFailure(Deferred.fromCoroutine(self.store().repair(self.ada, quiet)), Busy)


class GleaningTests(TestCase):
    def test_what_bounds_keys_of_which_nothing_can_be_read(self):
        source = apsw.Connection(":memory:")
        source.execute("CREATE TABLE content (id INTEGER PRIMARY KEY AUTOINCREMENT)")
        source.execute("INSERT INTO content VALUES (7)")
        bounds = [gleaning._last(source, table, "id") for table in ("message", "chunk", "nothing")]
        self.assertEqual(bounds, [MAX_UID, 8 << 16, (1 << 63) - 1])


class PagesTests(DamageCase):
    async def damaged(self, table, damage):
        self.damage_pages(table, damage)
        with contextlib.suppress(StoreError):
            await self.use(self.ada)
        await self.use(self.bob)

    async def comes_back(self):
        found, done, left = await self.repaired()
        self.assertTrue(found)
        self.assertTrue(done)
        self.assertEqual(left, [])
        after = self.messages()
        self.assertEqual({key: after.get(key) for key in self.before}, self.before)
        await self.use(self.ada)

    async def is_rescued(self):
        """All that was on other pages is as before, and the account can be used."""
        with contextlib.closing(self.connect()) as other:
            other.execute("SELECT 1 FROM sqlite_schema").fetchall()
            self.assertEqual(await self.store().repair(self.ada, quiet), [IN_USE])
        await self.close()
        whole = self.rows()
        found, done, left = await self.repaired()
        self.assertTrue(found)
        self.assertIn("what can be read is in a new file", done[0])
        self.assertEqual([line for line in left if "damaged octets" not in line], [])
        after = self.rows()
        for table in whole.keys() - CHANGING:
            self.assertLessEqual(whole[table], after[table], table)
        await self.use(self.ada)
        [kept] = self.path.parent.glob(f"{self.path.name}.damaged-*")
        self.assertEqual(kept.read_bytes()[:15], b"SQLite format 3")



CHANGING = {"mailbox", "message", "content", "flagset", "sqlite_sequence"} | DERIVED
"""Tables in which something may be right to change when rows of others are lost."""


def wiped(octets):
    return random.Random(2).randbytes(len(octets))


def flipped(octets):
    """Flip some bits where a page says what is where."""
    changed = bytearray(octets)
    for at in (0, 3, 9, 13):
        changed[at] ^= 0x55
    return bytes(changed)


def _damaged(table, damage):
    async def test(self):
        await self.damaged(table, damage)
        await (self.comes_back() if table in DERIVED else self.is_rescued())

    return test


for _table in tables():
    for _damage in (wiped, flipped):
        setattr(PagesTests, f"test_{_damage.__name__}_{_table}", _damaged(_table, _damage))


BROKEN = {
    "no account": "DELETE FROM account",
    "no INBOX": "UPDATE mailbox SET name = 'elsewhere' WHERE name = 'INBOX'",
    "a content that no message has": "UPDATE message SET content_id = 59 WHERE uid = 60",
    "a chunk of no content": "INSERT INTO chunk VALUES (65536 * 1000, 0, x'00')",
    "a structure of no content": "INSERT INTO structure VALUES (1000, x'00')",
    "a rendering of no content": "INSERT INTO rendering VALUES (1000 * 256 + 1, 1, 0, x'00')",
    "a message of another size than its content": "UPDATE message SET size = 7 WHERE uid = 30",
    "a content of no thread": "UPDATE content SET thread_id = x'' WHERE id = 9",
    "flags that are not what they say": "UPDATE flagset SET seen = 0, deleted = 1 WHERE id = 2",
    "flags that are not what they say ": "DELETE FROM keyword",
    "a mailbox with a UID above its next one": "UPDATE mailbox SET uid_next = 5 WHERE id = 1",
    "a mailbox whose UID runs hold other numbers of messages": "DELETE FROM uid_run WHERE last = 100",
    "a message that is in no UID run": "UPDATE uid_run SET first = first + 200, last = last + 200 WHERE last = 100",
    "a UID run that is empty, overlaps or touches another": "INSERT INTO uid_run VALUES (77, 1, 1)",
    "a mailbox whose counts are not those of its messages": "UPDATE mailbox SET unseen = 7",
    "a mailbox whose counts are not those of its messages ": "UPDATE mailbox SET first_unseen = 25 WHERE id = 1",
    "an account whose usage is not that of its messages": "UPDATE account SET octets = 0",
    "an origin of what is in no mailbox": "INSERT INTO origin VALUES (1, 77, 'elsewhere', 1)",
    "a run of what was brought that is empty, overlaps or touches another": "INSERT INTO brought VALUES (9, 1, 1)",
    "annotations of other octets than are counted": "UPDATE account SET annotation_octets = 7",
    "a message or change with a mod-sequence above its mailbox's": "UPDATE mailbox SET highest_modseq = 2",
    "a mod-sequence above the account's": "UPDATE account SET modseq = 2",
    "a change of messages that cannot be": "INSERT INTO change VALUES (1, 3, 4, 900, 901)",
    "a message that is there and expunged in the log": "INSERT INTO change VALUES (1, 3, 4, 100, 100)",
    "a message whose mod-sequence is not in the log": "DELETE FROM change WHERE kind = 2",
    "an expunged message whose going is not in the log": "DELETE FROM change WHERE kind = 3",
    "a wrong structure": "UPDATE structure SET octets = x'00' WHERE content_id = 3",
    "a wrong structure ": "DELETE FROM structure WHERE content_id = 3",
    "a wrong rendering": "UPDATE rendering SET octets = x'00' WHERE id >> 8 = 80",
    "a wrong rendering ": "UPDATE rendering SET codec = 7 WHERE id >> 8 = 80",
    "a block of renderings that is damaged": "UPDATE rendering_block SET mark = 7",
    "a block of renderings that is damaged,": "UPDATE rendering_block SET place = -1",
    "a block of renderings that is damaged, or": "UPDATE rendering_block SET place = 1 << 62, length = 1 << 60",
    "that is damaged, or has some of no content": "UPDATE rendering_block SET id = id + 1000",
    "a wrong size or day": "UPDATE content SET sent_day = 12 WHERE id = 3",
    "a wrong size or day ": "UPDATE content SET size = 12 WHERE id = 3",
}
"""What may be wrong with rows, as `check` says it, and how it is made so."""

LOST = {
    "a message in no mailbox": "UPDATE message SET mailbox_id = 77 WHERE uid = 60",
    "a message without octets": "UPDATE message SET content_id = 777 WHERE uid = 3 AND mailbox_id = 1",
    "a message without flags": "UPDATE message SET flagset_id = 777 WHERE uid = 30 AND mailbox_id = 1",
    "a removed mailbox with messages": "UPDATE mailbox SET removed_at = 1 WHERE name = 'Sent'",
    "a chunk whose dictionary is not there": "UPDATE chunk SET codec = 7 WHERE id = 9 * 65536",
    "a chunk whose dictionary is not there ": "UPDATE chunk SET codec = ~7 WHERE id = 9 * 65536",
    "a UIDVALIDITY of several mailboxes": "UPDATE mailbox SET uid_validity = 7",
    "a special use of several mailboxes": "UPDATE mailbox SET special_use = 'sent'",
    "an annotation of no mailbox": "INSERT INTO annotation VALUES (1, 77, '/shared/comment', x'00')",
    "an annotation that nobody can name": "INSERT INTO annotation VALUES (1, 0, 'Comment', x'00')",
    "content 9: damaged octets, of INBOX UID 9 (expunged)": "UPDATE chunk SET octets = x'00' WHERE id = 9 * 65536",
    "content 30: damaged octets, of INBOX UID 30, Sent UID 1": "DELETE FROM chunk WHERE id = 30 * 65536",
    "content 30: damaged octets, of INBOX UID 30, Sent UID 1 ": "UPDATE content SET digest = x'00' WHERE id = 30",
}
"""What `check` finds and nothing can be done about."""


class RescueTests(DamageCase):
    """Some pages are damaged of a table that is made from nothing else: what is on others stays."""

    def wipe_leaves(self, table, *numbers):
        """Damage some of the pages that hold rows; return how many rows those are."""
        connection = self.connect()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sql = "SELECT pageno, ncell FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path"
        leaves = connection.execute(sql, (table,)).fetchall()
        connection.close()
        with self.path.open("r+b") as file:
            for number in numbers:
                file.seek((leaves[number][0] - 1) * 4096)
                file.write(b"\xff" * 4096)
        return sum(leaves[number][1] for number in numbers)

    def keys(self, table, key):
        connection = self.connect()
        found = {each for (each,) in connection.execute(f"SELECT {key} FROM {table} NOT INDEXED")}
        connection.close()
        return found

    async def rescued(self, table, key, *numbers):
        """Return what was lost, and what is left to be told."""
        before = self.keys(table, key)
        lost = self.wipe_leaves(table, *numbers)
        _, done, left = await self.repaired()
        self.assertIn("what can be read is in a new file", done[0])
        gone = before - self.keys(table, key)
        self.assertIn(len(gone) - lost, range(len(numbers) + 1))  # a row between two leaves may be out of reach
        await self.use(self.ada)
        return gone, left

    async def test_octets(self):
        gone, left = await self.rescued("chunk", "id", 1, -1)
        named = {int(line.split()[1].rstrip(":")) for line in left}
        self.assertEqual(named, {chunk >> 16 for chunk in gone})
        self.assertTrue(all("damaged octets, of INBOX UID" in line for line in left), left)
        inbox = await (await self.store().account(self.ada)).mailbox(INBOX)
        for uid in named:
            message = await self.first(inbox, uid)
            await self.assertFailure(ensureDeferred(message.read(0, message.size)), Corrupt)

    async def test_messages(self):
        connection = self.connect()
        connection.execute(
            """
            WITH RECURSIVE number (n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM number WHERE n < 4000)
            INSERT INTO message SELECT mailbox_id, n, content_id, flagset_id, size, received_at, zone, saved_at, modseq,
                NULL, NULL FROM message, number WHERE mailbox_id = 1 AND uid = 60"""
        )
        connection.close()
        await self.store().repair(self.ada, quiet)
        await self.close()
        gone, left = await self.rescued("message", "mailbox_id << 32 | uid", 1, 4, 5)
        self.assertTrue(gone)
        self.assertEqual(left, [])

    async def test_messages_whose_row_is_gone_are_in_another_mailbox(self):
        self.wipe_leaves("message", 0)
        await self.repaired()
        account = await self.store().account(self.ada)
        recovered = await account.mailbox(name("Recovered"))
        found = [uid async for rows in recovered.fetch(EVERYONE, [Field.SIZE]) for uid in rows.uids]
        self.assertEqual(len(found), MESSAGES)

    async def test_a_mailbox_that_has_no_name_gets_one(self):
        self.wipe_leaves("mailbox", 0)
        _, _, left = await self.repaired()
        self.assertEqual(left, [])
        account = await self.store().account(self.ada)
        names = {info.name for info in await account.mailboxes()}
        self.assertLessEqual({"INBOX", "Recovered 1", "Recovered 3"}, names)

    async def test_octets_of_which_nothing_else_is_known(self):
        self.wipe_leaves("content", 0)
        _, _, left = await self.repaired()
        self.assertEqual(left, [])
        account = await self.store().account(self.ada)
        message = await self.first(await account.mailbox(INBOX), 30)
        self.assertEqual(await message.read(0, 10), mail()[:10])

    async def first(self, mailbox, uid):
        [rows] = [rows async for rows in mailbox.fetch(uids(uid), [Field.MESSAGE])]
        return rows.columns[Field.MESSAGE][0]

    def test_no_more_places_than_that_are_tried(self):
        def ask(low, high, order):
            asked.append((low, high))
            raise apsw.CorruptError("as if")
            yield

        asked = []
        self.assertEqual(list(gleaning._between(ask, 1 << 60)), [])
        self.assertLessEqual(len(asked), 2 * gleaning.TRIES)


class RowsTests(DamageCase):
    def break_rows(self, sql):
        connection = self.connect()
        connection.execute(sql)
        connection.close()

    async def test_nothing_is_wrong_with_what_is_whole(self):
        before = self.rows()
        self.assertEqual(await self.repaired(), ([], [], []))
        after = self.rows()
        self.assertEqual({table for table in before if before[table] != after[table]} - {"sqlite_sequence"}, set())

    async def test_an_account_that_cannot_be_opened_for_a_row_that_makes_no_sense_is_damaged(self):
        self.break_rows("UPDATE rendering_kind SET name = CAST(x'74e57374' AS TEXT) WHERE id = 1")
        store = self.store()
        await self.assertFailure(ensureDeferred(store.account(self.ada)), Corrupt)
        self.assertEqual(len(self.flushLoggedErrors(UnicodeDecodeError)), 1)
        await self.use(self.bob)

    async def test_rows_that_make_no_sense_are_damage(self):
        """Whoever reads them, or changes something because of them, is told that, and the others go on."""
        self.break_rows("UPDATE mailbox_change SET kind = kind + 77")
        self.break_rows("UPDATE sqlite_sequence SET seq = 1 << 60 WHERE name = 'content'")
        account = await self.store().account(self.ada)
        inbox = await account.mailbox(INBOX)
        for asked in (account.changes_since(0), inbox.append([NewMessage(Spool(mail("new")))])):
            await self.assertFailure(ensureDeferred(asked), Corrupt)
        self.assertEqual(len(self.flushLoggedErrors(KeyError, OverflowError)), 2)
        await self.use(self.bob)


def _mended(text, sql):
    async def test(self):
        self.break_rows(sql)
        found, done, left = await self.repaired()
        self.assertTrue([line for line in found if text in line], found)
        self.assertTrue([line for line in done if text in line], done)
        self.assertEqual(left, [])
        await self.use(self.ada)

    return test


def _lost(text, sql):
    async def test(self):
        self.break_rows(sql)
        _, _, left = await self.repaired()
        self.assertTrue([line for line in left if text in line], left)

    return test


for _text, _sql in BROKEN.items():
    setattr(RowsTests, f"test_mended_{_sql[:50].replace(' ', '_')}", _mended(_text.strip(), _sql))
for _text, _sql in LOST.items():
    setattr(RowsTests, f"test_lost_{_sql[:50].replace(' ', '_')}", _lost(_text.strip(), _sql))


class BitsTests(DamageCase):
    """Bits are flipped anywhere: only errors of the store, nothing of another account, and what is whole stays so."""

    async def flip(self, rng):
        octets = bytearray(self.path.read_bytes())
        for _ in range(rng.choice([1, 3, 20, 200])):
            octets[rng.randrange(100, len(octets))] ^= 1 << rng.randrange(8)
        self.path.write_bytes(octets)
        before = self.messages()
        with contextlib.suppress(StoreError):
            await self.use(self.ada)
        await self.use(self.bob)
        await self.repaired()
        after = self.messages()
        harmed = {message for message, row in before.items() if row is not None and after.get(message) != row}
        self.assertEqual(harmed, set())


def _flipped(seed):
    async def test(self):
        await self.flip(random.Random(seed))

    return test


for _seed in range(12):
    setattr(BitsTests, f"test_seed_{_seed}", _flipped(_seed))


class RepairTests(DamageCase):
    async def test_a_session_is_told_of_what_comes_back(self):
        store = self.store()
        inbox = await (await store.account(self.ada)).mailbox(INBOX)
        connection = self.connect()
        connection.execute("UPDATE uid_run SET last = 50 WHERE mailbox_id = 1 AND last = 100")
        known = await inbox.snapshot()
        self.assertEqual(known.uids.last, 50)
        await store.repair(self.ada, quiet)
        told = await inbox.changes_since(known.status.highest_modseq)
        self.assertEqual(told.changed, UidSet([(51, 100)]))
        self.assertEqual((await inbox.snapshot()).uids, known.uids | told.changed)

    async def test_octets_that_come_in_again_are_whole_again(self):
        connection = self.connect()
        connection.execute("UPDATE chunk SET octets = x'00' WHERE id = 60 * 65536")
        store = self.store()
        self.assertIn("INBOX UID 60", "".join(await store.check(self.ada, quiet)))
        inbox = await (await store.account(self.ada)).mailbox(INBOX)
        await inbox.append([NewMessage(Spool(mail("x" * 300 * 59, "number 59")))])
        self.assertEqual(await store.check(self.ada, quiet), [])

    async def test_progress(self):
        told = []
        await self.store().check(self.ada, lambda *far: told.append(far))
        self.assertEqual((told[0], told[-1]), ((0, MESSAGES), (MESSAGES, MESSAGES)))

    async def test_a_table_that_a_repair_left_out_when_it_was_killed(self):
        self.connect().execute("DROP TABLE uid_run")
        _, done, left = await self.repaired()
        self.assertIn("a damaged table: uid_run is made anew", done)
        self.assertEqual((left, self.messages()), ([], self.before))

    async def test_a_table_that_is_not_what_it_was(self):
        self.connect().execute("ALTER TABLE mailbox RENAME COLUMN uid_next TO next")
        found, _, left = await self.repaired()
        self.assertEqual(found, ["a table that is not what it should be: mailbox"])
        self.assertEqual(left, found)
        await self.assertFailure(Deferred.fromCoroutine(self.use(self.ada)), Corrupt)

    async def test_no_database_at_all(self):
        self.path.write_bytes(b"something else" * 1000)
        found, done, left = await self.repaired()
        self.assertIn("no database", found[0])
        self.assertEqual((done, left), ([], found))

    async def test_the_damaged_account_is_named_once(self):
        self.damage_pages("uid_run", wiped)
        lines = []
        globalLogPublisher.addObserver(lines.append)
        self.addCleanup(globalLogPublisher.removeObserver, lines.append)
        for _ in range(3):
            await self.assertFailure(Deferred.fromCoroutine(self.use(self.ada)), Corrupt)
        await deferLater(reactor, 0.05)
        said = [formatEvent(line) for line in lines if line["log_level"] is LogLevel.critical]
        self.assertEqual(len(said), 3)  # by three stores, each once
        self.assertIn("the account of ada is damaged, the others go on", said[0])
        self.assertIn("imapd check --user ada", said[0])


class RegisterTests(DamageCase):
    async def test_all_is_well(self):
        self.assertEqual(await self.store().check_register(), [])

    async def test_an_account_that_is_not_there(self):
        self.path.unlink()
        [problem] = await self.store().check_register()
        self.assertIn("the account of ada is not there", problem)

    async def test_an_account_of_nobody(self):
        stray = self.path.with_name("0" * 32 + ".db")
        shutil.copy(self.path, stray)
        self.assertEqual(await self.store().check_register(), [])
        os.utime(stray, (1, 1))
        [problem] = await self.store().check_register()
        self.assertIn(f"{stray} is nobody's account", problem)
