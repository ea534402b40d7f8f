"""A message whose row says another size than its octets have."""

from contextlib import asynccontextmanager

from attrs import evolve

from mailstore.errors import Corrupt
from mailstore.mime import pack
from mailstore.model import Field
from mailstore.sqlite import contents
from mailstore.sqlite.contents import CHUNK
from tests.mailstore.contract import EVERYONE, SIZE, mail, uids
from tests.mailstore.sqlite.case import SqliteCase

LARGE = mail("".join(f"{number:9}\r\n" for number in range(9 * CHUNK // 11)))


class SizeTest(SqliteCase):
    async def write(self, sql, *bindings):
        await self.account.database.write(lambda writer: writer.execute(sql, *bindings))

    @asynccontextmanager
    async def sized(self, uid, size):
        """Have the row of a message say another size for a while."""
        change = "UPDATE message SET size = ? WHERE uid = ?"
        right = (await self.column(Field.SIZE, uids(uid)))[uid]
        await self.write(change, size, uid)
        yield
        await self.write(change, right, uid)

    async def message(self, uid):
        return (await self.column(Field.MESSAGE, uids(uid)))[uid]

    async def test_one_that_is_smaller_or_larger(self):
        await self.append(mail("a"), mail("b"))
        for size in (1, len(mail("a")) - 1, len(mail("a")) + 1, 10 * CHUNK):
            async with self.sized(1, size):
                message = await self.message(1)
                await self.assert_raises(Corrupt, message.read(0, message.size))
                await self.assert_raises(Corrupt, message.read(0, 1))
                self.assertEqual(await self.octets(2), mail("b"))
        self.assertEqual(await self.octets(1), mail("a"))

    async def test_one_of_many_chunks(self):
        await self.append(LARGE)
        for size in (len(LARGE) - 1, len(LARGE) - CHUNK, 6 * CHUNK + 9, 2 * CHUNK + 9, 6 * CHUNK, 2 * CHUNK):
            async with self.sized(1, size):
                message = await self.message(1)
                await self.assert_raises(Corrupt, message.read(0, message.size))
                await self.assert_raises(Corrupt, message.read(message.size - 9, message.size))
                self.assertEqual(await message.read(0, 9), LARGE[:9])
        self.assertEqual(await self.octets(1), LARGE)

    async def test_one_that_ends_with_a_chunk(self):
        for uid, count in enumerate((1, 2, 5), 1):
            octets = LARGE[: count * CHUNK]
            await self.append(octets)
            self.assertEqual(await self.octets(uid), octets)

    async def test_none_at_all(self):
        """Whoever asks for it, for many messages or for few, is told, and the administrator."""
        told = []
        self.patch(self.account.database, "_damaged", told.append)
        await self.append(*(mail(f"{number}") for number in range(60)))
        for size in (0, -21, -(1 << 40)):
            async with self.sized(7, size):
                for field in (Field.SIZE, Field.MESSAGE):
                    for within in (EVERYONE, uids(7)):
                        await self.assert_raises(Corrupt, self.column(field, within))
                self.assertEqual(len(await self.column(Field.FLAGS)), 60)
        self.assertEqual(list(map(type, told)), [Corrupt] * 12)

    async def test_an_empty_message_is_one(self):
        await self.append(b"", mail("b"))
        self.assertEqual(await self.column(Field.SIZE), {1: 0, 2: len(mail("b"))})
        self.assertEqual((await self.octets(1), await self.octets(2)), (b"", mail("b")))
        self.assertEqual((await self.column(SIZE))[1], b"0")

    async def test_what_is_made_of_a_message_is_made_of_no_piece_of_it(self):
        await self.append(mail("a"))
        for size in (len(mail("a")) - 1, 1, 0, -5):
            await self.write("UPDATE content SET size = ?", size)
            await self.assert_raises(Corrupt, self.account.database.read(lambda reader: contents.message(reader, 1)))
        await self.write("UPDATE content SET size = ?", len(mail("a")))

    async def test_a_tree_of_before_in_which_a_child_ends_behind_its_part(self):
        octets = (
            b"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n"
            b"--b\n--a\n\nx\n--a--\n"
        )
        await self.append(octets)
        now = await (await self.message(1)).root()
        inner = now.children[0]
        before = evolve(now, children=(evolve(inner, end=inner.end - 1), *now.children[1:]))
        await self.write("UPDATE structure SET octets = ?", pack(before))
        self.assertEqual(await (await self.message(1)).root(), before)
        await self.write("UPDATE structure SET octets = ?", pack(now))
