"""Octets that are packed closer with a dictionary, and pages that are given back."""

import contextlib
import random
from base64 import encodebytes
from itertools import product
from pathlib import Path

from twisted.internet.defer import Deferred, gatherResults

from mailstore.errors import Corrupt
from mailstore.interfaces import NewMessage
from mailstore.model import Field, StoreFlags
from mailstore.renderings import Rendering
from mailstore.spool import Spool
from mailstore.sqlite import account, dictionaries, repacking, shrinking
from mailstore.sqlite.check import unseen
from mailstore.sqlite.compression import AS_IT_IS, PLAIN, WITHOUT_DICTIONARY, Packing, train
from mailstore.sqlite.purging import purge
from mailstore.sqlite.repacking import repack
from mailstore.sqlite.shrinking import shrink
from tests.mailstore.contract import EVERYONE, SIZE, SUBJECT, flags, mail, name, uids
from tests.mailstore.sqlite.case import SqliteCase

WORDS = [f"word{number * 7919 % 1000}" for number in range(1000)]


def letter(number):
    """Return a message that has words in common with others."""
    chance = random.Random(number)
    return mail(" ".join(chance.choices(WORDS, k=150)), f"about {chance.choice(WORDS)} {number}")


def attachment(octets):
    """Return a message with so many octets in base64."""
    return mail(encodebytes(random.Random(octets).randbytes(octets)).decode().replace("\n", "\r\n"))


BODY = Rendering("test.body", 1, lambda message: bytes(message.octets[message.root.body :]))


class PackingTest(SqliteCase):
    renderings = (SUBJECT, SIZE, BODY)

    def setUp(self):
        self.patch(dictionaries, "LEAST_CONTENTS", 100)
        self.patch(dictionaries, "CHUNK_OCTETS", 4096)
        self.patch(dictionaries, "RENDERING_OCTETS", 4096)
        self.patch(repacking, "PAUSE_SECONDS", 0.0)
        return super().setUp()

    async def letters(self, first, last):
        spools = [Spool(letter(number)) for number in range(first, last)]
        await self.inbox.append([NewMessage(spool) for spool in spools])
        for spool in spools:
            spool.close()

    async def assert_all_there(self, count):
        sizes = await self.column(Field.SIZE)
        self.assertEqual(len(sizes), count)
        for uid in range(1, count + 1):
            self.assertEqual(await self.octets(uid), letter(uid))
        self.assertEqual(await self.column(SIZE), {uid: b"%d" % size for uid, size in sizes.items()})
        self.assertEqual(await self.column(BODY), {uid: letter(uid).partition(b"\r\n\r\n")[2] for uid in sizes})
        subjects = await self.column(SUBJECT)
        self.assertTrue(all(subject.endswith(b" %d" % uid) for uid, subject in subjects.items()))
        self.assertEqual(await self.account.check_consistency(), [])

    async def total(self, table):
        sql = f"SELECT ifnull(sum(length(octets)), 0) FROM {table}"
        return await self.account.database.read(lambda reader: reader.value(sql))

    async def codecs(self, table):
        sql = f"SELECT DISTINCT codec FROM {table} ORDER BY codec"
        return await self.account.database.read(lambda reader: [row[0] for row in reader.rows(sql)])

    async def test_a_little_mail_has_no_dictionary(self):
        await self.letters(1, 100)
        await repack(self.account.database, self.account.keeping.kinds)
        self.assertEqual(await self.codecs("chunk"), [PLAIN])
        self.assertEqual(await self.codecs("rendering"), [AS_IT_IS])

    async def test_what_came_in_before_is_packed_again(self):
        await self.letters(1, 150)
        before = await self.total("chunk")
        await self.account.tidy()
        self.assertLess(await self.total("chunk"), 0.8 * before)
        self.assertEqual(await self.codecs("chunk"), [PLAIN + 1])
        await self.assert_all_there(149)

    async def test_what_comes_in_afterwards_is_packed_with_it_at_once(self):
        await self.letters(1, 120)
        await self.account.tidy()
        await self.letters(120, 140)
        self.assertEqual(await self.codecs("chunk"), [PLAIN + 1])
        self.assertIn(PLAIN + 1, await self.codecs("rendering"))
        await self.assert_all_there(139)
        await self.reopen()
        await self.letters(140, 150)
        self.assertEqual(await self.codecs("chunk"), [PLAIN + 1])
        await self.assert_all_there(149)

    async def test_what_came_in_behind_one_that_is_under_way(self):
        await self.account.tidy()
        passed, ended = Deferred(), Deferred()

        async def wait(database):
            passed.callback(None)
            await ended

        self.patch(account, "shrink", wait)
        under_way = Deferred.fromCoroutine(self.account.tidy())
        await passed
        await self.letters(1, 120)
        self.patch(account, "shrink", shrink)
        tidied = [Deferred.fromCoroutine(self.account.tidy()) for _ in range(2)]
        ended.callback(None)
        await gatherResults([under_way, *tidied])
        self.assertEqual(await self.codecs("chunk"), [PLAIN + 1])

    async def test_another_one_when_there_is_many_times_as_much(self):
        self.patch(dictionaries, "GROWTH", 2)
        await self.letters(1, 110)
        await self.account.tidy()
        await self.letters(110, 230)
        await self.account.tidy()
        self.assertEqual(await self.codecs("chunk"), [PLAIN + 2])
        await self.assert_all_there(229)

    async def test_what_another_process_packs_with_an_older_one_stays_readable(self):
        self.patch(dictionaries, "GROWTH", 2)
        await self.letters(1, 110)
        await self.account.tidy()
        older = self.account.keeping
        await self.letters(110, 230)
        await self.account.tidy()
        self.account.keeping = older
        await self.letters(230, 240)
        self.assertEqual(await self.codecs("chunk"), [PLAIN + 1, PLAIN + 2])
        await self.assert_all_there(239)
        await self.account.tidy()
        self.assertEqual(await self.codecs("chunk"), [PLAIN + 2])
        await self.assert_all_there(239)

    async def test_what_comes_in_the_place_of_an_account_that_is_gone_has_a_dictionary_of_its_own(self):
        await self.letters(1, 100)
        kept = str(Path(self.mktemp()).absolute())
        backup = await self.store.backup(kept)
        await backup.update(await self.store.user("ada"), unseen)
        await backup.close()
        await self.letters(100, 120)
        await self.account.tidy()
        await self.store.delete_user("ada")
        user = await self.store.restore(kept, "ada", "ada", unseen)
        self.assertEqual(user.account, self.account.id)
        self.account = await self.store.account(user.account)
        self.inbox = await self.account.mailbox(name("INBOX"))
        await self.letters(100, 130)
        await self.account.tidy()
        await self.letters(130, 150)
        self.assertEqual(await self.codecs("chunk"), [PLAIN + 1])
        self.patch(dictionaries, "_cache", dictionaries._Cache())  # as another process sees it
        await self.assert_all_there(149)

    async def test_connections_share_what_they_have_read(self):
        await self.letters(1, 120)
        await self.account.tidy()
        pairs = [
            await self.account.database.read(dictionaries.newest),
            await self.account.database.read_in_thread(dictionaries.newest),
            await self.account.database.write(dictionaries.newest),
        ]
        self.assertEqual({id(pair) for pair in pairs}, {id(self.account.keeping.packing)})

    async def test_what_is_damaged_stays_as_it_is_and_the_others_are_packed(self):
        await self.letters(1, 120)
        damage = "UPDATE chunk SET codec = ? WHERE id / 65536 = 7"
        await self.account.database.write(lambda writer: writer.execute(damage, 9))
        await self.account.tidy()
        self.assertEqual(await self.codecs("chunk"), [PLAIN + 1, 9])
        await self.account.database.write(lambda writer: writer.execute(damage, PLAIN))
        await self.assert_all_there(119)

    async def test_contents_that_are_gone_are_passed_over(self):
        await self.letters(1, 150)
        await self.inbox.store(uids(7, 8), StoreFlags.ADD, flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)
        await purge(self.account.database, kept_days=-1)
        await repack(self.account.database, self.account.keeping.kinds)
        self.assertEqual(await self.account.check_consistency(), [])

    async def test_large_renderings_stay_as_they_are(self):
        self.patch(dictionaries, "LARGEST_RENDERING", 20)
        await self.letters(1, 120)
        await self.inbox.append([NewMessage(Spool(mail("x", "long " * 100)))])
        await self.account.tidy()
        self.assertEqual((await self.column(SUBJECT))[120], (b"long " * 100).strip())

    async def test_a_damaged_rendering_is_made_anew(self):
        await self.letters(1, 120)
        await self.account.tidy()
        await self.letters(120, 123)
        right = await self.column(SUBJECT)
        rows = f"id >> 8 = 121 AND codec = {PLAIN + 1}"
        [found] = await self.account.database.read(
            lambda reader: reader.rows(f"SELECT id, octets FROM rendering WHERE {rows} ORDER BY id LIMIT 1")
        )
        row, sound = found
        change = "UPDATE rendering SET octets = ? WHERE id = ?"
        for at in range(len(sound)):
            damaged = sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :]
            await self.account.database.write(lambda writer, to=damaged: writer.execute(change, to, row))
            self.assertEqual(await self.column(SUBJECT), right)

    async def test_a_damaged_rendering_does_not_come_into_a_block(self):
        await self.letters(1, 120)
        await self.account.tidy()
        await self.letters(120, 200)
        right = await self.column(SUBJECT)
        for change in ("octets = substr(octets, 2)", f"codec = {PLAIN}"):
            sql = f"UPDATE rendering SET {change} WHERE id IN (SELECT min(id) FROM rendering WHERE codec = {PLAIN + 1})"
            await self.account.database.write(lambda writer, sql=sql: writer.execute(sql))
        await self.account.tidy()
        self.assertEqual(await self.column(SUBJECT), right)
        await self.assert_all_there(199)

    async def test_a_rendering_whose_codec_is_of_no_dictionary(self):
        await self.letters(1, 3)
        await self.account.database.write(lambda writer: writer.execute(f"UPDATE rendering SET codec = {PLAIN}"))
        await self.assert_raises(Corrupt, self.column(SUBJECT))
        await self.account.database.write(lambda writer: writer.execute(f"UPDATE rendering SET codec = {AS_IT_IS}"))

    async def test_lines_of_base64(self):
        attached = [attachment(9000), attachment(150_000)]
        await self.inbox.append([NewMessage(Spool(octets)) for octets in attached])
        self.assertEqual(await self.codecs("chunk"), [~PLAIN])
        await self.assert_are(attached)
        for number in range(1, 120):
            await self.inbox.append([NewMessage(Spool(letter(number)))])
        await self.account.tidy()
        self.assertEqual(await self.codecs("chunk"), [~(PLAIN + 1), PLAIN + 1])
        await self.assert_are(attached)

    async def assert_are(self, attached):
        for uid, octets in enumerate(attached, 1):
            self.assertEqual(await self.octets(uid), octets)
            message = (await self.column(Field.MESSAGE, uids(uid)))[uid]
            self.assertEqual(await message.read(5000, len(octets) - 50), octets[5000:-50])
        self.assertEqual(await self.account.check_consistency(), [])

    async def test_damaged_lines_of_base64(self):
        await self.inbox.append([NewMessage(Spool(attachment(9000)))])
        database = self.account.database
        sound = await database.read(lambda reader: reader.value("SELECT octets FROM chunk"))
        change = "UPDATE chunk SET octets = ?"
        await database.write(lambda writer: writer.execute(change, sound[:99] + b"?" + sound[100:]))
        await self.assert_raises(Corrupt, self.octets(1))
        await database.write(lambda writer: writer.execute(change, sound))

    async def test_damage_of_what_gets_no_smaller(self):
        short, raw = mail("lunch at 12?"), mail("") + random.Random(1).randbytes(60_000)
        await self.inbox.append([NewMessage(Spool(octets)) for octets in (short, raw)])
        kept = "SELECT octets FROM chunk WHERE id = ?"
        change = "UPDATE chunk SET octets = ? WHERE id = ?"
        for uid, octets, at in ((1, short, b"12?"), (2, raw, raw[30_000:30_020])):
            row = uid << 16
            sound = await self.account.database.read(lambda reader, row=row: reader.value(kept, row))
            place = sound.index(at)
            for damaged in (sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :], sound):
                await self.account.database.write(lambda writer, row=(damaged, row): writer.execute(change, *row))
                if damaged != sound:
                    await self.assert_raises(Corrupt, self.octets(uid))
            self.assertEqual(await self.octets(uid), octets)

    async def test_what_was_kept_without_a_checksum_stays_readable(self):
        await self.letters(1, 120)
        change = "UPDATE chunk SET codec = ?, octets = ? WHERE id >> 16 = 7"
        await self.account.database.write(lambda writer: writer.execute(change, AS_IT_IS, letter(7)))
        await self.assert_all_there(119)
        await self.account.tidy()
        self.assertEqual(await self.codecs("chunk"), [PLAIN + 1])
        await self.assert_all_there(119)

    async def test_a_dictionary_that_is_not_there(self):
        await self.letters(1, 120)
        await self.account.tidy()
        await self.account.database.write(lambda writer: writer.execute("UPDATE chunk SET codec = 9"))
        await self.assert_raises(Corrupt, self.octets(1))
        await self.account.database.write(lambda writer: writer.execute(f"UPDATE chunk SET codec = {PLAIN + 1}"))


class ShrinkTest(SqliteCase):
    async def test_pages_are_given_back(self):
        self.patch(shrinking, "AT_ONCE", 10)
        large = Spool(random.Random(3).randbytes(900_000))
        await self.inbox.append([NewMessage(large, flags("\\Deleted"))])
        await self.append()
        await self.inbox.expunge(EVERYONE)
        await purge(self.account.database, kept_days=-1)
        free = await self.account.database.read(lambda reader: reader.value("PRAGMA freelist_count"))
        self.assertGreater(free, 200)
        await shrink(self.account.database, spare=4)
        free = await self.account.database.read(lambda reader: reader.value("PRAGMA freelist_count"))
        self.assertLessEqual(free, 4)
        self.assertEqual(await self.octets(2), mail())


class CompressionTest(SqliteCase):
    def test_there_and_back(self):
        samples = [letter(number) for number in range(300)]
        dictionary = train(samples, 4096)
        for packing in (WITHOUT_DICTIONARY, Packing(2, dictionary), Packing(2, dictionary, bare=True)):
            for octets in (b"", b"x", letter(1000), random.Random(1).randbytes(1000)):
                codec, packed = packing.pack(octets)
                self.assertEqual(octets if codec == AS_IT_IS else packing.unpack(packed, 1 << 16), octets)

    def test_what_gets_no_smaller(self):
        """It has a checksum all the same."""
        for packing, octets in product(
            (WITHOUT_DICTIONARY, Packing(PLAIN, bare=True)), (b"x", random.Random(1).randbytes(1000))
        ):
            codec, packed = packing.pack(octets)
            self.assertEqual(codec, PLAIN)
            for at in range(len(packed)):
                damaged = packed[:at] + bytes([packed[at] ^ 1]) + packed[at + 1 :]
                with contextlib.suppress(Corrupt):
                    self.assertEqual(packing.unpack(damaged, 1 << 16), octets, at)
                with contextlib.suppress(Corrupt):
                    self.assertEqual(packing.unpack_each([damaged], 1 << 16), [octets], at)

    def test_damage(self):
        codec, packed = WITHOUT_DICTIONARY.pack(b"x" * 1000)
        self.assertEqual(codec, PLAIN)
        for octets in (packed[:-1], packed[:-1] + b"?", b"", b"x"):
            self.assertRaises(Corrupt, WITHOUT_DICTIONARY.unpack, octets, 1000)
        self.assertRaises(Corrupt, WITHOUT_DICTIONARY.unpack_each, [packed, b"x"], 1000)

    def test_nothing_in_common(self):
        self.assertIsNone(train([b"", b"x"], 4096))
