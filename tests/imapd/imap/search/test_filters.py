"""How much may be put into a search by filters."""

from twisted.trial.unittest import SynchronousTestCase, TestCase

from imapd.imap.search.filters import MAX_OCTETS, PASSES, filter_name, filter_program
from imapd.imap.wire.cursor import MAX_DEPTH
from imapd.imap.wire.searchtree import depth
from mailstore.annotations import EntryName
from tests.imapd.imap.harness import Server


class NameTest(SynchronousTestCase):
    def test_which_entries_are_filters(self):
        for entry, name in (
            ("/private/filters/values/x", "x"),
            ("/private/filters/values/x/y", None),
            ("/private/filters/values", None),
            ("/private/filters/descriptions/x", None),
            ("/private/vendor/x/y", None),
        ):
            self.assertEqual(filter_name(EntryName(entry)), name, entry)

    def test_depth(self):
        for value, expected in ((b"ALL", 1), (b"NOT ALL", 2), (b"OR ALL NOT SEEN ALL", 4), (b"(NOT (ALL))", 2)):
            self.assertEqual(depth(filter_program("x", value).key), expected, value)


class BoundsTest(TestCase):
    async def setUp(self):
        self.server = await Server(self.mktemp()).start()
        await self.server.deliver("ada", "INBOX", b"Subject: a\r\n\r\n")
        self.account = await self.server.store.account((await self.server.store.user("ada")).account)
        self.client = await self.server.connect().login(mailbox="INBOX")

    async def tearDown(self):
        await self.account.release()
        await self.server.stop()

    async def keep(self, **values):
        """Keep filters, unseen by what checks them."""
        await self.account.annotate(
            None, {EntryName(f"/private/filters/values/{name}"): value for name, value in values.items()}
        )

    async def finds(self, name):
        self.assertEqual(await self.client.succeeds(b"SEARCH FILTER " + name), [b"* SEARCH 1"])

    async def refuses(self, keys, name):
        answer = await self.client.command(b"SEARCH " + keys)
        self.assertTrue(answer.startswith(b"x NO [UNDEFINED-FILTER %b] " % name), answer)

    async def test_a_filter_in_a_filter_so_often_and_no_more(self):
        chain = {f"f{number}": b"FILTER f%d" % (number + 1) for number in range(1, PASSES)}
        await self.keep(**chain, **{f"f{PASSES}": b"ALL"})
        await self.finds(b"f1")
        await self.keep(**{f"f{PASSES}": b"FILTER all", "all": b"ALL"})
        await self.refuses(b"FILTER f1", b"all")

    async def test_filters_that_double_what_they_say(self):
        twice = {f"f{number}": b"OR FILTER f%d FILTER f%d" % (number + 1, number + 1) for number in range(1, PASSES)}
        await self.keep(**twice, **{f"f{PASSES}": b"ALL"})
        await self.finds(b"f5")
        await self.keep(**{f"f{PASSES}": b"SUBJECT " + b"a" * 500})
        await self.refuses(b"FILTER f1", f"f{PASSES}".encode())

    async def test_as_long_as_a_line_and_no_longer(self):
        half = b"SUBJECT " + b"a" * (MAX_OCTETS // 2 - 9)
        await self.keep(half=half, most=half + b" SUBJECT " + b"b" * (MAX_OCTETS // 4 - 9))
        await self.client.succeeds(b"SEARCH FILTER half NOT FILTER half")
        await self.refuses(b"FILTER half FILTER half FILTER half", b"half")
        await self.client.succeeds(b"SEARCH FILTER most")
        await self.refuses(b"FILTER half FILTER most", b"most")

    async def test_as_deep_as_a_search_and_no_deeper(self):
        await self.keep(deep=b"(ALL ALL) " + b"NOT " * (MAX_DEPTH - 3) + b"SEEN")
        await self.client.succeeds(b"SEARCH FILTER deep")
        await self.refuses(b"NOT NOT FILTER deep", b"deep")
