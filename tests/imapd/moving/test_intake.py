import contextlib

from attrs import evolve
from twisted.internet.defer import Deferred
from twisted.trial.unittest import TestCase

from imapd.admin import welcome
from imapd.formats.found import Folder, Found, Identity, LeftOut, Subscribed
from imapd.moving import filling
from imapd.moving.intake import Intake
from mailstore import open_store
from mailstore.errors import Unavailable
from mailstore.model import DELETED, SEEN, Field, Flag, InternalDate, SpecialUse, StoreFlags, Uid
from mailstore.names import INBOX, mailbox_name
from mailstore.policy import Policy
from mailstore.sqlite import flagsets
from mailstore.uidset import UidSet


class Listener:
    def __init__(self):
        self.octets = 0
        self.lines = []

    def advance(self, octets):
        self.octets += octets

    def say(self, line):
        self.lines.append(line)


def message(octets=b"Subject: s\n\nbody\n", folder=(), source="a file", **values):
    return Found(source, len(octets), lambda: iter([octets]), folder=Folder(folder), **values)


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
        self.patch(filling, "BATCH_MESSAGES", 3)
        octets = [b"N: %d\r\n\r\n" % number for number in range(10)]
        await self.take(*map(message, octets))
        self.assertEqual([each[0] for each in await self.messages()], octets)

    async def test_a_batch_is_bounded_in_octets(self):
        self.patch(filling, "BATCH_OCTETS", 30)
        await self.take(message(b"a: b\r\n\r\n" * 4), message(), message())
        self.assertEqual(self.intake.taken, 3)

    async def test_what_cannot_be_taken_is_reported_and_the_rest_goes_on(self):
        await self.take(
            message(source="first"),
            LeftOut("no mail", "it begins like no mail"),
            Found("unreadable", 1, unreadable),
            message(b"x" * 200_000, source="too big"),
            message(source="bad folder", folder=("a",) * 65),
            message(source="last"),
        )
        self.assertEqual(len(await self.messages()), 2)
        self.assertEqual((self.intake.taken, self.intake.left_out), (2, 5))
        for line, source in zip(
            sorted(self.listener.lines), ("no mail", "the folder a/a", "too big", "unreadable"), strict=True
        ):
            self.assertTrue(line.startswith(f"imapd: {source}"), line)

    async def test_a_store_that_fails_ends_it(self):
        async def full(mailbox, messages, origin=None):
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

    async def test_what_was_brought_is_not_brought_again(self):
        letters = [message(b"N: %d\n\n" % number, folder=("Work",)) for number in (1, 2, 2, 3)]
        await self.take(*letters[:2])
        await self.take(*letters, message(b"N: 1\n\n"))
        self.assertEqual((self.intake.taken, self.intake.there), (3, 2))
        await self.take(*letters)
        self.assertEqual((self.intake.taken, self.intake.there), (0, 4))
        self.assertEqual(len(await self.messages(mailbox_name("Work"))), 4)

    async def test_uids_and_uidvalidity_are_kept(self):
        await self.take(*self.folder(3, 5, 9))
        self.assertEqual(await self.status(), (1234, 20, 3))
        self.assertEqual(list((await (await self.account.mailbox(INBOX)).snapshot()).uids), [3, 5, 9])
        self.assertEqual(self.listener.lines, [])

    async def test_what_was_brought_by_its_uid_is_not_read_again(self):
        await self.take(*self.folder(3, 5))
        inbox = await self.account.mailbox(INBOX)
        await inbox.store(UidSet.of(3), StoreFlags.ADD, frozenset({DELETED}))
        await inbox.expunge(UidSet.of(3))
        unread = [evolve(found, pieces=unreadable) for found in self.folder(3, 5)[1:]]
        await self.take(*unread, *self.folder(22, uid_next=25))
        self.assertEqual((self.intake.taken, self.intake.there, self.intake.left_out), (1, 2, 0))
        self.assertEqual(list((await inbox.snapshot()).uids), [5, 22])

    async def test_what_was_left_out_is_tried_again(self):
        folder, first, second = self.folder(3, 5)
        await self.take(folder, evolve(first, pieces=unreadable), second)
        self.assertEqual((self.intake.taken, self.intake.left_out), (1, 1))
        await self.take(folder, first, second)
        self.assertEqual((self.intake.taken, self.intake.there, self.intake.left_out), (1, 1, 0))
        self.assertIn("1 messages have new UIDs", self.listener.lines[-1])

    async def test_what_comes_too_late_for_its_uid_costs_no_other_its_own(self):
        folder, *found = self.folder(3, 5, 7)
        await self.take(folder, evolve(found[0], pieces=unreadable), *found[1:])
        await self.take(*self.folder(3, 5, 7, 22, 24, uid_next=25))
        self.assertEqual((self.intake.taken, self.intake.there, self.intake.left_out), (3, 2, 0))
        inbox = await self.account.mailbox(INBOX)
        self.assertEqual(list((await inbox.snapshot()).uids), [5, 7, 22, 24, 25])
        self.assertEqual((await self.messages())[-1][0], b"N: 3\r\n\r\n")

    async def test_nor_does_one_whose_uid_another_has_or_that_was_never_given_out(self):
        folder, first, *others = self.folder(3, 5, 7)
        again, stale = message(b"N: 3\n\n", uid=Uid(3)), message(b"N: 50\n\n", uid=Uid(50))
        await self.take(folder, first, *(evolve(each, folder=folder) for each in (again, stale)), *others)
        inbox = await self.account.mailbox(INBOX)
        self.assertEqual(list((await inbox.snapshot()).uids), [3, 5, 7, 20, 21])
        self.assertIn("2 messages have new UIDs", self.listener.lines[-1])

    async def test_messages_of_the_same_octets_are_told_by_their_uids(self):
        folder, *found = self.folder(1, 2, 3, 4)
        alike = [evolve(each, pieces=found[0].pieces) for each in found]
        await self.take(folder, *alike[:2])
        await self.take(folder, *alike)
        self.assertEqual((self.intake.taken, self.intake.there), (2, 2))
        self.assertEqual((await self.status())[2], 4)

    async def test_so_are_they_where_they_have_other_uids(self):
        await self.take(message(b"another"))
        folder, *found = self.folder(1, 2, 3, 4)
        alike = [evolve(each, pieces=found[0].pieces) for each in found]
        await self.take(folder, *alike[:2])
        await self.take(folder, *alike)
        self.assertEqual((self.intake.taken, self.intake.there), (2, 2))
        self.assertEqual((await self.status())[2], 5)

    async def test_what_came_before_it_had_a_uid_is_known_by_its_octets(self):
        folder, first, second = self.folder(1, 20)
        await self.take(folder, first, evolve(second, uid=None))
        folder, first, second, third = self.folder(1, 20, 21, uid_next=22)
        await self.take(folder, first, second, third)
        self.assertEqual((self.intake.taken, self.intake.there), (1, 2))
        self.assertEqual(await self.status(), (1234, 22, 3))

    async def test_a_mailbox_that_is_in_use_keeps_its_own_uids(self):
        await self.take(message())
        validity, _, _ = await self.status()
        await self.take(*self.folder(3, 5))
        self.assertEqual(await self.status(), (validity, 4, 3))
        self.assertIn("has held other messages", self.listener.lines[0])
        await self.take(*self.folder(3, 5, 7))
        self.assertEqual((self.intake.taken, self.intake.there), (1, 2))

    async def test_stopped_in_a_mailbox_that_is_in_use_it_brings_nothing_twice(self):
        folder, *found = self.folder(*range(1, 7))
        await self.take(message(b"N: 5\n\n"), message(b"N: 6\n\n"))
        await self.take(folder, *found[:3])
        for taken in (1, 0):
            await self.take(folder, *found)
            self.assertEqual((self.intake.taken, self.intake.there), (taken, 6 - taken))
        self.assertEqual((await self.status())[2], 6)

    async def test_stopped_anywhere_it_goes_on_there(self):
        self.patch(filling, "BATCH_MESSAGES", 2)

        def killed():
            raise KeyboardInterrupt

        folder, *found = self.folder(*range(1, 8))
        found[4] = evolve(found[4], pieces=killed)
        with contextlib.suppress(KeyboardInterrupt):
            await self.take(folder, *found)
        self.assertEqual((await self.status())[2], 4)
        await self.take(*self.folder(*range(1, 8)))
        self.assertEqual((self.intake.taken, self.intake.there), (3, 4))
        self.assertEqual(await self.status(), (1234, 20, 7))
        self.assertEqual(list((await (await self.account.mailbox(INBOX)).snapshot()).uids), list(range(1, 8)))

    async def test_subscriptions_and_special_uses_are_those_of_elsewhere(self):
        await self.take(
            Folder(("Sent Messages",), special_use=SpecialUse.SENT, subscribed=True),
            Folder(("Archive",), special_use=SpecialUse.ARCHIVE, subscribed=False),
            Folder(("Trash",), special_use=None, subscribed=True),
            Folder(("Lists",), subscribed=False),
            Folder(("Work",)),
            Subscribed(("Gone", "2024")),
        )
        uses = {each.name: each.special_use for each in await self.account.mailboxes()}
        self.assertEqual(uses["Sent Messages"], SpecialUse.SENT)
        self.assertNotIn("Sent", uses)
        subscribed = set(await self.account.subscriptions())
        self.assertLess({"Sent Messages", "Trash", "Work", "Gone/2024"}, subscribed)
        self.assertEqual(subscribed & {"Sent", "Archive", "Lists"}, set())

    async def test_uses_are_moved_between_folders_that_came_and_the_first_has_them(self):
        await self.take(
            Folder(("Archive",)),
            Folder(("Archive 2024",), special_use=SpecialUse.ARCHIVE),
            message(folder=("Sent",)),
            Folder(("Sent Items",), special_use=SpecialUse.SENT),
            Folder(("Sent Messages",), special_use=SpecialUse.SENT),
        )
        uses = {each.name: each.special_use for each in await self.account.mailboxes()}
        self.assertEqual(
            {name: uses[name] for name in ("Archive", "Archive 2024", "Sent", "Sent Items", "Sent Messages")},
            {
                "Archive": None,
                "Archive 2024": SpecialUse.ARCHIVE,
                "Sent": None,
                "Sent Items": SpecialUse.SENT,
                "Sent Messages": None,
            },
        )

    async def test_keywords_that_the_store_does_not_take_cost_no_message(self):
        self.patch(flagsets, "MAX_KEYWORDS", 1)
        one, two = frozenset({SEEN, Flag("a")}), frozenset({SEEN, Flag("b")})
        await self.take(message(flags=one), message(b"A: 2\n\n", flags=two))
        self.assertEqual([flags for _, flags, _ in await self.messages()], [one, {SEEN}])
        self.assertEqual((self.intake.taken, self.intake.left_out), (2, 0))
        self.assertIn("at most 1 keywords", self.listener.lines[0])

    async def test_a_message_that_is_too_large_is_told_once(self):
        await self.take(message(b"x" * 200_000, flags=frozenset({Flag("a")})), message())
        self.assertEqual((self.intake.taken, self.intake.left_out), (1, 1))
        self.assertEqual(self.listener.lines, ["imapd: a file: a message has at most 100000 octets"])

    async def test_what_the_user_arranged_stays(self):
        await self.take(message(folder=("Sent",)))
        await self.account.subscribe(mailbox_name("Sent"))
        await self.take(
            Folder(("Sent Messages",), special_use=SpecialUse.SENT), Folder(("Sent",), subscribed=False)
        )
        uses = {each.name: each.special_use for each in await self.account.mailboxes()}
        self.assertEqual((uses["Sent"], uses["Sent Messages"]), (SpecialUse.SENT, None))
        self.assertIn("Sent", await self.account.subscriptions())

    async def test_names_that_no_mailbox_can_have_become_those_that_it_can(self):
        await self.take(message(folder=("a/b\n", "", "\ud800x")))
        self.assertEqual(len(await self.messages(mailbox_name("a_b_/_/_x"))), 1)

    async def test_messages_that_were_brought_and_are_not_there_are_told(self):
        real = type(await self.account.mailbox(INBOX)).append

        async def forgetful(mailbox, messages, origin=None):
            return evolve(await real(mailbox, messages, origin), uids=UidSet.of(1, 77))

        self.patch(type(await self.account.mailbox(INBOX)), "append", forgetful)
        await self.take(message(), message(b"another\n"))
        self.assertIn("not all that was brought is there", self.listener.lines[-1])

    def folder(self, *uids, uid_next=20):
        """Return INBOX as it is elsewhere, with some messages."""
        folder = Folder((), Identity("there", 1234, Uid(uid_next)))
        letters = [message(b"N: %d\n\n" % uid, uid=Uid(uid)) for uid in uids]
        return [folder, *(evolve(letter, folder=folder) for letter in letters)]

    async def status(self):
        status = await self.account.status(INBOX)
        return status.uid_validity, status.uid_next, status.messages
