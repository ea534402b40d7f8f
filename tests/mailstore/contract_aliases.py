"""Other addresses of users."""

from mailstore import aliases
from mailstore.aliases import Alias
from mailstore.errors import AlreadyExists, InvalidName, NotFound, TooBig
from tests.mailstore.contract import StoreCase, together


class AliasesContract(StoreCase):
    async def test_an_alias_leads_to_its_user(self):
        ada = await self.store.user("ada")
        await self.store.add_alias("ADA", "Info@Example.org")
        for name in ("ada", "ADA", "info@example.org", "INFO@EXAMPLE.ORG"):
            self.assertEqual(await self.store.addressee(name), (ada, name))
        await self.assert_raises(NotFound, self.store.addressee("info"))

    async def test_of_several_names_the_first_counts_that_somebody_has(self):
        ada, bob = await self.store.user("ada"), await self.store.add_user("bob", "")
        await self.store.add_alias("ada", "info")
        self.assertEqual(await self.store.addressee("nobody", "INFO", "bob"), (ada, "INFO"))
        self.assertEqual(await self.store.addressee("nobody", "bob", "info"), (bob, "bob"))
        await self.assert_raises(NotFound, self.store.addressee("nobody", "no-one"))

    async def test_nobody_logs_in_by_an_alias(self):
        await self.store.add_alias("ada", "info")
        await self.assert_raises(NotFound, self.store.user("info"))
        await self.assert_raises(NotFound, self.store.credentials("info"))

    async def test_aliases_are_listed_by_name(self):
        await self.store.add_user("bob", "")
        for user, alias in (("ada", "news"), ("bob", "sales"), ("ada", "Info")):
            await self.store.add_alias(user, alias)
        self.assertEqual(await self.store.aliases("ADA"), [Alias("Info", "ada"), Alias("news", "ada")])
        self.assertEqual([alias.name for alias in await self.store.aliases()], ["Info", "news", "sales"])
        await self.assert_raises(NotFound, self.store.aliases("nobody"))

    async def test_an_alias_goes(self):
        await self.store.add_alias("ada", "info")
        await self.store.remove_alias("ada", "INFO")
        await self.assert_raises(NotFound, self.store.addressee("info"))
        await self.assert_raises(NotFound, self.store.remove_alias("ada", "info"))

    async def test_an_address_has_one_owner(self):
        await self.store.add_user("bob", "")
        await self.store.add_alias("ada", "info")
        for name, alias in (("bob", "Info"), ("ada", "info"), ("ada", "bob"), ("ada", "ada")):
            await self.assert_raises(AlreadyExists, self.store.add_alias(name, alias))
        await self.assert_raises(AlreadyExists, self.store.add_user("INFO", ""))
        await self.assert_raises(NotFound, self.store.remove_alias("bob", "info"))

    async def test_of_two_who_take_one_at_once_one_gets_it(self):
        await self.store.add_user("bob", "")
        other = self.another_store()
        outcomes = await together(self._try(self.store, "ada"), self._try(other, "bob"))
        self.assertEqual(sorted(outcomes), ["AlreadyExists", "added"])

    async def _try(self, store, name):
        try:
            await store.add_alias(name, "info")
        except AlreadyExists:
            return "AlreadyExists"
        return "added"

    async def test_what_cannot_be_had(self):
        await self.assert_raises(NotFound, self.store.add_alias("nobody", "info"))
        await self.assert_raises(NotFound, self.store.remove_alias("nobody", "info"))
        for wrong in ("", "a b", "a\nb"):
            await self.assert_raises(InvalidName, self.store.add_alias("ada", wrong))

    async def test_not_without_limit(self):
        self.patch(aliases, "MAX_ALIASES", 2)
        await self.store.add_alias("ada", "one")
        await self.store.add_alias("ada", "two")
        await self.assert_raises(TooBig, self.store.add_alias("ada", "three"))

    async def test_they_go_with_their_user(self):
        await self.store.add_user("bob", "")
        await self.store.add_alias("bob", "info")
        await self.store.delete_user("bob")
        await self.assert_raises(NotFound, self.store.addressee("info"))
        await self.store.add_alias("ada", "info")
        self.assertEqual((await self.store.addressee("info"))[0].name, "ada")

    async def test_another_process_knows_at_once(self):
        other = self.another_store()
        await self.store.add_alias("ada", "info")
        self.assertEqual((await other.addressee("info"))[0].name, "ada")
