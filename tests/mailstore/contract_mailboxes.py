"""Mailboxes and subscriptions."""

from mailstore.changes import (
    Expunged,
    MailboxCreated,
    MailboxDeleted,
    MailboxRenamed,
    SubscriptionChanged,
)
from mailstore.errors import AlreadyExists, Conflict, HasChildren, InvalidName, NotFound, NotPermitted
from mailstore.model import Listed, SpecialUse
from mailstore.names import INBOX
from tests.mailstore.contract import EVERYONE, StoreCase, flags, mail, name, uids


class MailboxesContract(StoreCase):
    async def test_create(self):
        created = (await self.account.create(name("work/2024"), SpecialUse.FLAGGED)).mailbox
        found = {each.name: each for each in await self.account.mailboxes()}
        self.assertEqual(found[name("work/2024")].id, created)
        self.assertEqual(found[name("work/2024")].special_use, SpecialUse.FLAGGED)
        self.assertNotIn(name("work"), found)
        self.assertEqual((await self.account.mailbox(name("work/2024"))).id, created)

    async def test_a_special_use_is_one_mailboxs(self):
        await self.assert_raises(Conflict, self.account.create(name("Spam"), SpecialUse.JUNK))
        self.assertEqual(await self.names(), [])
        await self.account.delete(name("Junk"))
        await self.account.create(name("Spam"), SpecialUse.JUNK)
        await self.account.rename(name("Spam"), name("work/Spam"))
        await self.assert_raises(Conflict, self.account.create(name("Spam"), SpecialUse.JUNK))

    async def test_what_a_listing_says_of_one_name(self):
        await self.account.create(name("work/2024"), SpecialUse.FLAGGED)
        await self.account.subscribe(name("work/nothing"))
        mailboxes = {each.name: each for each in await self.account.mailboxes()}
        for asked, has_children, subscribed in (
            ("INBOX", False, True),
            ("work", True, False),
            ("work/2024", False, False),
            ("work/nothing", False, True),
            ("wor", False, False),
        ):
            listed = await self.account.listed(name(asked))
            self.assertEqual(listed, Listed(mailboxes.get(name(asked)), has_children, subscribed), asked)
        await self.account.delete(name("work/2024"))
        self.assertEqual(await self.account.listed(name("work")), Listed(None, has_children=False, subscribed=False))

    async def test_counts_of_many_mailboxes(self):
        await self.append(flags=flags("\\Seen"))
        await self.append()
        asked = [name("Drafts"), name("nowhere"), INBOX]
        found = await self.account.statuses(asked)
        self.assertEqual(found, {each: await self.account.status(each) for each in (name("Drafts"), INBOX)})
        self.assertEqual((found[INBOX].messages, found[INBOX].unseen, found[INBOX].recent), (2, 1, 2))
        self.assertEqual(await self.account.statuses([]), {})

    async def test_a_name_is_taken_once_and_compares_with_case(self):
        await self.account.create(name("work"))
        await self.assert_raises(AlreadyExists, self.account.create(name("work")))
        await self.assert_raises(AlreadyExists, self.account.create(INBOX))
        await self.account.create(name("Work"))
        self.assertEqual(await self.names(), ["Work", "work"])

    async def test_delete(self):
        await self.account.create(name("work"))
        await self.account.create(name("work/old"))
        await self.account.delete(name("work"))
        self.assertEqual(await self.names(), ["work/old"])
        await self.assert_raises(NotFound, self.account.status(name("work")))
        await self.assert_raises(NotFound, self.account.mailbox(name("work")))
        await self.assert_raises(HasChildren, self.account.delete(name("work")))
        await self.assert_raises(NotFound, self.account.delete(name("wor")))
        await self.assert_raises(NotPermitted, self.account.delete(INBOX))

    async def test_who_has_a_deleted_mailbox_still_reads_it(self):
        await self.account.create(name("work"))
        work = await self.account.mailbox(name("work"))
        await self.append(mail("one"), mail("two"), mailbox=work)
        told = (await work.snapshot()).status.highest_modseq
        await self.account.delete(name("work"))
        [gone] = (await work.changes_since(told)).entries
        self.assertEqual(gone, Expunged(await self.account.state(), uids(1, 2)))
        self.assertEqual(await self.octets(2, work), mail("two"))
        await self.assert_raises(NotFound, work.snapshot())
        await self.assert_raises(NotFound, self.append(mailbox=work))
        await self.assert_raises(NotFound, self.append(mail("three"), mailbox=work))
        self.assertEqual((await self.account.usage()).messages, 0)
        await self.assert_raises(NotFound, work.copy(EVERYONE, INBOX))
        await self.assert_raises(NotFound, work.expunge(EVERYONE))
        await self.assert_raises(NotFound, work.claim_recent(9))

    async def test_a_mailbox_made_again_is_another_one(self):
        first = (await self.account.create(name("work"))).mailbox
        validity = (await self.account.status(name("work"))).uid_validity
        await self.account.delete(name("work"))
        second = (await self.account.create(name("work"))).mailbox
        self.assertNotEqual(first, second)
        self.assertGreater((await self.account.status(name("work"))).uid_validity, validity)

    async def test_uid_validity_never_repeats(self):
        for number in range(5):
            await self.account.create(name(f"m{number}"))
        validities = [(await self.account.status(each.name)).uid_validity for each in await self.account.mailboxes()]
        self.assertEqual(len(set(validities)), len(validities))

    async def test_rename(self):
        created = (await self.account.create(name("work"))).mailbox
        work = await self.account.mailbox(name("work"))
        await self.append(mailbox=work)
        before = await self.account.status(name("work"))
        await self.account.rename(name("work"), name("play/music"))
        self.assertEqual(await self.names(), ["play/music"])
        after = await self.account.status(name("play/music"))
        self.assertEqual((after.id, after.uid_validity, after.messages), (created, before.uid_validity, 1))
        self.assertEqual((await work.snapshot()).status.name, "play/music")

    async def test_rename_takes_what_is_below_along(self):
        for each in ("work", "work/a", "work/a/b", "workshop", "work0", "work.x"):
            await self.account.create(name(each))
        await self.account.rename(name("work"), name("play"))
        self.assertEqual(await self.names(), ["play", "play/a", "play/a/b", "work.x", "work0", "workshop"])

    async def test_rename_of_a_name_that_only_has_children(self):
        await self.account.create(name("work/a"))
        await self.account.rename(name("work"), name("play"))
        self.assertEqual(await self.names(), ["play/a"])

    async def test_rename_to_a_parent(self):
        for each in ("a/b", "a/b/b", "a/b/c", "a/b/b/c"):
            await self.account.create(name(each))
        await self.account.rename(name("a/b"), name("a"))
        self.assertEqual(await self.names(), ["a", "a/b", "a/b/c", "a/c"])

    async def test_rename_refusals(self):
        for each in ("work", "work/a", "play/a"):
            await self.account.create(name(each))
        await self.assert_raises(NotFound, self.account.rename(name("none"), name("other")))
        await self.assert_raises(AlreadyExists, self.account.rename(name("work"), name("work")))
        await self.assert_raises(AlreadyExists, self.account.rename(name("work"), INBOX))
        await self.assert_raises(AlreadyExists, self.account.rename(name("work"), name("play")))
        await self.assert_raises(AlreadyExists, self.account.rename(name("play"), name("work")))
        await self.assert_raises(NotPermitted, self.account.rename(name("work"), name("work/b")))
        await self.assert_raises(InvalidName, self.account.rename(name("work"), name("x" * 999)))
        self.assertEqual(await self.names(), ["play/a", "work", "work/a"])

    async def test_rename_of_inbox_moves_its_messages(self):
        await self.account.create(name("INBOX/sub"))
        await self.append(mail("one"), mail("two"), flags=flags("\\Seen"))
        await self.append(mail("three"))
        await self.account.rename(INBOX, name("old"))
        self.assertEqual(await self.names(), ["INBOX/sub", "old"])
        old = await self.account.mailbox(name("old"))
        self.assertEqual([await self.octets(uid, old) for uid in (1, 2, 3)], [mail("one"), mail("two"), mail("three")])
        self.assertEqual((await old.snapshot()).first_unseen, 3)
        snapshot = await self.inbox.snapshot()
        self.assertEqual((snapshot.status.messages, snapshot.status.uid_next), (0, 4))
        await self.account.rename(INBOX, name("older"))
        self.assertEqual((await self.account.status(name("older"))).messages, 0)

    async def test_subscriptions_are_names(self):
        await self.account.subscribe(name("nowhere"))
        await self.account.subscribe(name("nowhere"))
        await self.account.unsubscribe(name("Sent"))
        await self.account.unsubscribe(name("Sent"))
        await self.account.delete(name("Trash"))
        self.assertEqual(
            await self.account.subscriptions(), ["Archive", "Drafts", "INBOX", "Junk", "Trash", "nowhere"]
        )

    async def test_what_happened_to_mailboxes(self):
        start = await self.account.state()
        await self.account.create(name("a"))
        await self.account.create(name("a/b"))
        await self.account.rename(name("a"), name("c"))
        await self.account.subscribe(name("c"))
        await self.account.subscribe(name("c"))
        await self.account.delete(name("c"))
        await self.account.rename(INBOX, name("old"))
        self.assertEqual(
            await self.mailbox_changes_since(start),
            [
                MailboxCreated(start + 1, name("a")),
                MailboxCreated(start + 2, name("a/b")),
                MailboxRenamed(start + 3, name("a"), name("c")),
                MailboxRenamed(start + 3, name("a/b"), name("c/b")),
                SubscriptionChanged(start + 4, name("c")),
                MailboxDeleted(start + 5, name("c")),
                MailboxRenamed(start + 6, INBOX, name("old")),
            ],
        )
        self.assertEqual(await self.mailbox_changes_since(await self.account.state()), [])

    async def test_when_that_was(self):
        start = await self.account.state()
        answers = [
            (await self.account.create(name("a"))).modseq,
            await self.account.rename(name("a"), name("b")),
            await self.account.rename(INBOX, name("old")),
            await self.account.subscribe(name("b")),
            await self.account.subscribe(name("b")),
            await self.account.unsubscribe(name("b")),
            await self.account.unsubscribe(name("b")),
            await self.account.delete(name("b")),
        ]
        self.assertEqual(answers, [start + 1, start + 2, start + 3, start + 4, None, start + 5, None, start + 6])

    async def test_a_refused_change_moves_nothing(self):
        before = await self.account.state()
        await self.assert_raises(AlreadyExists, self.account.create(INBOX))
        await self.assert_raises(NotFound, self.account.rename(name("x"), name("y")))
        self.assertEqual(await self.account.state(), before)
