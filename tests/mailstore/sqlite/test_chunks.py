"""What is read of messages ahead of who takes one after the other."""

from contextlib import asynccontextmanager
from unittest.mock import patch

from mailstore.errors import Corrupt, Expunged
from mailstore.model import Field
from mailstore.sqlite import chunks, contents
from tests.mailstore.contract import EVERYONE, mail, uids
from tests.mailstore.sqlite.case import SqliteCase

LONG = contents.CHUNK // 2


def noting(asked):
    """Return what reads chunks, and notes how many."""
    found = contents.chunks

    def ask(reader, wanted):
        asked.append(len(wanted))
        return found(reader, wanted)

    return ask


class ChunksTest(SqliteCase):
    async def messages(self, wanted=EVERYONE):
        """Return messages as one fetch gives them."""
        [rows] = [rows async for rows in self.inbox.fetch(wanted, [Field.MESSAGE])]
        return rows.columns[Field.MESSAGE]

    async def read(self, message):
        return await message.read(0, message.size)

    async def questions(self, *messages):
        """Read messages whole; return how many chunks each question for chunks was about."""
        asked = []
        with patch.object(contents, "chunks", noting(asked)):
            for message in messages:
                await self.read(message)
        return asked

    @asynccontextmanager
    async def damaged(self, content, change):
        """Have the first chunk of a content changed for a while."""
        row = content << 16
        database = self.account.database
        [whole] = await database.read(lambda reader: reader.rows("SELECT codec, octets FROM chunk WHERE id = ?", row))
        await database.write(lambda writer: writer.execute(f"UPDATE chunk SET {change} WHERE id = ?", row))
        yield
        mend = "UPDATE chunk SET codec = ?, octets = ? WHERE id = ?"
        await database.write(lambda writer: writer.execute(mend, *whole, row))

    async def test_who_takes_one_after_the_other_has_the_next(self):
        texts = [mail(str(number)) for number in range(100)]
        await self.append(*texts)
        messages = await self.messages()
        self.assertEqual(await self.questions(*messages), [1, 32, 32, 32, 3])
        self.assertEqual([await self.read(message) for message in messages], texts)

    async def test_who_takes_one_has_no_other(self):
        await self.append(*map(mail, "abcd"))
        messages = await self.messages()
        self.assertEqual(await self.questions(*reversed(messages)), [1, 1, 1, 1])
        self.assertEqual(await self.questions(messages[2], messages[0], messages[2]), [1, 1, 1])

    async def test_parts_of_one_are_read_once(self):
        await self.append(mail("a"), mail("b"))
        first, second = await self.messages()
        self.assertEqual(await self.questions(first, first, second, second, second), [1, 1])
        self.assertEqual((await second.read(2, 4), await second.read(5, 3)), (mail("b")[2:4], b""))
        self.assertEqual(await second.read(second.size - 2, second.size + 9), b"\r\n")

    async def test_octets_that_are_held_are_bounded(self):
        await self.append(*(mail(f"{number}" * LONG) for number in range(9)))
        found = await self.questions(*await self.messages())
        self.assertEqual(found[:2], [1, chunks.OCTETS // (LONG + len(mail("")))])
        self.assertEqual(sum(found), 9)

    async def test_of_larger_messages_the_first_chunk_counts(self):
        texts = [mail(f"{number}" * 3 * contents.CHUNK) for number in range(3)]
        await self.append(*texts)
        messages = await self.messages()
        self.assertEqual([await message.read(0, 10) for message in messages], [text[:10] for text in texts])
        self.assertEqual([await self.read(message) for message in messages], texts)

    async def test_who_takes_all_of_one_has_all_of_the_next(self):
        texts = [mail(f"{number}" * 3 * LONG) for number in range(4)]
        await self.append(*texts)
        messages = await self.messages()
        self.assertEqual(await self.questions(*messages), [2, 4, 2])
        self.assertEqual([await self.read(message) for message in messages], texts)

    async def test_of_a_large_one_some_are_read_together(self):
        text = mail("".join(f"{number:9}\r\n" for number in range(9 * contents.CHUNK // 11)))
        await self.append(text, mail("b"))
        first, second = await self.messages()
        self.assertEqual(b"".join([piece async for piece in first.stream(0, first.size)]), text)
        self.assertEqual(b"".join([piece async for piece in first.stream(70_000, 200_000)]), text[70_000:200_000])
        self.assertEqual(await first.read(70_000, 200_000), text[70_000:200_000])
        self.assertEqual(await self.read(second), mail("b"))

    async def test_who_takes_one_in_pieces_has_the_next(self):
        text = mail("".join(f"{number:9}\r\n" for number in range(9 * contents.CHUNK // 11)))
        await self.append(text, mail("b"))
        for piece in (contents.CHUNK, 50_000, 3 * contents.CHUNK):
            first, _ = await self.messages()
            asked, starts = [], range(0, len(text), piece)
            with patch.object(contents, "chunks", noting(asked)):
                pieces = [await first.read(start, start + piece) for start in starts]
            self.assertEqual(b"".join(pieces), text)
            self.assertEqual(sum(asked), len(set(range(-(-len(text) // contents.CHUNK)))), (piece, asked))
            self.assertLess(len(asked), 5, piece)

    async def test_who_goes_elsewhere_has_no_more_than_he_asks_for(self):
        await self.append(mail("a" * 9 * contents.CHUNK))
        [message] = await self.messages()
        asked = []
        with patch.object(contents, "chunks", noting(asked)):
            for number in (0, 5, 3, 7):
                await message.read(number * contents.CHUNK, (number + 1) * contents.CHUNK)
            async for _ in message.stream(0, 5 * contents.CHUNK):
                pass
        self.assertEqual(asked, [1, 1, 1, 1, 4, 1])

    async def test_a_damaged_neighbour_is_no_harm(self):
        texts = list(map(mail, "abcdef"))
        await self.append(*texts)
        messages = await self.messages()
        for change in ("octets = x'00'", "codec = 9"):
            async with self.damaged(4, change):
                for message, text in zip(messages, texts, strict=True):
                    if text == mail("d"):
                        await self.assert_raises(Corrupt, self.read(message))
                    else:
                        self.assertEqual(await self.read(message), text)

    async def test_what_is_too_short_is_damage(self):
        await self.append(mail("a"), mail("b"))
        first, second = await self.messages()
        async with self.damaged(2, "octets = substr(octets, 1, 20), codec = 0"):
            self.assertEqual(await self.read(first), mail("a"))
            await self.assert_raises(Corrupt, self.read(second))

    async def test_what_is_gone_for_good(self):
        await self.append(mail("a"), mail("b"), mail("c"))
        first, second, third = await self.messages()
        await self.inbox.remove(uids(2))
        await self.account.forget_expunged(None, 0)
        self.assertEqual(await self.read(first), mail("a"))
        await self.assert_raises(Expunged, self.read(second))
        self.assertEqual(await self.read(third), mail("c"))
