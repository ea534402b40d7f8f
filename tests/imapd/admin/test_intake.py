from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from imapd.admin import intake, welcome
from imapd.admin.intake import Intake
from imapd.formats.found import Found, LeftOut
from mailstore import open_store
from mailstore.errors import Unavailable
from mailstore.model import SEEN, Field, InternalDate
from mailstore.names import INBOX, mailbox_name
from mailstore.policy import Policy


class Listener:
    def __init__(self):
        self.octets = 0
        self.lines = []

    def advance(self, octets):
        self.octets += octets

    def say(self, line):
        self.lines.append(line)


def message(octets=b"Subject: s\n\nbody\n", folder=(), source="a file", **values):
    return Found(source, len(octets), lambda: iter([octets]), folder=folder, **values)


def unreadable():
    raise OSError(5, "Input/output error")


class IntakeTests(TestCase):
    async def setUp(self):
        self.store = open_store(f"sqlite://{self.mktemp()}", policy=Policy(max_message_octets=100_000))
        self.addCleanup(self.store.close)
        self.account = await self.store.account((await self.store.add_user("ada", "no hash")).account)
        self.addCleanup(self.account.release)
        self.listener = Listener()

    async def take(self, *found, target=INBOX):
        self.intake = Intake(self.account, target, self.listener)
        await self.intake.take(found)

    async def messages(self, name=INBOX):
        mailbox = await self.account.mailbox(name)
        fields = [Field.FLAGS, Field.INTERNAL_DATE, Field.MESSAGE]
        found = []
        async for rows in mailbox.fetch((await mailbox.snapshot()).uids, fields):
            for flags, date, stored in zip(*(rows.columns[field] for field in fields), strict=True):
                found.append((await stored.read(0, stored.size), flags, date))
        return found

    async def test_octets_flags_and_date_are_kept_and_line_ends_are_crlf(self):
        date = InternalDate(1704103200, 60)
        await self.take(message(b"A: b\n\n\0\r\xff\r\n", flags=frozenset({SEEN}), internal_date=date))
        self.assertEqual(await self.messages(), [(b"A: b\r\n\r\n\0\r\xff\r\n", {SEEN}, date)])
        self.assertEqual((self.intake.taken, self.intake.left_out, self.listener.octets), (1, 0, 11))

    async def test_folders_are_made_and_subscribed(self):
        await self.take(message(), message(folder=("Work", "2024")), message(folder=("inbox",)), message())
        name = mailbox_name("Work/2024")
        self.assertEqual(len(await self.messages(name)), 1)
        self.assertEqual(len(await self.messages()), 3)
        self.assertIn(name, await self.account.subscriptions())

    async def test_folders_are_below_a_target_that_is_not_inbox(self):
        await self.take(message(), message(folder=("Sent",)), target=mailbox_name("Old"))
        self.assertEqual(len(await self.messages(mailbox_name("Old"))), 1)
        self.assertEqual(len(await self.messages(mailbox_name("Old/Sent"))), 1)

    async def test_a_known_folder_is_used(self):
        await self.take(message(folder=("Sent",)))
        self.assertEqual(len(await self.messages(mailbox_name("Sent"))), 1)

    async def test_more_than_a_batch_keeps_its_order(self):
        self.patch(intake, "BATCH_MESSAGES", 3)
        octets = [b"N: %d\r\n\r\n" % number for number in range(10)]
        await self.take(*map(message, octets))
        self.assertEqual([each[0] for each in await self.messages()], octets)

    async def test_a_batch_is_bounded_in_octets(self):
        self.patch(intake, "BATCH_OCTETS", 30)
        await self.take(message(b"a: b\r\n\r\n" * 4), message(), message())
        self.assertEqual(self.intake.taken, 3)

    async def test_what_cannot_be_taken_is_reported_and_the_rest_goes_on(self):
        await self.take(
            message(source="first"),
            LeftOut("no mail", "it begins like no mail"),
            Found("unreadable", 1, unreadable),
            message(b"x" * 200_000, source="too big"),
            message(source="bad folder", folder=("a\nb",)),
            message(source="last"),
        )
        self.assertEqual(len(await self.messages()), 2)
        self.assertEqual((self.intake.taken, self.intake.left_out), (2, 4))
        for line, source in zip(
            sorted(self.listener.lines), ("bad folder", "no mail", "too big", "unreadable"), strict=True
        ):
            self.assertTrue(line.startswith(f"imapd: {source}: "), line)

    async def test_a_store_that_fails_ends_it(self):
        async def full(mailbox, messages):
            raise Unavailable("the disk is full")

        self.patch(type(await self.account.mailbox(INBOX)), "append", full)
        await self.assertFailure(Deferred.fromCoroutine(self.take(message(), message())), Unavailable)
        self.assertEqual(self.intake.taken, 0)

    async def test_the_welcome_mail(self):
        await self.take(*welcome.messages())
        self.assertEqual(self.intake.taken, 3)
        for octets, _, _ in await self.messages():
            self.assertNotIn(b"\n", octets.replace(b"\r\n", b""))
            self.assertTrue(octets.isascii())
