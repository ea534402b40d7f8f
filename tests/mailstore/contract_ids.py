"""What a message is called wherever it is, its conversation, and when it was saved."""

from datetime import date, datetime, timedelta, timezone
from hashlib import blake2b

from mailstore.model import EmailId, Field, InternalDate, ThreadId
from mailstore.names import INBOX
from mailstore.query import HasEmailId, InThread, Not, SavedBefore
from mailstore.uidset import EMPTY
from tests.mailstore.contract import EVERYONE, StoreCase, mail, name, uids


def letter(own: str = "", answers: str = "", references: str = "") -> bytes:
    """Return a message with these message ids, each without its brackets."""
    fields = {"Message-ID": own, "In-Reply-To": answers, "References": references}
    lines = [f"{field}: " + " ".join(f"<{each}>" for each in ids.split()) for field, ids in fields.items() if ids]
    return "\r\n".join([*lines, "", f"{own} {answers} {references}"]).encode()


class EmailIdContract(StoreCase):
    async def test_the_same_octets_have_the_same_id(self):
        await self.append(mail("one"), mail("two"), mail("one"))
        ids = await self.column(Field.EMAIL_ID)
        self.assertEqual(ids[1], ids[3])
        self.assertNotEqual(ids[1], ids[2])

    async def test_the_digest_of_the_octets(self):
        await self.append(mail("one"), b"")
        digests = [blake2b(octets, digest_size=32).digest() for octets in (mail("one"), b"")]
        self.assertEqual(list((await self.column(Field.DIGEST)).values()), digests)

    async def test_copies_keep_it(self):
        await self.append(mail("one"))
        await self.account.create(name("work"))
        work = await self.account.mailbox(name("work"))
        before = [(await self.column(each))[1] for each in (Field.EMAIL_ID, Field.THREAD_ID)]
        await self.inbox.move(uids(1), name("work"))
        after = [(await self.column(each, mailbox=work))[1] for each in (Field.EMAIL_ID, Field.THREAD_ID)]
        self.assertEqual(after, before)

    async def test_search(self):
        await self.append(mail("one"), mail("two"), mail("one"))
        ids = await self.column(Field.EMAIL_ID)
        self.assertEqual(await self.inbox.search(HasEmailId(ids[1]), EVERYONE), uids(1, 3))
        self.assertEqual(await self.inbox.search(HasEmailId(ids[1].upper()), EVERYONE), EMPTY)
        self.assertEqual(await self.inbox.search(HasEmailId(EmailId("")), EVERYONE), EMPTY)


class ThreadIdContract(StoreCase):
    async def threads(self, *letters: bytes) -> list[int]:
        """Append the letters, one by one; return for each the number of the first of its thread."""
        for each in letters:
            await self.append(each)
        column = list((await self.column(Field.THREAD_ID)).values())
        return [column.index(thread) + 1 for thread in column]

    async def test_answers(self):
        found = await self.threads(
            letter("a"), letter("b", answers="a"), letter("c", references="a b"), letter("d"), letter("e", answers="d")
        )
        self.assertEqual(found, [1, 1, 1, 4, 4])

    async def test_an_answer_may_come_first(self):
        self.assertEqual(await self.threads(letter("c", "b", "a b"), letter("b", "a"), letter("a")), [1, 1, 1])

    async def test_two_answers_to_what_never_came(self):
        self.assertEqual(await self.threads(letter("b", references="a"), letter("c", references="a")), [1, 1])

    async def test_threads_are_never_joined_and_the_nearest_is_chosen(self):
        found = await self.threads(letter("a"), letter("b"), letter("c", references="a b"), letter("d", answers="a"))
        self.assertEqual(found, [1, 2, 2, 1])

    async def test_messages_without_ids_are_alone(self):
        self.assertEqual(await self.threads(mail("one"), mail("two"), letter(references="x"), b""), [1, 2, 3, 4])

    async def test_only_the_first_of_in_reply_to(self):
        self.assertEqual(await self.threads(letter("a", "x ada@example.org"), letter("b", "y ada@example.org")), [1, 2])

    async def test_together(self):
        await self.append(letter("b", references="a"), letter("a"), letter("c", references="b"))
        self.assertEqual(len(set((await self.column(Field.THREAD_ID)).values())), 1)

    async def test_search(self):
        await self.threads(letter("a"), letter("b", "a"), letter("c"))
        thread = (await self.column(Field.THREAD_ID))[1]
        self.assertEqual(await self.inbox.search(InThread(thread), EVERYONE), uids(1, 2))
        self.assertEqual(await self.inbox.search(Not(InThread(thread)), EVERYONE), uids(3))
        self.assertEqual(await self.inbox.search(InThread(ThreadId("none")), EVERYONE), EMPTY)


class SaveDateContract(StoreCase):
    async def test_it_is_not_the_internal_date(self):
        before = datetime.now().timestamp()
        await self.append(date=InternalDate(0, 0))
        await self.inbox.copy(uids(1), INBOX)
        saved = await self.column(Field.SAVE_DATE)
        self.assertEqual(list(saved), [1, 2])
        for when in saved.values():
            self.assertGreaterEqual(when.seconds, int(before))

    async def test_search_goes_by_the_day_that_is_told(self):
        await self.append()
        when = (await self.column(Field.SAVE_DATE))[1]
        day = datetime.fromtimestamp(when.seconds, timezone(timedelta(minutes=when.zone))).date()
        self.assertEqual(await self.inbox.search(SavedBefore(day), EVERYONE), EMPTY)
        self.assertEqual(await self.inbox.search(SavedBefore(day + timedelta(days=1)), EVERYONE), uids(1))
        self.assertEqual(await self.inbox.search(SavedBefore(date.max), EVERYONE), uids(1))
        self.assertEqual(await self.inbox.search(SavedBefore(date.min), EVERYONE), EMPTY)
