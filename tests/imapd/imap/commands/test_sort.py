"""SORT and THREAD of more messages than a transcript could show."""

from random import Random

from twisted.trial.unittest import TestCase

from imapd.doors import turns
from imapd.imap.commands import thread
from imapd.imap.search import orders, runs
from imapd.imap.search.remembered import Remembered
from tests.imapd.imap.harness import Server

COUNT = 700
"""Messages: more than a batch of the store's."""
FORM = "Subject: %s\r\nFrom: %s@x\r\nDate: %d Feb 1994 00:00:00 +0000\r\n\r\n"


def made(random):
    """Return a subject, an author and a day of the month."""
    return (
        random.choice(["apple", "Re: Apple", "pear", "[x] pear", "Zoe", ""]),
        random.choice("abAB"),
        random.randint(1, 5),
    )


class SortTest(TestCase):
    async def setUp(self):
        random = Random(1)
        self.mail = [made(random) for _ in range(COUNT)]
        self.server = await Server(self.mktemp()).start()
        await self.server.deliver("ada", "INBOX", *((FORM % each).encode() for each in self.mail))
        self.client = await self.server.connect().login("ada", "INBOX")

    async def tearDown(self):
        await self.server.stop()

    def expected(self, *keys):
        """Return the messages by `keys`, the most important one last."""
        numbers = list(range(1, COUNT + 1))
        for key, reverse in keys:
            numbers.sort(key=lambda number: key(*self.mail[number - 1]), reverse=reverse)
            if reverse:  # what is equal stays in the order that it had
                groups = {}
                for number in numbers:
                    groups.setdefault(key(*self.mail[number - 1]), []).append(number)
                numbers = [number for group in groups.values() for number in group]
        return numbers

    async def sorted(self, criteria):
        [answer] = await self.client.succeeds(b"SORT (%b) UTF-8 ALL" % criteria)
        return list(map(int, answer.split()[2:]))

    async def test_like_a_stable_sort(self):
        def subject(subject, author, day):
            return subject.upper().removeprefix("RE: ").removeprefix("[X] ")

        def author(subject, author, day):
            return author.upper()

        def day(subject, author, day):
            return day

        self.patch(runs, "RUN", 200)
        for criteria, keys in (
            (b"SUBJECT", [(subject, False)]),
            (b"REVERSE SUBJECT", [(subject, True)]),
            (b"SUBJECT REVERSE DATE", [(day, True), (subject, False)]),
            (b"REVERSE FROM DATE SUBJECT", [(subject, False), (day, False), (author, True)]),
        ):
            self.assertEqual(await self.sorted(criteria), self.expected(*keys), criteria)

    async def test_others_have_their_turn(self):
        self.patch(turns, "SLICE_SECONDS", -1)
        other = await self.server.connect().login()
        for command in (b"SORT (SUBJECT) UTF-8 ALL", b"THREAD REFERENCES UTF-8 ALL"):
            self.client.send(b"x " + command + b"\r\n")
            await other.succeeds(b"NOOP")
            answer = await self.client.answer()
            self.assertEqual(answer[-1][:4], b"x OK")

    async def test_a_client_that_goes_away_meanwhile(self):
        self.patch(turns, "SLICE_SECONDS", -1)
        self.client.send(b"x SORT (SUBJECT) UTF-8 ALL\r\n")
        await self.client.gone()
        await self.server.empty()


class AgainTest(TestCase):
    """Who sorts again is answered as who asks for the first time, whatever happened meanwhile."""

    async def setUp(self):
        self.random = Random(2)
        self.server = await Server(self.mktemp()).start()
        await self.deliver(40)
        self.client = await self.server.connect().login("ada", "INBOX")

    async def tearDown(self):
        await self.server.stop()

    async def deliver(self, count):
        await self.server.deliver("ada", "INBOX", *((FORM % made(self.random)).encode() for _ in range(count)))

    async def asked(self, command):
        return await self.client.succeeds(command)

    async def for_the_first_time(self, command):
        patches = [self.patch(module, "_known", Remembered(0)) for module in (orders, thread)]
        try:
            return await self.asked(command)
        finally:
            for patch in patches:
                patch.restore()

    async def happens(self):
        """Let something happen to the mailbox, and be told."""
        await self.deliver(self.random.choice([0, 1, 3]))
        await self.client.succeeds(b"NOOP")
        [found] = await self.client.succeeds(b"SEARCH ALL")
        count = len(found.split()) - 2
        for _ in range(self.random.choice([0, 2])):
            flag = self.random.choice([rb"\Deleted", rb"\Seen"])
            await self.client.succeeds(b"STORE %d +FLAGS.SILENT (%b)" % (self.random.randint(1, count), flag))
        if self.random.random() < 0.5:
            await self.client.succeeds(b"EXPUNGE")

    async def test_it_is_the_same(self):
        self.patch(orders, "FEW", 3)
        asked = [
            b"SORT (SUBJECT REVERSE DATE) UTF-8 ALL",
            b"UID SORT (SUBJECT REVERSE DATE) UTF-8 UNSEEN",
            b"SORT (FROM) UTF-8 NOT 3:20",
            b"UID SORT (FROM) UTF-8 SEEN",
            b"THREAD ORDEREDSUBJECT UTF-8 ALL",
            b"UID THREAD ORDEREDSUBJECT UTF-8 ALL",
            b"UID THREAD REFERENCES UTF-8 UNSEEN",
        ]
        for _ in range(25):
            await self.happens()
            for command in self.random.sample(asked, 4):
                self.assertEqual(await self.asked(command), await self.for_the_first_time(command), command)

    async def test_nothing_is_read_again(self):
        commands = b"SORT (SUBJECT) UTF-8 ALL", b"SORT (SUBJECT) UTF-8 2:4,7:40", b"THREAD ORDEREDSUBJECT UTF-8 ALL"
        first = [await self.asked(command) for command in commands]
        self.patch(orders.Sorting, "_keys", None)
        self.patch(thread, "_forest", None)
        self.assertEqual([await self.asked(command) for command in commands], first)

    async def test_what_is_gone_for_good_says_nothing_of_the_others(self):
        command = b"UID SORT (SUBJECT) UTF-8 UNDELETED"
        await self.asked(command)
        await self.client.succeeds(b"STORE 2:39 +FLAGS.SILENT (\\Deleted)")
        await self.client.succeeds(b"EXPUNGE")
        account = await self.server.store.account((await self.server.store.user("ada")).account)
        self.assertEqual(await account.forget_expunged(None, 0), 38)
        await account.release()
        await self.deliver(3)
        await self.client.succeeds(b"NOOP")
        self.assertEqual(await self.asked(command), await self.for_the_first_time(command))
