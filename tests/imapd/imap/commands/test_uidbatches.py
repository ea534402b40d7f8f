from twisted.trial.unittest import SynchronousTestCase, TestCase

from imapd.imap.commands.uidbatches import UidBatches, ranges
from mailstore.uidset import EMPTY, UidSet
from tests.imapd.imap.harness import Server


class RangesTest(SynchronousTestCase):
    def numbers(self, count, *request):
        """Return the ranges in a mailbox whose UIDs are ten times the numbers of its messages."""
        uids = UidSet.of(*(10 * number for number in range(1, count + 1)))
        return list(ranges(uids, UidBatches(*request)))

    def test_the_example_of_the_rfc(self):
        """Section 3.1.1: 6823 messages in batches of 2000, the last one of 823."""
        self.assertEqual(self.numbers(6823, 2000), [(68230, 48240), (48239, 28240), (28239, 8240), (8239, 1)])

    def test_some_batches(self):
        """Section 3.1.5: 82000:80001 is the tenth of 100,000 messages."""
        uids = UidSet([(1, 100_000)])
        found = list(ranges(uids, UidBatches(2000, 10, 20)))
        self.assertEqual((found[0], found[-1], len(found)), ((82000, 80001), (62000, 60001), 11))
        self.assertEqual(self.numbers(7000, 2000, 1, 5), self.numbers(7000, 2000))
        self.assertEqual(self.numbers(7000, 2000, 3, 4), self.numbers(7000, 2000)[2:])

    def test_none(self):
        self.assertEqual(list(ranges(EMPTY, UidBatches(500))), [])
        self.assertEqual(self.numbers(7000, 2000, 6, 8), [])

    def test_all_in_one(self):
        for size in (3, 4, 1000):
            self.assertEqual(self.numbers(3, size), [(30, 1)])

    def test_each_message_is_in_one_batch(self):
        for count in range(1, 30):
            for size in range(1, 12):
                found = self.numbers(count, size)
                self.assertEqual([high + 1 for high, _ in found[1:]], [low for _, low in found[:-1]])
                held = [sum(low <= 10 * number <= high for number in range(1, count + 1)) for high, low in found]
                self.assertEqual(held, [size] * (count // size) + [count % size] * bool(count % size))


class UidBatchesTest(TestCase):
    async def setUp(self):
        self.server = await Server(self.mktemp()).start()
        await self.server.deliver("ada", "INBOX", *[b"\r\n"] * 200)
        self.client = await self.server.connect().login("ada", "INBOX")

    async def tearDown(self):
        await self.server.stop()

    async def test_many_messages(self):
        for _ in range(3):
            await self.client.succeeds(b"UID COPY 1:* INBOX")
        await self.client.succeeds(b"UID STORE 100:299 +FLAGS.SILENT \\Deleted")
        await self.client.succeeds(b"EXPUNGE")
        [whole] = await self.client.succeeds(b"UIDBATCHES 500")
        self.assertEqual(whole, b'* UIDBATCHES (TAG "x") 1600:1101,1100:601,600:1')
        [second] = await self.client.succeeds(b"UIDBATCHES 600 2:2")
        self.assertEqual(second, b'* UIDBATCHES (TAG "x") 1000:401')
