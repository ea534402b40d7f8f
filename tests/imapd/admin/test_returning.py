"""Messages of a backup, brought back into an account."""

import click
from twisted.trial.unittest import TestCase

from imapd.admin import returning
from imapd.admin.returning import Return, Wanted
from mailstore import open_store
from mailstore.errors import Corrupt, OverQuota
from mailstore.interfaces import NewMessage
from mailstore.model import DELETED, FLAGGED, SEEN, Field, InternalDate, OwnQuota, StoreFlags
from mailstore.names import INBOX, mailbox_name
from mailstore.spool import Spool
from mailstore.uidset import UidSet

WORK = mailbox_name("Work")
DATE = InternalDate(1704103200, 60)


def mail(number):
    return f"Message-ID: <{number}@example.org>\r\n\r\n{number:05}\r\n".encode()


class ReturnTests(TestCase):
    async def setUp(self):
        self.store = open_store(f"sqlite://{self.mktemp()}")
        self.addCleanup(self.store.close)
        self.kept = await self.store.account((await self.store.add_user("kept", "no hash")).account)
        self.account = await self.store.account((await self.store.add_user("ada", "no hash")).account)
        await self.append(self.kept, 1, 2, 3, flags=frozenset({SEEN, FLAGGED, DELETED}))
        await self.kept.create(WORK)
        await self.append(self.kept, 4, 4, name=WORK)

    async def append(self, account, *numbers, name=INBOX, flags=frozenset()):
        mailbox = await account.mailbox(name)
        await mailbox.append([NewMessage(Spool(mail(number)), flags, DATE) for number in numbers])

    async def bring(self, mailbox=None, message=None, into=None):
        """Bring messages back; return how many came, were there and are damaged."""
        returned = Return(self.account, Wanted(mailbox, message, into))
        await returned.bring(self.kept)
        return returned.brought, returned.there, returned.damaged

    async def there(self, name=INBOX):
        mailbox = await self.account.mailbox(name)
        fields = [Field.MESSAGE, Field.FLAGS, Field.INTERNAL_DATE]
        found = []
        async for rows in mailbox.fetch((await mailbox.snapshot()).uids, fields):
            for message, *rest in zip(*(rows.columns[field] for field in fields), strict=True):
                found.append((await message.read(0, message.size), *rest))
        return found

    async def test_a_folder_with_flags_and_dates(self):
        self.assertEqual(await self.bring(INBOX), (3, 0, 0))
        self.assertEqual(await self.there(), [(mail(number), {SEEN, FLAGGED}, DATE) for number in (1, 2, 3)])

    async def test_what_is_there_is_not_doubled(self):
        await self.append(self.account, 2, 5)
        self.assertEqual(await self.bring(INBOX), (2, 1, 0))
        self.assertEqual(await self.bring(INBOX), (0, 3, 0))
        self.assertEqual([octets for octets, *_ in await self.there()], [mail(number) for number in (2, 5, 1, 3)])

    async def test_what_was_expunged_is_not_there(self):
        await self.append(self.account, 2)
        inbox = await self.account.mailbox(INBOX)
        await inbox.store(UidSet.of(1), StoreFlags.ADD, frozenset({DELETED}))
        await inbox.expunge(UidSet.of(1))
        self.assertEqual(await self.bring(INBOX, "2"), (1, 0, 0))

    async def test_what_the_backup_has_twice_comes_twice(self):
        self.assertEqual(await self.bring(WORK), (2, 0, 0))
        self.assertIn(WORK, await self.account.subscriptions())

    async def test_by_uid_and_by_message_id(self):
        self.assertEqual(await self.bring(INBOX, "2"), (1, 0, 0))
        self.assertEqual(await self.bring(None, "3@example.org"), (1, 0, 0))
        self.assertEqual(await self.bring(None, "<4@example.org>", mailbox_name("Old")), (2, 0, 0))
        self.assertEqual([octets for octets, *_ in await self.there()], [mail(2), mail(3)])
        self.assertEqual([octets for octets, *_ in await self.there(mailbox_name("Old"))], [mail(4), mail(4)])

    async def test_what_the_backup_does_not_have(self):
        for wanted in ((WORK, "9"), (None, "9@example.org"), (mailbox_name("None"), None), (INBOX, "9" * 30)):
            with self.assertRaises(click.ClickException):
                await self.bring(*wanted)

    async def test_batches_and_a_limit_that_is_reached(self):
        self.patch(returning, "BATCH_MESSAGES", 2)
        await self.store.set_quota("ada", OwnQuota(messages=2))
        with self.assertRaises(OverQuota):
            await self.bring(INBOX)
        self.assertEqual(len(await self.there()), 2)
        await self.store.set_quota("ada", OwnQuota())
        self.assertEqual(await self.bring(INBOX), (1, 2, 0))

    async def test_a_damaged_message_is_left_out(self):
        def damaged(writer):
            writer.execute("UPDATE chunk SET octets = zeroblob(3) WHERE id >> 16 = 2")

        await self.kept.database.write(damaged)
        self.assertEqual(await self.bring(INBOX), (2, 0, 1))
        [problem] = [each for each in await self.kept.check_consistency() if "content" in each]
        self.assertIn("content 2", problem)
        self.assertEqual([octets for octets, *_ in await self.there()], [mail(1), mail(3)])

    async def test_a_damaged_message_that_is_there_is_as_good_as_gone(self):
        await self.append(self.account, 2)
        self.patch(returning, "_digest", _fails_once(returning._digest))
        self.assertEqual(await self.bring(INBOX, "2"), (1, 0, 0))


def _fails_once(digest):
    """Return what gives the digest of the first message, the backup's, and fails with the second."""
    asked = []

    async def fails_once(message):
        asked.append(message)
        if len(asked) == 2:
            raise Corrupt
        return await digest(message)

    return fails_once
