"""The search index: with it, with half of it and without, the answers are the same."""

import random
from pathlib import Path

import apsw

from mailstore.errors import Corrupt, StoreError, Unavailable
from mailstore.fulltext import parts, postings
from mailstore.fulltext import text as fulltext_text
from mailstore.mime import Message
from mailstore.mime.casemap import casemap
from mailstore.mime.text import body_text, header_text
from mailstore.model import StoreFlags
from mailstore.query import Among, And, Body, Header, Not, Or, Text
from mailstore.sqlite import opening, schemas, searching
from mailstore.sqlite.check import unseen
from mailstore.sqlite.connections import PAGE
from mailstore.sqlite.index import checking, files, lookup, segments, sorting, texts, upkeep
from mailstore.sqlite.index.errors import IndexLost
from mailstore.sqlite.purging import purge
from mailstore.uidset import UidSet
from tests.mailstore import contract_search
from tests.mailstore.contract import EVERYONE, flags, mail, uids
from tests.mailstore.sqlite.indexing import IndexCase
from tests.mailstore.sqlite.letters import letter, needle


class IndexedSearchTests(IndexCase, contract_search.SearchContract):
    """The contract, when everything is indexed, and beside the reactor however few messages there are."""

    def setUp(self):
        self.patch(searching, "BRIEF", 0)
        return super().setUp()

    async def found(self, query, within=EVERYONE):
        self.index()
        return await super().found(query, within)


def plainly(octets, key):
    """Return whether a message holds what is sought, told without any of the store's ways."""
    message = Message(octets)
    fields = [(name, casemap(value)) for name, value in header_text(message)]
    body = "".join(casemap(piece) for piece in body_text(message))
    sought = casemap(key.text)
    match key:
        case Header(field):
            return any(name == field and sought in value for name, value in fields)
        case Body():
            return sought in body
        case Text():
            return sought in body or any(sought in f"{casemap(name)}: {value}" for name, value in fields)


class SameAnswersTest(IndexCase):
    """Many messages, many strings: every answer against a scan that knows nothing of the index."""

    def key(self, chance, octets):
        sought = needle(chance, octets)
        field = chance.choice(["subject", "from", "to", "x-odd", "odd", "id", "message-id", "cc"])
        return chance.choice([Text(sought), Body(sought), Header(field, sought)])

    async def assert_same(self, chance, letters, count):
        for _ in range(count):
            one, two = (self.key(chance, chance.choice(letters)) for _ in range(2))
            holds = [[plainly(octets, key) for octets in letters] for key in (one, two)]
            pairs = list(zip(*holds, strict=True))
            for query, expected in (
                (one, holds[0]),
                (Not(one), [not a for a, _ in pairs]),
                (And((one, Not(two))), [a and not b for a, b in pairs]),
                (Or((one, two)), [a or b for a, b in pairs]),
            ):
                right = uids(*(uid for uid, yes in enumerate(expected, 1) if yes))
                for within in (EVERYONE, UidSet([(1, len(letters))]), uids(*range(len(letters), 0, -3))):
                    self.assertEqual(await self.inbox.search(query, within), right & within, query)

    async def test_whatever_is_indexed(self):
        chance = random.Random(20)
        letters = []
        for stage in range(7):
            more = [letter(chance, len(letters) + number) for number in range(chance.choice([1, 2, 5, 9]))]
            await self.append(*more)
            letters += more
            if stage != 1:
                await self.assert_same(chance, letters, 12)
                self.index()
                await self.assert_same(chance, letters, 25)
        self.assertTrue(await self.look_in("SELECT count(*) FROM segment WHERE level > 1"))
        self.discard()
        await self.assert_same(chance, letters, 12)

    async def test_texts_in_many_pieces_and_of_too_many_trigrams(self):
        self.patch(fulltext_text, "PIECE", 40)
        self.patch(sorting, "MOST_TRIGRAMS", 150)
        self.patch(sorting, "MOST_POSTINGS", 400)
        chance = random.Random(21)
        letters = [letter(chance, number) for number in range(25)]
        await self.append(*letters)
        self.index()
        self.assertTrue(await self.look_in("SELECT count(*) FROM text WHERE further"))
        self.assertTrue(await self.look_in("SELECT count(*) FROM segment WHERE length(unsorted)"))
        await self.assert_same(chance, letters, 60)
        self.assertEqual(await self.account.check_consistency(), [])
        self.discard()  # one of other limits, to those who check it later

    async def test_texts_in_many_parts(self):
        self.patch(parts, "PART", 50)
        self.patch(parts, "OVERLAP", 4)
        self.patch(fulltext_text, "PIECE", 90)
        self.patch(sorting, "MOST_TRIGRAMS", 400)
        chance = random.Random(23)
        letters = [letter(chance, number) for number in range(30)]
        await self.append(*letters)
        self.index()
        places = await self.look_in("SELECT sum(length(contents)) / 8 FROM segment")
        self.assertGreater(places, len(letters) + 10)
        await self.assert_same(chance, letters, 80)
        self.assertEqual(await self.account.check_consistency(), [])
        self.patch(upkeep, "SWEEP_SECONDS", 0)
        await self.inbox.store(UidSet([(5, 9)]), StoreFlags.ADD, flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)
        await purge(self.account.database, kept_days=-1)
        bring_some(self.path, 30)
        self.assertEqual(await self.account.check_consistency(), [])
        self.discard()

    async def test_every_trigram_is_looked_up(self):
        """Strings of three octets are answered without a text, and by few lookups where they are long."""
        chance = random.Random(22)
        letters = [letter(chance, number) for number in range(16)]
        await self.append(*letters)
        self.index()
        self.patch(texts.Texts, "of", lambda *_: self.fail("a text was read"))
        for octets in letters:
            for sought in {needle(chance, octets) for _ in range(40)}:
                if len(casemap(sought).encode()) == 3:
                    expected = uids(*(uid for uid, each in enumerate(letters, 1) if plainly(each, Text(sought))))
                    self.assertEqual(await self.inbox.search(Text(sought), EVERYONE), expected, sought)


class KeepingTest(IndexCase):
    """What becomes of an index when the account, or the file itself, changes."""

    async def setUp(self):
        await super().setUp()
        await self.append(*(mail(f"number {number}.") for number in range(20)))
        self.index()

    async def assert_right(self):
        for number in (0, 7, 19):
            self.assertEqual(await self.inbox.search(Body(f"number {number}."), EVERYONE), uids(number + 1))

    async def test_it_may_be_deleted_at_any_time(self):
        await self.assert_right()
        self.discard()
        await self.assert_right()
        self.assertIsNone(await self.look_in("SELECT 1"))
        self.index()
        await self.assert_right()
        self.assertEqual(await self.look_in("SELECT upto FROM made"), 20)

    async def test_a_damaged_one_is_thrown_away(self):
        for damaged in ("first", "pages", "octets"):
            self.index()
            self.assertEqual(await self.look_in("SELECT upto FROM made"), 20)
            self.account.index.close()
            octets = bytearray(self.index_path.read_bytes())
            if damaged == "first":
                octets[:100] = bytes(100)
            elif damaged == "pages":
                octets[files.PAGE :] = bytes(len(octets) - files.PAGE)
            else:
                with apsw.Connection(str(self.index_path)) as connection:
                    connection.execute("UPDATE page SET codec = 1, octets = x'00'")
                octets = bytearray(self.index_path.read_bytes())
            self.index_path.write_bytes(octets)
            await self.assert_right()
            self.index()
            await self.assert_right()
            self.assertEqual(await self.look_in("SELECT upto FROM made"), 20, damaged)

    async def test_so_is_one_of_which_the_indexer_cannot_be_told(self):
        self.index()
        await self.assert_right()
        with apsw.Connection(str(self.index_path)) as connection:
            connection.execute("UPDATE page SET codec = 1, octets = x'00'")
        self.account.index._ring = self.refuse
        await self.assert_right()
        self.assertFalse(self.index_path.exists())

    def refuse(self):
        raise Unavailable("the disk failed")

    async def test_what_is_missing_is_missed(self):
        """Rows that are gone, or changed, though every page of the file is sound."""
        self.patch(postings, "PAGE", 60)
        self.patch(lookup, "FEW", 0)
        self.discard()
        self.index()
        for sql in (
            "DELETE FROM page WHERE id = (SELECT id FROM page ORDER BY id LIMIT 1 OFFSET 3)",
            "DELETE FROM page WHERE id % (1 << 24) = 0",
            "DELETE FROM page WHERE id IN (SELECT id FROM page WHERE id > 1 << 24 ORDER BY id DESC LIMIT 4)",
            "DELETE FROM segment WHERE id = (SELECT min(id) FROM segment)",
            "UPDATE segment SET last = last + 1 WHERE id = (SELECT min(id) FROM segment)",
            "UPDATE segment SET contents = CAST(contents || x'0000000000000000' AS BLOB)",
            "DELETE FROM field",
        ):
            with apsw.Connection(str(self.index_path)) as connection:
                connection.execute(sql)
            self.account.index.rest()
            for number in range(20):
                expected = uids(number + 1)
                self.assertEqual(await self.inbox.search(Text(f"number {number}."), EVERYONE), expected, sql)
                self.assertEqual(len(await self.inbox.search(Header("subject", "greet"), EVERYONE)), 20, sql)
            self.assertFalse(self.index_path.exists(), sql)
            self.index()

    async def test_one_of_another_version_is_made_anew(self):
        with apsw.Connection(str(self.index_path)) as connection:
            connection.execute("UPDATE made SET version = 'older'")
            connection.execute("DELETE FROM page")
        self.account.index.close()
        self.assertIsNone(await self.look_in("SELECT 1"))
        await self.assert_right()
        self.index()
        self.assertEqual(await self.look_in("SELECT version FROM made"), files.MADE_BY)
        await self.assert_right()

    async def test_one_that_is_ahead_of_a_restored_account_is_made_anew(self):
        await self.close(self.store)
        saved = self.path.read_bytes()
        for later in (["one", "two"], ["three", "four", "five"], ["six"]):
            self.path.write_bytes(saved)
            self.store = self.another_store()
            await self.reopen()
            await self.append(*(mail(f"it is {text}") for text in later))
            for step in (self.index, self.discard, self.index):
                for uid, text in enumerate(later, 21):
                    self.assertEqual(await self.inbox.search(Body(f"it is {text}"), EVERYONE), uids(uid))
                step()
            await self.close(self.store)
        self.store = self.another_store()

    async def test_segments_are_merged_level_by_level(self):
        for count, levels in (20, "2,2,1"), (7, "2,2,1,0"), (1, "2,2,2"), (28, "2,2,2,2,1,0"):
            await self.append(*(mail(f"{count} and {number}.") for number in range(count)))
            self.index()
            in_order = "SELECT group_concat(level) FROM (SELECT level FROM segment ORDER BY last)"
            self.assertEqual(await self.look_in(in_order), levels)
        await self.assert_right()

    async def test_segments_of_large_headers_are_left_as_they_are(self):
        self.patch(upkeep, "COLUMN_OCTETS", 0)
        self.discard()
        self.index()
        levels = await self.look_in("SELECT group_concat(level) FROM (SELECT level FROM segment ORDER BY last)")
        self.assertEqual(levels, "2,2,2,1,0")
        await self.assert_right()
        self.assertEqual(await self.account.check_consistency(), [])

    async def test_what_is_gone_for_good_leaves_it(self):
        self.patch(upkeep, "SWEEP_SECONDS", 0)
        self.patch(upkeep, "SWEPT_AT_ONCE", 5)
        await self.inbox.store(UidSet([(1, 15)]), StoreFlags.ADD, flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)
        self.index()
        self.assertEqual(await self.inbox.search(Body("number 7."), EVERYONE), uids(8))
        await purge(self.account.database, kept_days=-1)
        bring_some(self.path, 30)
        self.assertEqual(await self.look_in("SELECT count(*) FROM content"), 5)
        self.assertEqual(await self.look_in("SELECT min(id) FROM piece"), 16 << 16)
        self.assertEqual(await self.inbox.search(Body("number 7."), EVERYONE), uids())
        self.assertEqual(await self.inbox.search(Body("number 18."), EVERYONE), uids(19))
        every = await self.account.database.read_in_thread(
            lambda account: self.account.index.ask(account, lambda index: segments.every(index._reader))
        )
        self.assertLess(sum(len(segment.contents) for segment in every), 10)

    async def test_what_comes_back_is_indexed_again(self):
        self.patch(upkeep, "SWEEP_SECONDS", 0)
        await self.inbox.store(uids(8), StoreFlags.ADD, flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)
        await purge(self.account.database, kept_days=-1)
        bring_some(self.path, 10)
        await self.append(mail("number 7."))
        for _ in range(2):
            self.assertEqual(await self.inbox.search(Body("number 7."), EVERYONE), uids(21))
            bring_some(self.path, 10)

    async def test_a_damaged_message_stops_no_other(self):
        await self.append(mail("whole"), mail("broken"), mail("sound"))
        sql = "UPDATE chunk SET codec = 1, octets = x'00' WHERE id >> 16 = 22"
        await self.account.database.write(lambda writer: writer.execute(sql))
        self.index()
        self.assertEqual(await self.look_in("SELECT upto FROM made"), 23)
        self.assertEqual(await self.inbox.search(Body("sound"), uids(21, 23)), uids(23))
        await self.assert_raises(Corrupt, self.inbox.search(Body("sound"), EVERYONE))
        told = []
        for query, found in (
            (Body("sound"), uids(23)),
            (And((Body("whole"), Not(Body("sound")))), uids(21)),
            (And((Not(Body("number")), Not(Body("broken")))), uids(21, 23)),
            (Or((Among(uids(22)), Body("sound"))), uids(22, 23)),
        ):
            self.assertEqual(await self.inbox.search(query, EVERYONE, damaged=told.append), found)
        self.assertEqual(list(map(type, told)), [Corrupt] * 3)
        await self.append(mail("broken"))  # which mends it
        self.assertEqual(await self.inbox.search(Body("broken"), EVERYONE), uids(22, 24))

    async def test_it_goes_with_the_account(self):
        folder = self.path.parent
        await self.store.delete_user("ada")
        self.assertEqual(list(folder.iterdir()), [])

    async def test_nothing_is_left_of_an_account_that_goes_meanwhile(self):
        user = await self.store.add_user("bob", "hash")
        path = opening.account_path(Path(self.place), user.account)
        made = files.open_for_writing

        def made_late(account):
            opening.remove(account)
            return made(account)

        self.patch(upkeep, "open_for_writing", made_late)
        self.assertRaises(StoreError, upkeep.bring_up_to_date, path)
        self.assertEqual([file.name for file in path.parent.iterdir() if path.stem in file.name], [])
        await self.store.delete_user("bob")

    async def test_an_account_of_another_version_is_left_alone(self):
        await self.append(mail("later"))
        await self.account.database.write(lambda writer: writer.execute("PRAGMA user_version = 1000"))
        self.assertRaises(IndexLost, self.index)
        await self.account.database.write(
            lambda writer: writer.execute(f"PRAGMA user_version = {len(schemas.ACCOUNT)}")
        )


class CheckTest(IndexCase):
    """What an administrator is told."""

    async def setUp(self):
        await super().setUp()
        await self.append(*(mail(f"number {number}.") for number in range(20)))
        self.index()

    async def problems(self):
        return await self.account.check_consistency()

    def change(self, sql):
        with apsw.Connection(str(self.index_path)) as connection:
            connection.execute(sql)

    async def test_all_is_well(self):
        self.assertEqual(await self.problems(), [])
        await self.append(mail("one that is not taken yet"))
        self.assertEqual(await self.problems(), [])

    async def test_whatever_is_wrong_is_found(self):
        for sql, wrong in (
            ("UPDATE text SET octets = (SELECT octets FROM text WHERE id >> 16 = 2) WHERE id >> 16 = 1", "text"),
            ("DELETE FROM fresh", "text"),
            ("DELETE FROM page WHERE id = (SELECT max(id) FROM page)", "damaged"),
            (
                "UPDATE field SET (codec, octets) = (SELECT codec, octets FROM field AS other"
                " WHERE other.id = field.id - 1) WHERE id % 16 = 4",
                "postings",
            ),
            ("UPDATE field SET codec = 0, octets = zeroblob(length(octets))", "damaged"),
            ("UPDATE page SET octets = x'00', codec = 1", "damaged"),
            ("DROP TABLE segment", "damaged"),
        ):
            self.change(sql)
            problems = await self.problems()
            self.assertNotEqual(problems, [], sql)
            self.assertIn(wrong, problems[0])
            self.assertIn(f"delete {self.index_path}", problems[0])
            self.discard()
            self.index()
            self.assertEqual(await self.problems(), [])

    async def test_a_message_that_goes_meanwhile_is_no_fault(self):
        self.patch(checking, "CONTENTS", 5)
        known = checking._contents

        def gone(account):
            ids = known(account)
            return [*ids, max(ids) + 1]

        with apsw.Connection(str(self.index_path)) as connection:
            connection.execute("INSERT INTO content (id, object_id, size) VALUES (21, x'00', 3)")
        self.patch(checking, "_contents", gone)
        self.assertEqual(await self.problems(), [])

    async def test_one_that_is_about_to_be_made(self):
        self.discard()
        self.index_path.touch()
        self.assertEqual(await self.problems(), [])
        self.assertEqual(await self.inbox.search(Body("number 7."), EVERYONE), uids(8))

    async def test_one_that_somebody_makes_ready_is_not_damaged(self):
        self.patch(checking, "ATTEMPTS", 2)
        self.patch(checking, "PAUSE_SECONDS", 0.0)
        other = apsw.Connection(str(self.index_path))
        self.addCleanup(other.close)
        other.pragma("locking_mode", "EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE; COMMIT")
        self.assertEqual(await self.problems(), ["the search index: it cannot be read now; try again"])
        pause = self.account.database.pause

        def ready(seconds):
            other.close()
            return pause(seconds)

        self.patch(self.account.database, "pause", ready)
        self.assertEqual(await self.problems(), [])

    async def test_with_an_account_whose_pages_are_damaged_nobody_can_tell(self):
        read = self.account.database.read
        page = await read(lambda reader: reader.value("SELECT rootpage FROM sqlite_schema WHERE name = 'content'"))
        account = (await self.store.user("ada")).account
        await self.close(self.store)
        with self.path.open("r+b") as file:
            file.seek((page - 1) * PAGE)
            file.write(b"\xff" * PAGE)
        self.store = self.another_store()
        problems = await self.store.check(account, unseen)
        self.assertEqual(problems[-1], "the search index: nobody can tell, pages of the account are damaged")
        await self.store.repair(account, unseen)
        self.assertEqual(await self.store.check(account, unseen), [])

    async def test_repair_throws_it_away(self):
        self.change("DELETE FROM page")
        account = (await self.store.user("ada")).account
        self.assertIn("search index", (await self.store.repair(account, unseen))[-1])
        self.assertFalse(self.index_path.exists())
        self.assertEqual(await self.store.repair(account, unseen), [])


def bring_some(path, steps):
    """Take so many steps, of which sweeping is one that never ends."""
    some = upkeep.Upkeep(path)
    for _ in range(steps):
        some.step()
    some.close()
