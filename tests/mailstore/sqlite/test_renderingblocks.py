"""What renderings made is gathered in blocks, and is the same there."""

from itertools import pairwise
from types import SimpleNamespace

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.threads import blockingCallFromThread

from mailstore.errors import NotFound, Unavailable
from mailstore.interfaces import NewMessage
from mailstore.mime import Message
from mailstore.model import Field, StoreFlags
from mailstore.renderings import IfKept, Rendering
from mailstore.spool import Spool
from mailstore.sqlite import (
    condensing,
    connections,
    contents,
    dictionaries,
    purging,
    rendered,
    renderingblocks,
    repacking,
    selections,
)
from mailstore.sqlite.blockfile import BlockFile
from mailstore.sqlite.condensing import condense
from mailstore.sqlite.purging import purge
from mailstore.sqlite.renderingblocks import BLOCKS, CONTENTS, Made, add, lacking, made, made_of
from mailstore.sqlite.renderings import KINDS, settle
from mailstore.sqlite.repacking import repack
from mailstore.sqlite.transactions import Reader
from tests.mailstore.contract import EVERYONE, SIZE, SUBJECT, flags, mail, uids
from tests.mailstore.sqlite.case import SqliteCase

FEW = 2 * CONTENTS + 5
"""Messages: contents from 1 are the first block, from `CONTENTS` the second, and the rest is in the newest."""


def refused(file, octets, place):
    raise Unavailable("as if")


def subject(uid):
    return b"x" * (uid * 37 % 200) if uid % 5 else b""


class BlockCase(SqliteCase):
    renderings = (SUBJECT, SIZE)

    async def setUp(self):
        await super().setUp()
        self.patch(repacking, "PAUSE_SECONDS", 0.0)
        self.made = []
        await self.letters(1, FEW + 1)

    async def letters(self, first, last):
        spools = [Spool(mail(f"body {uid}", subject(uid).decode())) for uid in range(first, last)]
        await self.inbox.append([NewMessage(spool) for spool in spools])
        for spool in spools:
            spool.close()

    def counted(self, version, *, late=False):
        def make(message: Message) -> bytes:
            self.made.append(version)
            return b"%d: %b" % (version, SUBJECT.make(message))

        return Rendering("test.counted", version, make, late)

    async def use(self, *renderings):
        self.renderings = renderings
        await self.reopen()

    async def write(self, sql, *bindings):
        await self.account.database.write(lambda writer: writer.execute(sql, *bindings))

    async def ids(self, table):
        return await self.account.database.read(lambda r: [row for (row,) in r.rows(f"SELECT id FROM {table}")])

    async def assert_all_there(self, gone=()):
        there = [uid for uid in range(1, FEW + 1) if uid not in gone]
        self.assertEqual(await self.column(SUBJECT), {uid: subject(uid) for uid in there})
        self.assertEqual(list(await self.column(SIZE)), there)
        self.assertEqual(await self.account.check_consistency(), [])

    async def assert_same_without_blocks(self):
        """Whatever is wrong with them, all is made anew, and put into blocks again."""
        for _ in range(2):
            self.assertEqual(await self.column(SUBJECT), {uid: subject(uid) for uid in range(1, FEW + 1)})
            await self.settle()
        await self.assert_all_there()

    @property
    def file(self):
        return self.account.database.path.with_suffix(".blocks")

    async def expunge(self, *gone):
        await self.inbox.store(uids(*gone) if gone else EVERYONE, StoreFlags.ADD, flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)
        await purge(self.account.database, kept_days=-1)

    async def settle(self):
        await repack(self.account.database, self.account.keeping.kinds)


class BlockTests(BlockCase):
    async def test_all_but_the_newest_block_is_gathered(self):
        await self.settle()
        self.assertEqual({row % BLOCKS for row in await self.ids("rendering_block")}, {0, 1})
        self.assertEqual({row // KINDS // CONTENTS for row in await self.ids("rendering")}, {2})
        await self.assert_all_there()
        self.assertEqual((await self.column(IfKept(SUBJECT)))[3], subject(3))

    async def test_one_message_and_some_in_any_order_of_contents(self):
        await self.settle()
        await self.inbox.copy(uids(40, 3, CONTENTS + 2), "INBOX")
        await self.inbox.copy(uids(2), "INBOX")
        self.assertEqual(await self.column(SUBJECT, uids(33)), {33: subject(33)})
        last = await self.column(SUBJECT, uids(FEW + 1, FEW + 2, FEW + 3, FEW + 4))
        self.assertEqual(list(last.values()), [subject(3), subject(40), subject(CONTENTS + 2), subject(2)])

    async def test_what_is_too_large_stays_outside(self):
        self.patch(dictionaries, "LARGEST_RENDERING", 100)
        await self.settle()
        large = {uid for uid in range(1, 2 * CONTENTS) if len(subject(uid)) > 100}
        outside = {row // KINDS for row in await self.ids("rendering")} - set(range(2 * CONTENTS, FEW + 1))
        self.assertEqual(outside, large)
        await self.assert_all_there()

    async def test_a_batch_is_bounded(self):
        await self.settle()
        self.patch(rendered, "BATCH_OCTETS", 1000)
        batches = [len(rows.uids) async for rows in self.inbox.fetch(EVERYONE, [SUBJECT, SIZE])]
        self.assertEqual(sum(batches), FEW)
        self.assertEqual(batches[:2], [CONTENTS - 1, CONTENTS])

    async def test_some_are_in_blocks_and_some_are_not(self):
        await self.settle()
        await self.write("DELETE FROM rendering_block WHERE id % ? = 0", BLOCKS)
        self.patch(rendered, "BATCH_OCTETS", 1000)
        await self.assert_all_there()
        single = [row for row in await self.ids("rendering") if row // KINDS < CONTENTS]
        self.assertEqual(len(single), 2 * (CONTENTS - 1))
        await self.settle()
        await self.assert_all_there()

    async def test_another_version(self):
        for version in (1, 2):
            rendering = self.counted(version)
            await self.use(rendering)
            self.made.clear()
            for _ in range(2):
                found = await self.column(rendering)
                self.assertEqual(found, {uid: b"%d: %b" % (version, subject(uid)) for uid in range(1, FEW + 1)})
                await self.settle()
            self.assertEqual(self.made, [version] * FEW)
        self.assertEqual(await self.account.check_consistency(), [])

    async def test_what_is_gone_is_in_no_block(self):
        await self.settle()
        gone = [1, 2, CONTENTS - 9, *range(CONTENTS + 2, CONTENTS + 12)]
        await self.expunge(*gone)
        await self.assert_all_there(gone)
        await self.expunge()
        self.assertEqual(await self.ids("rendering_block"), [])
        self.assertEqual(await self.ids("rendering"), [])

    async def test_damaged_rows(self):
        places = ("place = -1", "place = place + 1", "place = 1 << 62")
        for change in ("mark = 7", *places, "length = 0", "length = length + 1", "length = 1 << 60"):
            await self.settle()
            await self.write(f"UPDATE rendering_block SET {change}")
            await self.assert_same_without_blocks()

    async def test_a_damaged_file(self):
        for octets in (b"", b"x", b"x" * 200, b"\0" * 100_000):
            await self.settle()
            self.file.write_bytes(octets)
            await self.assert_same_without_blocks()

    async def test_a_file_that_is_gone(self):
        await self.settle()
        self.file.unlink()
        await self.reopen()
        await self.assert_same_without_blocks()

    async def test_a_file_that_goes_while_the_account_is_open(self):
        await self.settle()
        await self.assert_all_there()
        self.file.unlink()
        await self.account.tidy()
        await self.assert_all_there()
        await self.settle()
        await self.assert_all_there()
        kept = await self.column(IfKept(SUBJECT))
        self.assertEqual(kept, {uid: subject(uid) for uid in range(1, FEW + 1)})
        self.assertEqual({row // KINDS // CONTENTS for row in await self.ids("rendering")}, {2})
        self.assertTrue(self.file.exists())

    async def test_who_still_has_an_account_that_was_removed_leaves_no_file(self):
        folder = self.path.parent
        self.store._hearing.ignore(self.account.bell)
        await self.another_store().delete_user("ada")
        await self.settle()
        self.assertEqual(list(folder.glob("*")), [])

    async def test_the_file_of_another_history(self):
        """An administrator puts an older database back: its rows speak of what the file has other octets for."""
        await self.settle()
        rows = await self.account.database.read(lambda reader: reader.rows("SELECT * FROM rendering_block"))
        for uid in (3, 2 * CONTENTS - 3):
            await self.expunge(uid)
        self.patch(condensing, "SPARE_OCTETS", -1 << 20)
        await condense(self.account.database)
        await self.account.database.write(lambda writer: writer.executemany(
            "INSERT OR REPLACE INTO rendering_block VALUES (?, ?, ?, ?, ?)", rows
        ))  # fmt: skip
        there = {uid: subject(uid) for uid in range(1, FEW + 1) if uid not in (3, 2 * CONTENTS - 3)}
        self.assertEqual(await self.column(SUBJECT), there)
        await self.write("DELETE FROM rendering_block")

    async def test_a_full_disk(self):
        await self.settle()
        self.patch(BlockFile, "write", refused)
        await self.expunge(1)
        self.assertEqual({row % BLOCKS for row in await self.ids("rendering_block")}, {1})
        await self.assert_all_there([1])
        await self.assert_raises(Unavailable, self.settle())
        await self.assert_all_there([1])

    async def test_pieces_of_a_kind_follow_one_another(self):
        self.patch(renderingblocks, "EXTENT", 1000)
        await self.letters(FEW + 1, 20 * FEW)
        await self.settle()
        sql = "SELECT id / ?, place, place + length FROM rendering_block ORDER BY place"
        rows = await self.account.database.read(lambda reader: reader.rows(sql, BLOCKS))
        follow = [stop == start for (kind, _, stop), (other, start, _) in pairwise(rows) if kind == other]
        self.assertGreater(sum(follow), len(rows) // 3)
        self.assertEqual([stop for (_, _, stop), (_, start, _) in pairwise(rows) if stop > start], [])
        extents = {(kind, place // 1000) for kind, place, _ in rows}
        self.assertEqual(len(extents), len({extent for _, extent in extents}))

    async def test_a_file_of_which_little_is_in_use_becomes_shorter(self):
        await self.settle()
        self.patch(condensing, "SPARE_OCTETS", 0)
        self.patch(condensing, "AT_ONCE", 1)
        for uid in range(1, 30):
            await self.expunge(uid)
        await self.write("UPDATE rendering_block SET length = 0 WHERE id % ? = 1 AND id < ?", BLOCKS, 2 * BLOCKS)
        before = self.file.stat().st_size
        await condense(self.account.database)
        sizes = await self.account.database.read(lambda reader: reader.value("SELECT sum(length) FROM rendering_block"))
        self.assertEqual(self.file.stat().st_size, sizes)
        self.assertLess(sizes, before)
        await self.assert_all_there(range(1, 30))

    async def test_while_space_is_short_nothing_is_left_of_what_was_dropped(self):
        await self.settle()
        self.patch(condensing, "SPARE_OCTETS", 0)
        self.patch(purging, "is_short", lambda folder: True)
        await self.inbox.store(uids(*range(1, 100, 5)), StoreFlags.ADD, flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)
        await self.write("UPDATE message SET expunged_at = expunged_at - 60")
        await purge(self.account.database, kept_days=7)
        sizes = await self.account.database.read(lambda reader: reader.value("SELECT sum(length) FROM rendering_block"))
        self.assertEqual(self.file.stat().st_size, sizes)

    async def test_nothing_is_lost_when_another_change_fails_while_it_becomes_shorter(self):
        await self.fill_loosely()

        def fail(writer):
            raise NotFound("as if")

        first = self.account.database.write(lambda writer: None)
        shorter = Deferred.fromCoroutine(condense(self.account.database))
        await self.assert_raises(NotFound, self.account.database.write(fail))
        await first
        await shorter
        self.assertEqual(await self.account.check_consistency(), [])

    async def test_nothing_is_lost_that_is_written_while_it_becomes_shorter(self):
        await self.fill_loosely()
        self.patch(condensing, "AT_ONCE", 3)
        rest, wait = [70, 140, 210, 280], self.account.database.pause

        async def pause(seconds):
            await wait(seconds)
            if rest:
                await self.expunge(rest.pop())

        self.patch(self.account.database, "pause", pause)
        await condense(self.account.database)
        self.assertEqual(rest, [])
        self.assertEqual(await self.account.check_consistency(), [])

    async def test_who_checks_while_another_process_makes_it_shorter_finds_nothing(self):
        await self.fill_loosely()
        other = await self.another_store().account(self.account.id)
        read, waiting = BlockFile.read, [other.database]

        def read_late(file, piece):
            while waiting:
                blockingCallFromThread(reactor, lambda: Deferred.fromCoroutine(condense(waiting.pop())))
            return read(file, piece)

        self.patch(BlockFile, "read", read_late)
        self.assertEqual(await self.account.check_consistency(), [])
        self.assertEqual(waiting, [])
        await other.release()

    async def fill_loosely(self):
        self.patch(condensing, "SPARE_OCTETS", -1 << 20)
        await self.letters(FEW + 1, 6 * CONTENTS)
        await self.settle()
        for uid in range(1, 6 * CONTENTS, 11):
            await self.expunge(uid)

    async def test_who_reads_while_it_becomes_shorter_reads_the_same(self):
        await self.settle()
        self.patch(condensing, "SPARE_OCTETS", -1 << 20)
        for uid in range(1, 30):
            await self.expunge(uid)
        other = connections.reading(self.account.database.path)
        self.addCleanup(other.close)
        other.execute("BEGIN")
        reader = Reader(other)
        kind = self.account.keeping.kinds.number(SUBJECT)
        before = [made(reader, kind, 1, [content], 1000)[0] for content in range(30, 2 * CONTENTS)]
        await condense(self.account.database)
        after = [made(reader, kind, 1, [content], 1000)[0] for content in range(30, 2 * CONTENTS)]
        other.execute("COMMIT")
        self.assertEqual(before, [subject(uid) for uid in range(30, 2 * CONTENTS)])
        self.assertEqual([each for each in after if each is not None and each not in before], [])
        self.assertEqual([made(reader, kind, 1, [content], 1000)[0] for content in range(30, 2 * CONTENTS)], before)

    async def test_of_a_damaged_block_nothing_is_left_when_something_goes(self):
        await self.settle()
        await self.write("UPDATE rendering_block SET mark = 7 WHERE id % ? = 0", BLOCKS)
        await self.expunge(1)
        await self.assert_all_there([1])


class BatchesTests(BlockCase):
    """A fetch of more than a batch goes on in the block in which the last batch ended."""

    async def setUp(self):
        await super().setUp()
        self.patch(selections, "BLOCK", 50)
        await self.reopen()
        await self.settle()

    async def test_no_block_is_read_twice(self):
        read, pieces = BlockFile.read, []
        self.patch(BlockFile, "read", lambda file, piece: pieces.append(piece) or read(file, piece))
        found = [rows async for rows in self.inbox.fetch(EVERYONE, [SUBJECT, SIZE])]
        self.assertEqual([octets for rows in found for octets in rows.columns[SUBJECT]],
                         [subject(uid) for uid in range(1, FEW + 1)])  # fmt: skip
        self.assertEqual((len(found), len(pieces), len(set(pieces))), (3, 4, 4))

    async def test_one_that_is_written_between_two_batches_is_read_anew(self):
        batches = self.inbox.fetch(EVERYONE, [SUBJECT])
        await anext(batches)
        kind = self.account.keeping.kinds.number(SUBJECT)
        new = [Made(kind, 1, content, b"new") for content in range(CONTENTS)]
        await self.account.database.write(lambda writer: add(writer, 0, new))
        rows = await anext(batches)
        at = rows.uids.index(CONTENTS - 1)
        self.assertEqual(rows.columns[SUBJECT][: at + 2], [*([b"new"] * (at + 1)), subject(CONTENTS)])
        await self.account.database.write(renderingblocks.forget)  # for it was not what SUBJECT makes

    async def test_one_that_goes_between_two_batches_is_not_there(self):
        batches = self.inbox.fetch(EVERYONE, [SUBJECT, Field.SIZE])
        await anext(batches)
        await self.expunge(*range(10, CONTENTS + 3))
        found = [rows async for rows in batches]
        there = [uid for rows in found for uid in rows.uids]
        self.assertEqual(there, list(range(CONTENTS + 3, FEW + 1)))
        self.assertEqual([each for rows in found for each in rows.columns[SUBJECT]], list(map(subject, there)))


class LateTests(BlockCase):
    """A rendering that is made when what came in is put in order."""

    async def use_late(self, version=1):
        late = self.counted(version, late=True)
        await self.use(SUBJECT, late)
        return late

    async def test_it_is_made_once_for_what_has_settled(self):
        late = await self.use_late()
        await self.letters(FEW + 1, 2 * FEW + 1)
        self.assertEqual(set((await self.column(IfKept(late))).values()), {None})
        for _ in range(3):
            await self.settle()
        column = await self.column(IfKept(late))
        settled = 2 * FEW // CONTENTS * CONTENTS
        self.assertEqual({uid for uid, octets in column.items() if octets is None}, set(range(settled, 2 * FEW + 1)))
        self.assertEqual({octets for uid, octets in column.items() if uid < settled},
                         {b"1: " + subject(uid) for uid in range(1, settled)})  # fmt: skip
        self.assertEqual(len(self.made), settled - 1)
        self.assertEqual(await self.account.check_consistency(), [])

    async def test_blocks_that_were_made_without_it_get_it(self):
        await self.settle()
        late = await self.use_late()
        await self.settle()
        self.assertEqual((await self.column(IfKept(late)))[5 * CONTENTS // 4], b"1: " + subject(5 * CONTENTS // 4))
        late = await self.use_late(version=2)
        await self.settle()
        self.assertEqual((await self.column(IfKept(late)))[1], b"2: " + subject(1))
        self.assertEqual(self.made.count(2), 2 * CONTENTS - 1)

    async def test_who_needs_it_has_it_made(self):
        late = await self.use_late()
        for _ in range(2):
            column = await self.column(late)
            self.assertEqual(column, {uid: b"1: " + subject(uid) for uid in range(1, FEW + 1)})
            await self.settle()

    async def test_a_wrong_one_is_found(self):
        late = await self.use_late()
        await self.settle()
        kinds = self.account.keeping.kinds
        right, wrong = (kinds.number(each) * BLOCKS for each in (late, SUBJECT))
        await self.write("DELETE FROM rendering_block WHERE id = ?", right)
        await self.write("UPDATE rendering_block SET id = ? WHERE id = ?", right, wrong)
        problems = await self.account.check_consistency()
        self.assertIn("content 1: a wrong rendering", problems)
        await self.write("DELETE FROM rendering_block")

    async def test_a_large_one_and_one_of_a_damaged_message_are_missing(self):
        self.patch(dictionaries, "LARGEST_RENDERING", 100)
        late = await self.use_late()
        await self.write("UPDATE chunk SET id = -id WHERE id / 65536 = 2")
        for _ in range(2):
            await self.settle()
        column = await self.column(IfKept(late))
        large = {uid for uid in range(1, FEW) if len(subject(uid)) > 97}
        missing = {uid for uid, octets in column.items() if octets is None}
        self.assertEqual(missing, large | {2} | set(range(2 * CONTENTS, FEW + 1)))
        self.assertEqual(len(self.made), 2 * CONTENTS - 2)
        await self.write("UPDATE chunk SET id = -id WHERE id < 0")

    async def test_a_damaged_block_is_missing(self):
        late = await self.use_late()
        await self.settle()
        for change in ("mark = 7", "length = length - 1"):
            sql = f"UPDATE rendering_block SET {change} WHERE id = ?"
            await self.write(sql, self.account.keeping.kinds.number(late) * BLOCKS)
            self.assertEqual(await self.column(late), {uid: b"1: " + subject(uid) for uid in range(1, FEW + 1)})
            kept = await self.column(IfKept(late))
            self.assertEqual((kept[1], kept[CONTENTS]), (None, b"1: " + subject(CONTENTS)))
        await self.write("DELETE FROM rendering_block")

    async def test_with_the_file_it_is_not_lost_for_good(self):
        late = await self.use_late()
        await self.settle()
        before = await self.column(IfKept(late))
        self.file.unlink()
        await self.reopen()
        await self.letters(FEW + 1, 2 * FEW)
        await self.settle()
        await self.account.tidy()
        after = await self.column(IfKept(late))
        self.assertEqual({uid: after[uid] for uid in before if uid < 2 * CONTENTS},
                         {uid: b"1: " + subject(uid) for uid in range(1, 2 * CONTENTS)})  # fmt: skip

    async def test_behind_a_damaged_block_the_others_are_gathered(self):
        await self.settle()
        await self.write("UPDATE rendering_block SET mark = 7 WHERE id % ? = 0", BLOCKS)
        late = await self.use_late()
        await self.settle()
        kept = await self.column(IfKept(late))
        self.assertEqual((kept[1], kept[CONTENTS]), (b"1: " + subject(1), b"1: " + subject(CONTENTS)))

    async def test_of_what_makes_no_sense_nothing_is_made(self):
        def whole(reader, content):
            return contents.whole(reader, content) if content != 2 else b"\xff".decode()

        late = await self.use_late()
        self.patch(repacking, "contents", SimpleNamespace(whole=whole))
        await self.settle()
        kept = await self.column(IfKept(late))
        self.assertEqual((kept[1], kept[2]), (b"1: " + subject(1), None))

    async def test_it_is_made_of_the_octets_that_came_in_a_few_at_a_time(self):
        self.patch(repacking, "LATE_OCTETS", 1000)
        late = await self.use_late()
        await self.write("UPDATE content SET size = size - 40 WHERE id = 3")
        await self.write("UPDATE chunk SET codec = 0, octets = ? WHERE id / 65536 = 7", mail("other", "other"))
        await self.settle()
        kept = await self.column(IfKept(late), uids(*range(1, CONTENTS)))
        expected = {uid: None if uid == 7 else b"1: " + subject(uid) for uid in range(1, CONTENTS)}
        self.assertEqual(kept, expected)
        await self.write("UPDATE content SET size = size + 40 WHERE id = 3")
        await self.letters(7, 8)

    async def test_of_what_is_damaged_and_comes_in_again_all_is_made_anew(self):
        late = await self.use_late()
        await self.settle()
        kinds = self.account.keeping.kinds
        wrong = [Made(kinds.number(by), by.version, 3, b"wrong") for by in kinds.registered]
        await self.account.database.write(lambda writer: add(writer, 0, wrong))
        await self.write("UPDATE content SET size = 12 WHERE id = 3")
        await self.write("UPDATE chunk SET codec = 0, octets = x'00' WHERE id / 65536 = 3")
        await self.letters(3, 4)
        self.assertEqual((await self.column(late))[3], b"1: " + subject(3))
        self.assertEqual(await self.octets(3), await self.octets(FEW + 1))
        self.assertEqual(await self.account.check_consistency(), [])

    async def test_of_what_goes_meanwhile_nothing_is_kept(self):
        late = await self.use_late()
        kinds = self.account.keeping.kinds
        made = [Made(kinds.number(late), 1, content, b"1: " + subject(content)) for content in range(1, CONTENTS)]
        await self.expunge(3)
        await self.account.database.write(lambda writer: settle(writer, kinds, 0, made))
        found = await self.account.database.read(lambda reader: made_of(reader, 3))
        self.assertEqual(found, [])
        self.assertEqual((await self.column(IfKept(late)))[4], b"1: " + subject(4))

    async def test_a_block_whose_contents_go_meanwhile_lacks_nothing(self):
        await self.use_late()
        await self.settle()
        await self.expunge()
        asked = self.account.database.read_in_thread(lambda reader: lacking(reader, 1, 1, 0))
        self.assertEqual(await asked, [])

    async def test_a_block_of_nothing_has_no_row(self):
        await self.use_late()
        await self.expunge()
        await self.settle()
        self.assertEqual(await self.ids("rendering_block"), [])
