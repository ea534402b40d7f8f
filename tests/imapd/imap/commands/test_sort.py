"""SORT and THREAD of more messages than a transcript could show."""

from random import Random

from twisted.trial.unittest import TestCase

from imapd.doors import turns
from imapd.imap.search import runs
from tests.imapd.imap.harness import Server

COUNT = 700
"""Messages: more than a batch of the store's."""


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
        form = "Subject: %s\r\nFrom: %s@x\r\nDate: %d Feb 1994 00:00:00 +0000\r\n\r\n"
        self.server = await Server(self.mktemp()).start()
        await self.server.deliver("ada", "INBOX", *((form % each).encode() for each in self.mail))
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
