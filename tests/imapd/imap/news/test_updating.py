"""Results that are kept up to date (RFC 5267): whatever happens, a client that follows has what a new search finds."""

import re
from random import Random

from twisted.trial.unittest import TestCase

from imapd import limits
from imapd.imap import selected
from imapd.imap.news import updating
from mailstore.errors import Busy
from mailstore.sqlite.mailbox import Mailbox
from tests.imapd.imap.harness import Server

UPDATE = re.compile(rb'\* ESEARCH \(TAG "(\w+)"\)(?: UID)?(.*(?:ADDTO|REMOVEFROM).*)')
CHANGE = re.compile(rb" (ADDTO|REMOVEFROM) \(([^)]*)\)")

SUBJECTS = (b"apple", b"Re: apple", b"pear", b"", b"zoo")
FLAGS = (rb"\Seen", rb"\Flagged", rb"$Later")

SEARCHES = {
    b"s1": (b"SEARCH", b"ALL"),
    b"s2": (b"UID SEARCH", b"UNSEEN OR FLAGGED SUBJECT pear"),
    b"s3": (b"SEARCH", b"KEYWORD $Later"),
    b"s4": (b"UID SEARCH", b"UID 4:* NOT KEYWORD $Later"),
    b"s5": (b"SEARCH", b"UID *"),
    b"t1": (b"UID SORT", b"(SUBJECT REVERSE SIZE) UTF-8 ALL"),
    b"t2": (b"SORT", b"(REVERSE SUBJECT) UTF-8 UNSEEN"),
    b"t3": (b"UID SORT", b"(SIZE) UTF-8 FLAGGED"),
}


def expanded(ranges):
    """Return the numbers of a set, in its order."""
    pairs = [list(map(int, each.split(b":"))) for each in ranges.split(b",")]
    return [number for first, *last in pairs for number in range(first, (last or [first])[0] + 1)]


class Follower:
    """A client that keeps lists of results, as it is told."""

    def __init__(self, client):
        self.client = client
        self.lists = {}

    async def begin(self, tag, verb, program):
        self.client.send(b"%b %b RETURN (ALL UPDATE) %b\r\n" % (tag, verb, program))
        response, *_ = await self.client.answer(tag)
        self.lists[tag] = expanded(found[1]) if (found := re.search(rb" ALL (\S+)", response)) else []

    async def does(self, command):
        """Send a command that succeeds, and follow what is told meanwhile."""
        for response in await self.client.succeeds(command):
            if found := UPDATE.fullmatch(response):
                for name, pairs in CHANGE.findall(found[2]):
                    self.change(found[1], name, pairs.split(b" "))
            elif found := re.fullmatch(rb"\* (\d+) EXPUNGE", response):
                self.renumber(int(found[1]))

    def change(self, tag, name, pairs):
        results = self.lists[tag]
        for position, ranges in zip(map(int, pairs[::2]), pairs[1::2], strict=True):
            numbers = expanded(ranges)
            if name == b"ADDTO":
                assert not set(numbers) & set(results), (tag, numbers, results)
                results[max(position - 1, 0) : max(position - 1, 0)] = numbers
            elif position:
                assert results[position - 1 :][: len(numbers)] == numbers, (tag, position, numbers, results)
                del results[position - 1 : position - 1 + len(numbers)]
            else:
                for number in numbers:
                    results.remove(number)
            if not position:
                results.sort()

    def renumber(self, gone):
        for tag, (verb, _) in SEARCHES.items():
            if not verb.startswith(b"UID"):
                assert gone not in self.lists[tag], (tag, gone)
                self.lists[tag] = [number - (number > gone) for number in self.lists[tag]]

    async def anew(self, tag):
        """Return what a new search finds."""
        verb, program = SEARCHES[tag]
        [response] = await self.client.succeeds(verb + b" " + program)
        return list(map(int, response.split()[2:]))


class FollowTest(TestCase):
    timeout = 120

    async def setUp(self):
        self.server = await Server(self.mktemp()).start()

    async def tearDown(self):
        await self.server.stop()

    def action(self, random):
        """Return a command that changes something, or asks."""
        uid = random.randint(1, 40)
        how, flag = random.choice((b"+FLAGS", b"-FLAGS", b"+FLAGS.SILENT")), random.choice(FLAGS)
        subject = b"Subject: " + random.choice(SUBJECTS) + b"\r\n\r\n" + b"x" * random.randint(0, 9)
        return random.choice(
            [
                b"UID STORE %d %b %b" % (uid, how, flag),
                b"UID STORE %d:%d %b %b" % (uid, uid + 7, how, flag),
                b"UID STORE %d +FLAGS \\Deleted" % uid,
                b"EXPUNGE",
                b"APPEND INBOX (%b) {%d+}\r\n%b" % (flag, len(subject), subject),
                b"UID MOVE %d Trash" % uid,
                b"UID COPY %d:%d INBOX" % (uid, uid + 1),
                b"UID FETCH %d:%d BODY[TEXT]" % (uid, uid + 3),
                b"NOOP",
                b"SEARCH ALL",
            ]
        )

    async def play(self, seed, steps):
        random = Random(seed)
        mails = [b"Subject: %b\r\n\r\n%b" % (random.choice(SUBJECTS), b"y" * n) for n in range(12)]
        await self.server.deliver("ada", "INBOX", *mails)
        follower = Follower(await self.server.connect().login("ada", "INBOX"))
        other = await self.server.connect().login("ada", "INBOX")
        for tag, (verb, program) in SEARCHES.items():
            await follower.begin(tag, verb, program)
        for step in range(steps):
            if random.random() < 0.5:
                await other.succeeds(self.action(random))
            else:
                await follower.does(self.action(random))
            if step % 3 == 0:
                await follower.does(b"NOOP")
                for tag in SEARCHES:
                    self.assertEqual(follower.lists[tag], await follower.anew(tag), (seed, step, tag))

    async def test_one_by_one(self):
        await self.play(1, 120)

    async def test_sorted_lists_anew(self):
        self.patch(updating, "FEW", 1)
        await self.play(2, 120)

    async def test_sorted_lists_in_several_responses(self):
        self.patch(updating, "FEW", 2)
        self.patch(updating, "_COST", 1)
        await self.play(4, 120)

    async def test_changes_told_in_short(self):
        self.patch(selected, "MAX_SENT_RUNS", 1)
        await self.play(3, 60)


class LimitTest(TestCase):
    async def setUp(self):
        self.server = await Server(self.mktemp()).start()
        await self.server.deliver("ada", "INBOX", *(b"Subject: %d\r\n\r\n" % number for number in range(6)))
        self.client = await self.server.connect().login("ada", "INBOX")

    async def tearDown(self):
        await self.server.stop()

    async def refused(self, command):
        *_, remark, ending = await self.client_answer(command)
        self.assertTrue(remark.startswith(b'* NO [NOUPDATE "x"] '), remark)
        self.assertTrue(ending.startswith(b"x OK "), ending)

    async def client_answer(self, command):
        self.client.send(b"x " + command + b"\r\n")
        return await self.client.answer()

    async def test_scattered_results(self):
        self.patch(limits, "CONTEXT_RUNS", 2)
        await self.refused(b"UID SEARCH RETURN (UPDATE) 1,3,5")
        await self.client.succeeds(b"UID SEARCH RETURN (UPDATE ALL) UNFLAGGED")
        *_, update, remark = await self.client.succeeds(b"UID STORE 2,4 +FLAGS.SILENT \\Flagged")
        self.assertEqual(update, b'* ESEARCH (TAG "x") UID REMOVEFROM (0 2,4)')
        self.assertTrue(remark.startswith(b'* NO [NOUPDATE "x"] '), remark)
        self.assertEqual(await self.client.succeeds(b"UID STORE 2,4 -FLAGS.SILENT \\Flagged"), [])

    async def test_many_sorted_results(self):
        self.patch(limits, "CONTEXT_SORTED", 5)
        await self.refused(b"UID SORT RETURN (UPDATE) (DATE) UTF-8 ALL")
        self.assertEqual(len(await self.client_answer(b"UID SORT RETURN (UPDATE) (DATE) UTF-8 1:5")), 2)

    async def test_a_long_search(self):
        await self.refused(b"UID SEARCH RETURN (UPDATE) SUBJECT %b" % (b"x" * limits.CONTEXT_KEY))

    async def test_messages_grow_older(self):
        self.patch(limits, "CONTEXT_SECONDS", 0)
        await self.client.succeeds(b"UID SEARCH RETURN (UPDATE ALL) YOUNGER 1000")
        looked = []
        search = Mailbox.search
        self.patch(Mailbox, "search", lambda *args, **named: looked.append(args[-1]) or search(*args, **named))
        await self.client.succeeds(b"NOOP")
        self.assertEqual([len(uids) for uids in looked], [6])

    async def test_what_the_store_cannot_say_is_told_later(self):
        await self.client.succeeds(b"UID SEARCH RETURN (UPDATE ALL) FLAGGED")
        search = Mailbox.search

        async def busy(*_, **__):
            raise Busy("not now")

        self.patch(Mailbox, "search", busy)
        self.assertEqual(await self.client.succeeds(b"UID STORE 2 +FLAGS.SILENT \\Flagged"), [])
        self.patch(Mailbox, "search", search)
        self.assertEqual(await self.client.succeeds(b"NOOP"), [b'* ESEARCH (TAG "x") UID ADDTO (0 2)'])
