"""Annotations of mailboxes and of the account itself."""

from mailstore.annotations import MAX_ENTRIES, MAX_VALUE_OCTETS, Annotation, Branches, EntryName
from mailstore.changes import Annotated, MailboxCreated, MetadataChanged
from mailstore.errors import NotFound, TooBig
from mailstore.model import SpecialUse
from mailstore.names import INBOX
from tests.mailstore.contract import StoreCase, mail, name, together

COMMENT = EntryName("/private/comment")
COLOR = EntryName("/shared/vendor/example/color")
SIZE = EntryName("/shared/vendor/example/size/width")
USE = EntryName("/private/specialuse")


def branches(*roots, levels=0):
    return Branches(frozenset(map(EntryName, roots)), levels)


EVERYTHING = branches("/private", "/shared", levels=None)


class AnnotationsContract(StoreCase):
    async def read(self, *subjects, among=EVERYTHING, largest=MAX_VALUE_OCTETS):
        """Return the annotations in their order."""
        batches = self.account.annotations(subjects, among, largest)
        return [annotation async for batch in batches for annotation in batch]

    async def values(self, subject=INBOX, among=EVERYTHING):
        return {each.entry: each.value for each in await self.read(subject, among=among)}

    async def test_set_replace_and_remove(self):
        self.assertEqual(await self.values(), {})
        await self.account.annotate(INBOX, {COMMENT: b"one", COLOR: bytes(range(256))})
        self.assertEqual(await self.values(), {COMMENT: b"one", COLOR: bytes(range(256))})
        await self.account.annotate(INBOX, {COMMENT: b"", COLOR: None, SIZE: None})
        self.assertEqual(await self.values(), {COMMENT: b""})
        await self.reopen()
        self.assertEqual(await self.values(), {COMMENT: b""})

    async def test_each_mailbox_and_the_account_have_their_own(self):
        for subject, value in ((INBOX, b"i"), (name("Sent"), b"s"), (None, b"a")):
            await self.account.annotate(subject, {COMMENT: value})
        found = await self.read(name("Sent"), None, name("Trash"), name("nowhere"), INBOX)
        self.assertEqual(
            found,
            [
                Annotation(name("Sent"), COMMENT, 1, b"s"),
                Annotation(None, COMMENT, 1, b"a"),
                Annotation(INBOX, COMMENT, 1, b"i"),
            ],
        )
        self.assertEqual(await self.read(name("nowhere"), name("none")), [])
        await self.assert_raises(NotFound, self.account.annotate(name("nowhere"), {COMMENT: b"n"}))

    async def test_which_entries(self):
        await self.account.annotate(INBOX, {COMMENT: b"c", COLOR: b"blue", SIZE: b"2"})
        vendor = "/shared/vendor/example"
        for among, expected in (
            (branches(COMMENT, COLOR), [COMMENT, COLOR]),
            (branches(vendor), []),
            (branches("/private/com", "/private/comment/x", levels=None), []),
            (branches(vendor, levels=1), [COLOR]),
            (branches(f"{vendor}/size", levels=1), [SIZE]),
            (branches(COLOR, "/shared/vendor", levels=1), [COLOR]),
            (branches(COLOR, vendor, levels=None), [COLOR, SIZE]),
            (EVERYTHING, [COMMENT, COLOR, SIZE]),
        ):
            self.assertEqual([each.entry for each in await self.read(INBOX, among=among)], expected, among)

    async def test_of_a_value_that_is_too_large_only_the_size_is_given(self):
        await self.account.annotate(INBOX, {COMMENT: b"12345", COLOR: b"123456"})
        self.assertEqual(
            await self.read(INBOX, largest=5),
            [Annotation(INBOX, COMMENT, 5, b"12345"), Annotation(INBOX, COLOR, 6, None)],
        )

    async def test_many_mailboxes_in_bounded_batches(self):
        names = [name(f"m{number}") for number in range(50)]
        await together(*map(self.account.create, names))
        value = b"x" * MAX_VALUE_OCTETS
        for each in names:
            await self.account.annotate(each, {COLOR: value})
        got = []
        async for batch in self.account.annotations(names[::-1], branches(COLOR)):
            self.assertLess(sum(each.size for each in batch), 10 * MAX_VALUE_OCTETS)
            got += [each.mailbox for each in batch if each.value == value]
        self.assertEqual(got, names[::-1])

    async def test_all_or_none(self):
        await self.account.annotate(INBOX, {COMMENT: b"old"})
        before = await self.account.state()
        too_large = {COMMENT: b"new", COLOR: b"x" * (MAX_VALUE_OCTETS + 1)}
        await self.assert_raises(TooBig, self.account.annotate(INBOX, too_large, {SpecialUse.SENT}))
        too_many = {EntryName(f"/private/n{number}"): b"" for number in range(MAX_ENTRIES)}
        await self.assert_raises(TooBig, self.account.annotate(INBOX, {COMMENT: b"new", **too_many}))
        self.assertEqual(await self.values(), {COMMENT: b"old"})
        self.assertEqual(await self.account.state(), before)

    async def test_a_full_mailbox_still_takes_changes_and_removals(self):
        many = {EntryName(f"/private/n{number}"): b"" for number in range(MAX_ENTRIES)}
        await self.account.annotate(INBOX, many)
        await self.assert_raises(TooBig, self.account.annotate(INBOX, {COMMENT: b""}))
        await self.account.annotate(INBOX, {EntryName("/private/n7"): b"changed"})
        await self.account.annotate(INBOX, {EntryName("/private/n8"): None, COMMENT: b""})
        self.assertEqual(len(await self.values()), MAX_ENTRIES)
        await self.account.annotate(name("Sent"), {COMMENT: b""})

    async def test_they_follow_a_mailbox_and_go_with_it(self):
        await self.account.create(name("work"))
        await self.account.annotate(name("work"), {COMMENT: b"w"})
        await self.account.rename(name("work"), name("play"))
        self.assertEqual(await self.values(name("play")), {COMMENT: b"w"})
        self.assertEqual(await self.values(name("work")), {})
        await self.account.delete(name("play"))
        self.assertEqual(await self.values(name("play")), {})
        await self.account.create(name("play"))
        self.assertEqual(await self.values(name("play")), {})

    async def test_rename_of_inbox_copies_them(self):
        await self.account.annotate(INBOX, {COMMENT: b"i", SIZE: b"2"})
        await self.append(mail())
        await self.account.rename(INBOX, name("old"))
        self.assertEqual(await self.values(name("old")), {COMMENT: b"i", SIZE: b"2"})
        self.assertEqual(await self.values(), {COMMENT: b"i", SIZE: b"2"})

    async def test_what_happened(self):
        start = await self.account.state()
        self.assertEqual(await self.account.annotate(INBOX, {COLOR: b"red", COMMENT: b"c"}), Annotated(start + 1))
        await self.account.annotate(None, {COMMENT: b"c"})
        await self.account.annotate(INBOX, {COLOR: b"red", COMMENT: None, SIZE: None})
        self.assertEqual(await self.account.annotate(INBOX, {COLOR: b"red", SIZE: None}), Annotated())
        await self.account.create(name("work"))
        self.assertEqual(
            await self.mailbox_changes_since(start),
            [
                MetadataChanged(start + 1, INBOX, (COLOR, COMMENT)),
                MetadataChanged(start + 2, None, (COMMENT,)),
                MetadataChanged(start + 3, INBOX, (COMMENT,)),
                MailboxCreated(start + 4, name("work")),
            ],
        )


class SpecialUseContract(StoreCase):
    async def use(self, *mailboxes):
        return [(await self.account.mailbox_info(name(each))).special_use for each in mailboxes]

    async def test_info(self):
        self.assertIn(await self.account.mailbox_info(name("Sent")), await self.account.mailboxes())
        await self.assert_raises(NotFound, self.account.mailbox_info(name("nowhere")))

    async def test_given_moved_and_taken(self):
        start = await self.account.state()
        await self.account.create(name("work"))
        moved = await self.account.annotate(name("work"), {COMMENT: b"w"}, {SpecialUse.SENT})
        self.assertEqual(moved, Annotated(start + 2, name("Sent")))
        self.assertEqual(await self.use("work", "Sent"), [SpecialUse.SENT, None])
        self.assertEqual(await self.account.annotate(name("work"), {}, {SpecialUse.SENT}), Annotated())
        self.assertEqual(await self.account.annotate(name("work"), {}), Annotated())
        self.assertEqual(await self.account.annotate(name("work"), {}, frozenset()), Annotated(start + 3))
        self.assertEqual(await self.use("work", "Sent"), [None, None])
        self.assertEqual(
            await self.mailbox_changes_since(start + 1),
            [
                MetadataChanged(start + 2, name("Sent"), (USE,)),
                MetadataChanged(start + 2, name("work"), (COMMENT, USE)),
                MetadataChanged(start + 3, name("work"), (USE,)),
            ],
        )

    async def test_that_of_a_deleted_mailbox_is_nobodys(self):
        await self.account.delete(name("Junk"))
        self.assertEqual(
            await self.account.annotate(name("Sent"), {}, {SpecialUse.JUNK}), Annotated(await self.account.state())
        )
        self.assertEqual(await self.use("Sent"), [SpecialUse.JUNK])
