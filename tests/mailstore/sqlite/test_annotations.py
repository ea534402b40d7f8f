"""What the contract does not say of annotations: how much there may be, and what `check` finds."""

from mailstore.annotations import EntryName
from mailstore.errors import TooBig
from mailstore.names import INBOX
from mailstore.sqlite import annotations, changelog
from tests.mailstore.contract import name
from tests.mailstore.sqlite.case import SqliteCase

COMMENT = EntryName("/private/comment")  # 16 octets


class OctetsTests(SqliteCase):
    async def octets(self):
        return await self.account.database.read(lambda reader: reader.value("SELECT annotation_octets FROM account"))

    async def test_names_and_values_count(self):
        await self.account.annotate(INBOX, {COMMENT: b"12345"})
        await self.account.annotate(name("Sent"), {COMMENT: b""})
        self.assertEqual(await self.octets(), 16 + 5 + 16)
        await self.account.annotate(INBOX, {COMMENT: b"123"})
        await self.account.delete(name("Sent"))
        self.assertEqual(await self.octets(), 16 + 3)
        await self.account.annotate(INBOX, {COMMENT: None})
        self.assertEqual(await self.octets(), 0)

    async def test_so_many_and_no_more(self):
        self.patch(annotations, "MAX_OCTETS", 40)
        await self.account.annotate(INBOX, {COMMENT: b"x" * 24})
        for subject, entry, value in ((INBOX, COMMENT, b"x" * 25), (None, COMMENT, b""), (INBOX, "/private/a", b"")):
            await self.assert_raises(TooBig, self.account.annotate(subject, {entry: value}))
        await self.assert_raises(TooBig, self.account.rename(INBOX, name("old")))
        self.patch(annotations, "MAX_OCTETS", 10)
        await self.account.annotate(INBOX, {COMMENT: b"y" * 23})
        self.assertEqual(await self.octets(), 39)


class ChangesTests(SqliteCase):
    async def test_each_name_counts_as_an_entry_of_the_log(self):
        self.patch(changelog, "LONG", 2)
        start = await self.account.state()
        await self.account.annotate(INBOX, {COMMENT: b"", EntryName("/private/b"): b""})
        self.assertEqual(len(await self.mailbox_changes_since(start)), 1)
        await self.account.annotate(None, {COMMENT: b""})
        self.assertIsNone(await self.mailbox_changes_since(start))


class CheckTests(SqliteCase):
    async def test_what_does_not_agree(self):
        await self.account.annotate(INBOX, {COMMENT: b"1"})
        for change, rule in (
            ("UPDATE account SET annotation_octets = 5", "annotations of other octets"),
            ("UPDATE annotation SET mailbox_id = 77", "an annotation of no mailbox"),
            ("UPDATE annotation SET entry = '/Private/comment'", "an annotation that nobody can name"),
            ("UPDATE mailbox SET special_use = 'junk' WHERE name IN ('Junk', 'Sent')", "a special use of several"),
        ):
            connection = self.other_connection()
            connection.execute(change)
            [problem] = await self.account.check_consistency()
            self.assertTrue(problem.startswith(rule), problem)
            connection.execute(
                "UPDATE account SET annotation_octets = 17; UPDATE annotation SET mailbox_id = 1, entry = ?;"
                "UPDATE mailbox SET special_use = 'sent' WHERE name = 'Sent'",
                (COMMENT,),
            )
            connection.close()
