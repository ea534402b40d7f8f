from twisted.trial.unittest import TestCase

from imapd.delivery.delivery import Delivery
from mailstore import open_store
from mailstore.errors import NotFound, Unavailable

USERS = ("ada", "bob@example.org", "c+d", "e@example.org", "e@example.net")


class RecipientTests(TestCase):
    async def setUp(self):
        self.store = open_store(f"sqlite://{self.mktemp()}", ())
        for name in USERS:
            await self.store.add_user(name, "no hash")
        account = await self.store.account((await self.store.user("ada")).account)
        await account.create("Lists")
        await account.release()

    async def tearDown(self):
        await self.store.close()

    async def find(self, delimiter, *addresses):
        delivery = Delivery(delimiter)
        delivery.open(self.store)
        found = []
        for address in addresses:
            local, _, domain = address.partition("@")
            try:
                recipient = await delivery.recipient(address, local, domain)
                found.append((recipient.user, recipient.mailbox))
            except NotFound:
                found.append(None)
        return found

    async def test_users_without_a_domain_have_all_of_them(self):
        found = await self.find("+", "ada", "ADA@example.org", "Ada@example.net")
        self.assertEqual(found, [("ada", "INBOX")] * 3)

    async def test_users_with_a_domain_have_that_one(self):
        found = await self.find("+", "bob@EXAMPLE.org", "bob@example.net", "bob", "e@example.net", "e@example.org")
        users = ("bob@example.org", None, None, "e@example.net", "e@example.org")
        self.assertEqual(found, [user and (user, "INBOX") for user in users])

    async def test_details_are_folders(self):
        found = await self.find("+", "ada+Lists", "ada+lists@example.org", "ada+other", "ada+", "bob+x@example.org")
        self.assertEqual(found, [*[("ada", "Lists")] * 2, *[("ada", "INBOX")] * 2, ("bob@example.org", "INBOX")])

    async def test_a_detail_that_is_no_name_is_the_inbox(self):
        self.assertEqual(await self.find("+", "ada+/", "ada+a//b"), [("ada", "INBOX")] * 2)

    async def test_the_whole_name_comes_first(self):
        self.assertEqual(await self.find("+", "c+d", "c+e"), [("c+d", "INBOX"), None])

    async def test_aliases_of_an_address_a_local_part_and_a_domain(self):
        await self.store.add_alias("ada", "info@example.org")
        await self.store.add_alias("ada", "news")
        await self.store.add_alias("bob@example.org", "@example.net")
        addresses = ("info+Lists@example.org", "info", "news@example.com", "x@example.net", "x@example.com")
        found = await self.find("+", *addresses)
        ada, bob = ("ada", "INBOX"), ("bob@example.org", "INBOX")
        self.assertEqual(found, [("ada", "Lists"), None, ada, bob, None])
        self.assertEqual(await self.find("+", "ada@example.net", "e@example.net"), [ada, ("e@example.net", "INBOX")])

    async def test_another_delimiter_or_none(self):
        self.assertEqual(await self.find("-", "ada-lists", "ada+lists"), [("ada", "Lists"), None])
        self.assertEqual(await self.find("", "ada+lists", "ada"), [None, ("ada", "INBOX")])

    async def test_nobody_is_here_before_the_store(self):
        with self.assertRaises(Unavailable):
            await Delivery("+").recipient("ada", "ada", "")
