"""The register of users."""

from mailstore.errors import AlreadyExists, InvalidName, NotFound, Unavailable
from mailstore.model import AccountId, SpecialUse
from tests.mailstore.contract import StoreCase, mail, name, together


class UsersContract(StoreCase):
    async def test_a_user_is_found_by_name_without_case(self):
        grace = await self.store.add_user("Grace@Example.org", "her hash")
        self.assertEqual(await self.store.user("grace@EXAMPLE.org"), grace)
        self.assertEqual((await self.store.credentials("grace@example.org"))[1], "her hash")

    async def test_users_are_listed_by_name(self):
        await self.store.add_user("grace", "")
        await self.store.add_user("Alan", "")
        self.assertEqual([user.name for user in await self.store.users()], ["ada", "Alan", "grace"])

    async def test_a_name_is_taken_once(self):
        await self.assert_raises(AlreadyExists, self.store.add_user("ADA", ""))

    async def test_of_two_who_take_a_name_at_once_one_gets_it(self):
        other = self.another_store()
        outcomes = await together(*(self._try(store) for store in (self.store, other)))
        self.assertEqual(sorted(outcomes), ["AlreadyExists", "added"])

    async def _try(self, store):
        try:
            await store.add_user("grace", "")
        except AlreadyExists:
            return "AlreadyExists"
        return "added"

    async def test_names_that_a_path_or_a_log_must_not_hold(self):
        for wrong in ("", "a/b", "..", "a\0b", "a\nb", "a b", "\u2028", "a\\b", "x" * 300, "\ud800"):
            await self.assert_raises(InvalidName, self.store.add_user(wrong, ""))

    async def test_a_hash_is_replaced(self):
        await self.store.set_password_hash("ADA", "another")
        self.assertEqual((await self.store.credentials("ada"))[1], "another")

    async def test_only_the_hash_that_is_named_is_replaced(self):
        await self.store.set_password_hash("ada", "one")
        await self.assert_raises(NotFound, self.store.set_password_hash("ada", "three", "two"))
        self.assertEqual((await self.store.credentials("ada"))[1], "one")
        await self.store.set_password_hash("ADA", "two", "one")
        self.assertEqual((await self.store.credentials("ada"))[1], "two")

    async def test_who_is_not_there(self):
        await self.assert_raises(NotFound, self.store.user("nobody"))
        await self.assert_raises(NotFound, self.store.user("\ud800"))
        await self.assert_raises(NotFound, self.store.credentials("nobody"))
        await self.assert_raises(NotFound, self.store.set_password_hash("nobody", ""))
        await self.assert_raises(NotFound, self.store.delete_user("nobody"))
        await self.assert_raises(NotFound, self.store.account(AccountId("00" * 16)))

    async def test_a_deleted_user_is_gone_with_all_mail(self):
        await self.append(mail())
        ada = await self.store.user("ada")
        await self.store.delete_user("ada")
        await self.assert_raises(NotFound, self.store.user("ada"))
        await self.assert_raises(NotFound, self.store.account(ada.account))
        await self.assert_raises(Unavailable, self.inbox.snapshot())
        again = await self.store.add_user("ada", "")
        self.assertNotEqual(again.account, ada.account)

    async def test_users_outlive_the_process(self):
        before = await self.store.users()
        await self.reopen()
        self.assertEqual(await self.store.users(), before)

    async def test_a_new_account_has_the_usual_folders(self):
        found = {each.name: each.special_use for each in await self.account.mailboxes()}
        self.assertEqual(
            found,
            {
                "Archive": SpecialUse.ARCHIVE,
                "Drafts": SpecialUse.DRAFTS,
                "INBOX": None,
                "Junk": SpecialUse.JUNK,
                "Sent": SpecialUse.SENT,
                "Trash": SpecialUse.TRASH,
            },
        )
        self.assertEqual(await self.account.subscriptions(), sorted(found))

    async def test_an_account_that_is_open_is_handed_out(self):
        ada = await self.store.user("ada")
        first, second = await together(self.store.account(ada.account), self.store.account(ada.account))
        self.assertIs(first, second)
        await first.release()
        await first.release()
        self.assertEqual((await first.status(name("INBOX"))).messages, 0)

    async def test_a_closed_store_says_so(self):
        other = self.another_store()
        ada = await other.user("ada")
        account = await other.account(ada.account)
        inbox = await account.mailbox(name("INBOX"))
        await self.close(other)
        await self.assert_raises(Unavailable, other.account(ada.account))
        await self.assert_raises(Unavailable, account.state())
        await self.assert_raises(Unavailable, self.append(mailbox=inbox))
