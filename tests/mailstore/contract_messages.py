"""Messages: in, out, changed, copied, moved and gone."""

import time
from contextlib import closing

from mailstore.changes import Appended, Copied, Expunged, FlagsChanged, MessageChanges, Stored
from mailstore.errors import Expunged as Gone
from mailstore.errors import InvalidName, NotFound, TooBig
from mailstore.interfaces import NewMessage
from mailstore.model import Field, InternalDate, StoreFlags, Uid, Usage
from mailstore.names import INBOX
from mailstore.spool import Spool
from mailstore.uidset import EMPTY, UidSet
from tests.mailstore.contract import EVERYONE, SIZE, SUBJECT, StoreCase, flags, mail, name, together, uids

CHANGED_IN_SIZE = (b"", b"x", b"\0\r\n\r\0\n", b"no header\n" * 7, bytes(range(256)) * 1000, b"\r\n" * 70_000)


class AppendContract(StoreCase):
    async def test_the_answer_says_where_the_messages_went(self):
        status = await self.account.status(INBOX)
        spools = [Spool(mail("one")), Spool(mail("two"))]
        appended = await self.inbox.append([NewMessage(spool) for spool in spools])
        self.assertEqual(appended.mailbox, self.inbox.id)
        self.assertEqual(appended.uid_validity, status.uid_validity)
        self.assertEqual(appended.uids, uids(1, 2))
        self.assertEqual(appended.modseq, await self.account.state())

    async def test_to_whatever_has_the_name_then(self):
        new, old = name("new"), name("old")
        with closing(Spool(mail())) as spool:
            await self.assert_raises(NotFound, self.account.append(new, [NewMessage(spool)]))
            first = await self.account.create(new)
            appended = await self.account.append(new, [NewMessage(spool)])
            self.assertEqual((appended.mailbox, appended.uids), (first.mailbox, uids(1)))
            _, appended = await together(self.account.rename(new, old), self.account.append(old, [NewMessage(spool)]))
            self.assertEqual((appended.mailbox, appended.uids), (first.mailbox, uids(2)))

    async def test_any_octets_come_back_as_they_were(self):
        found = await self.append(*CHANGED_IN_SIZE)
        await self.reopen()
        for uid, octets in zip(found, CHANGED_IN_SIZE, strict=True):
            self.assertEqual(await self.octets(uid), octets)

    async def test_a_message_is_read_in_parts(self):
        octets = b"".join(b"%07d\n" % number for number in range(40_000))
        await self.append(octets)
        message = (await self.column(Field.MESSAGE))[1]
        self.assertEqual(message.size, len(octets))
        spans = (0, 1), (65_530, 65_540), (65_536, 131_072), (0, 319_999), (319_000, 10**9), (9, 9), (9, 3)
        for start, stop in spans:
            self.assertEqual(await message.read(start, stop), octets[start:stop])
            self.assertEqual(b"".join([piece async for piece in message.stream(start, stop)]), octets[start:stop])
        self.assertLessEqual(max([len(piece) async for piece in message.stream(0, len(octets))]), 1 << 18)

    async def test_a_message_has_its_shape(self):
        octets = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n"
        await self.append(octets)
        root = await (await self.column(Field.MESSAGE))[1].root()
        self.assertEqual([octets[part.body : part.end] for part in root.children], [b"one", b"two"])

    async def test_flags_and_dates(self):
        date = InternalDate(1_000_000_000, -90)
        await self.append(flags=flags("\\Seen", "$Forwarded"), date=date)
        await self.append()
        self.assertEqual(await self.column(Field.FLAGS), {1: flags("\\Seen", "$Forwarded"), 2: frozenset()})
        dates = await self.column(Field.INTERNAL_DATE)
        self.assertEqual(dates[1], date)
        self.assertLess(abs(dates[2].seconds - time.time()), 100)
        self.assertEqual(await self.column(Field.ARRIVED), {uid: each.seconds for uid, each in dates.items()})

    async def test_a_message_that_is_too_big(self):
        await self.append(b"x" * self.max_message_octets)
        await self.assert_raises(TooBig, self.append(mail(), b"x" * (self.max_message_octets + 1)))
        self.assertEqual((await self.account.status(INBOX)).messages, 1)

    async def test_what_is_foreseen(self):
        self.account.foresee_append(INBOX, Usage(5, 1))
        self.assertRaises(NotFound, self.account.foresee_append, name("none"), Usage(5, 1))
        await self.account.create(name("none"))
        self.account.foresee_append(name("none"), Usage(5, 1))

    async def test_all_or_none(self):
        before = await self.inbox.snapshot()
        spools = [Spool(mail()), Spool(mail())]
        new = [NewMessage(spools[0]), NewMessage(spools[1], flags("x" * 1000))]
        await self.assert_raises(TooBig, self.inbox.append(new))
        self.assertEqual(await self.inbox.snapshot(), before)

    async def test_the_same_message_again(self):
        await self.append(mail(), mail())
        await self.append(mail())
        self.assertEqual((await self.account.status(INBOX)).octets, 3 * len(mail()))
        self.assertEqual(await self.octets(3), mail())


class FetchContract(StoreCase):
    async def test_every_field_at_once_and_each_alone(self):
        await self.append(mail(subject="one"), mail(subject="two"))
        fields = [*Field, SUBJECT, SIZE]
        [rows] = [rows async for rows in self.inbox.fetch(EVERYONE, fields)]
        self.assertEqual(list(rows.uids), [1, 2])
        for field in fields:
            if field is not Field.MESSAGE:
                alone = await self.column(field)
                self.assertEqual(list(rows.columns[field]), list(alone.values()))
        self.assertEqual(list(rows.columns[SUBJECT]), [b"one", b"two"])
        self.assertEqual(list(rows.columns[Field.SIZE]), [len(mail(subject="one"))] * 2)

    async def test_no_field_at_all(self):
        await self.append()
        [rows] = [rows async for rows in self.inbox.fetch(EVERYONE, [])]
        self.assertEqual((list(rows.uids), rows.columns), ([1], {}))

    async def test_equal_flags_are_the_same_object(self):
        await self.append(mail("1"), mail("2"), flags=flags("\\Seen", "a"))
        await self.append(flags=flags("a"))
        await self.inbox.store(uids(3), StoreFlags.ADD, flags("\\Seen"))
        first, second, third = (await self.column(Field.FLAGS)).values()
        self.assertIs(first, second)
        self.assertIs(first, third)

    async def test_many_messages_come_in_order_and_in_batches(self):
        await self.append(*(b"%d" % number for number in range(40)))
        while (await self.account.status(INBOX)).messages < 2000:
            await self.inbox.copy(EVERYONE, INBOX)
        every = (await self.inbox.snapshot()).uids
        within = UidSet((uid, uid) for uid in every if uid % 3)
        found = [list(rows.uids) async for rows in self.inbox.fetch(within, [Field.SIZE])]
        self.assertEqual([uid for batch in found for uid in batch], list(within))
        self.assertGreater(len(found), 1)

    async def test_large_renderings_make_small_batches(self):
        await self.append(*(mail(subject="x" * 300_000 + str(number)) for number in range(9)))
        batches = [rows.columns[SUBJECT] async for rows in self.inbox.fetch(EVERYONE, [SUBJECT])]
        self.assertGreater(len(batches), 1)
        self.assertEqual([len(value) for batch in batches for value in batch], [300_001] * 9)

    async def test_an_expunged_message_is_still_there_for_who_was_not_told(self):
        await self.append(mail("one"), mail("two"), flags=flags("\\Deleted"))
        await self.inbox.expunge(uids(1))
        self.assertEqual(await self.octets(1), mail("one"))
        self.assertEqual(list(await self.column(Field.FLAGS)), [1, 2])

    async def test_what_was_never_there_is_left_out(self):
        await self.append()
        self.assertEqual(list(await self.column(Field.SIZE, UidSet([(1, 2), (5, 5)]))), [1])
        self.assertEqual(await self.column(Field.SIZE, uids(7)), {})
        self.assertEqual(await self.column(Field.SIZE, EMPTY), {})


class StoreContract(StoreCase):
    async def setUp(self):
        await super().setUp()
        await self.append(mail("1"), mail("2"), flags=flags("\\Seen"))
        await self.append(mail("3"), flags=flags("a", "\\Deleted"))
        self.modseq = await self.account.state()

    async def test_add_remove_and_replace(self):
        await self.inbox.store(EVERYONE, StoreFlags.ADD, flags("\\Flagged", "b"))
        both = flags("\\Seen", "\\Flagged", "b")
        self.assertEqual(
            await self.column(Field.FLAGS), {1: both, 2: both, 3: flags("a", "\\Deleted", "\\Flagged", "b")}
        )
        await self.inbox.store(uids(1, 3), StoreFlags.REMOVE, flags("b", "\\Deleted", "never"))
        self.assertEqual(
            await self.column(Field.FLAGS), {1: flags("\\Seen", "\\Flagged"), 2: both, 3: flags("a", "\\Flagged")}
        )
        await self.inbox.store(uids(2, 3), StoreFlags.REPLACE, flags("c"))
        self.assertEqual(
            await self.column(Field.FLAGS), {1: flags("\\Seen", "\\Flagged"), 2: flags("c"), 3: flags("c")}
        )

    async def test_only_what_changes_gets_a_mod_sequence(self):
        stored = await self.inbox.store(EVERYONE, StoreFlags.ADD, flags("\\Seen"))
        self.assertEqual(stored, Stored(self.modseq + 1, uids(3), before=self.modseq))
        self.assertEqual((await self.column(Field.MODSEQ))[3], self.modseq + 1)
        self.assertLess((await self.column(Field.MODSEQ))[1], self.modseq + 1)
        again = await self.inbox.store(EVERYONE, StoreFlags.ADD, flags("\\Seen"))
        self.assertEqual(again, Stored(self.modseq + 1, before=self.modseq + 1))
        self.assertEqual(await self.account.state(), self.modseq + 1)

    async def test_unchanged_since(self):
        await self.inbox.store(uids(2), StoreFlags.ADD, flags("b"))
        stored = await self.inbox.store(EVERYONE, StoreFlags.ADD, flags("c"), self.modseq)
        self.assertEqual(stored, Stored(self.modseq + 2, uids(1, 3), uids(2), before=self.modseq + 1))
        self.assertNotIn("c", (await self.column(Field.FLAGS))[2])

    async def test_a_change_says_the_flags_where_all_have_the_same(self):
        alike = await self.inbox.store(uids(1, 3), StoreFlags.REPLACE, flags("\\Seen"))
        self.assertEqual(alike.flags, flags("\\Seen"))
        one = await self.inbox.store(uids(3), StoreFlags.ADD, flags("A"))
        self.assertEqual(one.flags, (await self.column(Field.FLAGS))[3])
        already = await self.inbox.store(uids(3), StoreFlags.ADD, flags("a"))
        self.assertEqual(already.flags, one.flags)
        different = await self.inbox.store(uids(1, 3), StoreFlags.ADD, flags("\\Flagged"))
        self.assertIsNone(different.flags)

    async def test_a_change_does_not_say_the_flags_of_what_is_not_changed(self):
        since = await self.account.state()
        await self.inbox.store(uids(2), StoreFlags.ADD, flags("b"))
        refusing = await self.inbox.store(uids(1, 2), StoreFlags.REPLACE, flags("c"), since)
        self.assertIsNone(refusing.flags)
        await self.inbox.remove(uids(1))
        self.assertIsNone((await self.inbox.store(uids(1, 2), StoreFlags.REPLACE, flags("c"))).flags)
        self.assertIsNone((await self.inbox.store(uids(1), StoreFlags.REPLACE, flags("c"))).flags)

    async def test_keywords_have_the_spelling_of_their_first_use(self):
        await self.inbox.store(uids(1), StoreFlags.ADD, flags("$Label1"))
        await self.inbox.store(uids(2), StoreFlags.REPLACE, flags("$LABEL1", "A"))
        self.assertEqual((await self.column(Field.FLAGS))[2], flags("$Label1", "a"))
        self.assertEqual((await self.inbox.snapshot()).keywords, flags("a", "$Label1"))
        await self.inbox.store(uids(1), StoreFlags.REMOVE, flags("$label1"))
        self.assertEqual((await self.column(Field.FLAGS))[1], flags("\\Seen"))

    async def test_a_keyword_that_is_only_removed_is_not_known(self):
        await self.inbox.store(EVERYONE, StoreFlags.REMOVE, flags("never"))
        await self.inbox.store(uids(99), StoreFlags.ADD, flags("nobody"))
        self.assertEqual((await self.inbox.snapshot()).keywords, flags("a"))

    async def test_limits_of_keywords(self):
        await self.assert_raises(TooBig, self.inbox.store(EVERYONE, StoreFlags.ADD, flags("x" * 101)))
        await self.assert_raises(InvalidName, self.inbox.store(EVERYONE, StoreFlags.ADD, flags("a b")))
        many = flags(*(f"k{number}" for number in range(501)))
        await self.assert_raises(TooBig, self.inbox.store(EVERYONE, StoreFlags.ADD, many))
        self.assertEqual((await self.inbox.snapshot()).keywords, flags("a"))
        self.assertEqual(await self.account.state(), self.modseq)

    async def test_expunged_messages_are_left_out(self):
        await self.inbox.expunge(EVERYONE)
        stored = await self.inbox.store(EVERYONE, StoreFlags.ADD, flags("\\Answered"))
        self.assertEqual(stored.changed, uids(1, 2))
        self.assertNotIn("\\Answered", (await self.column(Field.FLAGS))[3])

    async def test_many_messages_with_many_flags(self):
        await self.append(*(b"%d" % number for number in range(700)))
        for digit in range(5):
            chosen = UidSet((uid, uid) for uid in range(4, 704) if uid % (digit + 2) == 0)
            await self.inbox.store(chosen, StoreFlags.ADD, flags(f"d{digit}"))
        stored = await self.inbox.store(EVERYONE, StoreFlags.ADD, flags("d0"))
        self.assertEqual(stored.changed, UidSet((uid, uid) for uid in range(1, 704) if uid < 4 or uid % 2))
        for uid, found in (await self.column(Field.FLAGS, UidSet([(4, 703)]))).items():
            expected = {"d0"} | {f"d{digit}" for digit in range(5) if uid % (digit + 2) == 0}
            self.assertEqual(found, expected)


class CopyContract(StoreCase):
    async def setUp(self):
        await super().setUp()
        date = InternalDate(1_000_000_000, 60)
        await self.append(*(mail(str(number)) for number in range(1, 6)), flags=flags("\\Deleted", "a"), date=date)
        await self.account.create(name("work"))
        self.work = await self.account.mailbox(name("work"))
        await self.append(mail("there"), mailbox=self.work)

    async def test_copy(self):
        validity = (await self.account.status(name("work"))).uid_validity
        copied = await self.inbox.copy(uids(2, 4, 5, 99), name("work"))
        self.assertEqual(copied, Copied(await self.account.state(), validity, uids(2, 4, 5), uids(2, 3, 4)))
        self.assertEqual([await self.octets(uid, self.work) for uid in (2, 3, 4)], [mail("2"), mail("4"), mail("5")])
        for field in (Field.FLAGS, Field.INTERNAL_DATE, Field.SIZE):
            self.assertEqual((await self.column(field, mailbox=self.work))[2], (await self.column(field))[2])
        self.assertEqual((await self.account.status(INBOX)).messages, 5)

    async def test_copy_to_the_same_mailbox(self):
        copied = await self.inbox.copy(uids(1, 3), INBOX)
        self.assertEqual((copied.source, copied.target), (uids(1, 3), uids(6, 7)))
        self.assertEqual(await self.octets(7), mail("3"))

    async def test_move(self):
        told = await self.account.state()
        moved = await self.inbox.move(uids(2, 4), name("work"))
        self.assertEqual((moved.source, moved.target), (uids(2, 4), uids(2, 3)))
        self.assertEqual((await self.inbox.snapshot()).uids, uids(1, 3, 5))
        self.assertEqual((await self.inbox.changes_since(told)).entries, (Expunged(moved.modseq, uids(2, 4)),))
        self.assertEqual((await self.work.changes_since(told)).entries, (Appended(moved.modseq, uids(2, 3)),))
        self.assertEqual((await self.inbox.move(uids(2, 4), name("work"))).source, EMPTY)

    async def test_move_to_the_same_mailbox(self):
        await self.inbox.move(uids(1), INBOX)
        self.assertEqual((await self.inbox.snapshot()).uids, UidSet([(2, 6)]))

    async def test_nothing_to_copy_changes_nothing(self):
        before = await self.account.state()
        self.assertEqual((await self.inbox.copy(uids(99), name("work"))).target, EMPTY)
        self.assertEqual((await self.inbox.move(EMPTY, name("work"))).target, EMPTY)
        self.assertEqual(await self.account.state(), before)

    async def test_no_such_target(self):
        await self.assert_raises(NotFound, self.inbox.copy(EVERYONE, name("none")))
        await self.assert_raises(NotFound, self.inbox.move(EVERYONE, name("none")))
        self.assertEqual((await self.account.status(INBOX)).messages, 5)

    async def replace(self, uid, target, octets=b"new"):
        spool = Spool(octets)
        try:
            return await self.inbox.replace(Uid(uid), name(target), NewMessage(spool, flags("b")))
        finally:
            spool.close()

    async def test_replace(self):
        told = await self.account.state()
        replaced = await self.replace(3, "INBOX")
        self.assertEqual((replaced.modseq, replaced.uids), (told + 1, uids(6)))
        self.assertEqual((await self.inbox.snapshot()).uids, uids(1, 2, 4, 5, 6))
        changes = await self.inbox.changes_since(told)
        self.assertEqual((changes.changed, changes.expunged), (uids(6), uids(3)))
        self.assertEqual((await self.octets(6), (await self.column(Field.FLAGS))[6]), (b"new", flags("b")))

    async def test_replace_by_one_in_another_mailbox(self):
        replaced = await self.replace(3, "work")
        self.assertEqual((replaced.mailbox, replaced.uids), (self.work.id, uids(2)))
        self.assertEqual((await self.inbox.snapshot()).uids, uids(1, 2, 4, 5))
        self.assertEqual(await self.octets(2, self.work), b"new")

    async def test_what_cannot_be_replaced_stays_and_nothing_comes(self):
        await self.inbox.expunge(uids(2))
        before = await self.account.state()
        await self.assert_raises(Gone, self.replace(2, "work"))
        await self.assert_raises(Gone, self.replace(99, "INBOX"))
        await self.assert_raises(NotFound, self.replace(3, "none"))
        self.assertEqual(await self.account.state(), before)
        self.assertEqual((await self.inbox.snapshot()).uids, uids(1, 3, 4, 5))

    async def test_many_scattered_messages(self):
        await self.append(*(b"%d" % number for number in range(6, 1300)))
        chosen = UidSet((uid, uid) for uid in range(6, 1300, 2))
        copied = await self.inbox.copy(chosen, name("work"))
        self.assertEqual(len(copied.target), len(chosen))
        for source, target in list(zip(chosen, copied.target, strict=True))[::100]:
            self.assertEqual(await self.octets(target, self.work), b"%d" % source)


class ExpungeContract(StoreCase):
    async def setUp(self):
        await super().setUp()
        await self.append(*(mail(str(number)) for number in range(1, 7)))
        await self.inbox.store(uids(1, 2, 4, 6), StoreFlags.ADD, flags("\\Deleted"))

    async def test_only_marked_messages_among_the_given_go(self):
        before = await self.account.state()
        self.assertEqual(await self.inbox.expunge(UidSet([(2, 5)])), Expunged(before + 1, uids(2, 4)))
        self.assertEqual((await self.inbox.snapshot()).uids, uids(1, 3, 5, 6))
        self.assertEqual((await self.inbox.expunge(EVERYONE)).uids, uids(1, 6))
        self.assertEqual((await self.inbox.expunge(EVERYONE)).uids, EMPTY)

    async def test_uids_are_not_used_again(self):
        await self.inbox.expunge(EVERYONE)
        await self.reopen()
        self.assertEqual(await self.append(), uids(7))

    async def test_everything_goes(self):
        await self.inbox.store(EVERYONE, StoreFlags.ADD, flags("\\Deleted"))
        await self.inbox.expunge(EVERYONE)
        snapshot = await self.inbox.snapshot()
        self.assertEqual((snapshot.uids, snapshot.status.messages, snapshot.status.octets), (EMPTY, 0, 0))
        self.assertEqual(snapshot.status.uid_next, 7)
        self.assertIsNone(snapshot.first_unseen)


class SnapshotContract(StoreCase):
    async def test_an_empty_mailbox(self):
        snapshot = await self.inbox.snapshot()
        self.assertEqual((snapshot.uids, snapshot.first_unseen, snapshot.first_recent), (EMPTY, None, 1))
        self.assertEqual((snapshot.status.messages, snapshot.status.uid_next), (0, 1))

    async def test_counts(self):
        await self.append(mail("1"), mail("22"))
        await self.append(mail("333"), flags=flags("\\Seen", "\\Deleted"))
        status = await self.account.status(INBOX)
        self.assertEqual((status.messages, status.unseen, status.deleted, status.recent), (3, 2, 1, 3))
        self.assertEqual(status.octets, len(mail("1") + mail("22") + mail("333")))
        self.assertEqual(status.highest_modseq, await self.account.state())
        self.assertEqual((await self.inbox.snapshot()).status, status)

    async def test_first_unseen(self):
        async def first():
            return (await self.inbox.snapshot()).first_unseen

        await self.append(*(mail(str(number)) for number in range(5)))
        for how, chosen, expected in (
            (StoreFlags.ADD, uids(1), 2),
            (StoreFlags.ADD, uids(3), 2),
            (StoreFlags.ADD, uids(2), 4),
            (StoreFlags.ADD, EVERYONE, None),
            (StoreFlags.REMOVE, uids(5), 5),
            (StoreFlags.REMOVE, uids(2), 2),
        ):
            await self.inbox.store(chosen, how, flags("\\Seen"))
            self.assertEqual(await first(), expected)
        await self.inbox.move(uids(2), name("Trash"))
        self.assertEqual(await first(), 5)
        await self.inbox.move(uids(5), name("Trash"))
        self.assertIsNone(await first())
        await self.append(flags=flags("\\Seen"))
        await self.append()
        self.assertEqual(await first(), 7)

    async def test_sessions_share_the_map_of_uids(self):
        await self.append()
        self.assertIs((await self.inbox.snapshot()).uids, (await self.inbox.snapshot()).uids)

    async def test_it_outlives_the_process(self):
        await self.append(mail("1"), mail("2"), mail("3"), flags=flags("\\Deleted", "b"))
        await self.inbox.expunge(uids(2))
        await self.account.create(name("work"))
        before = await self.inbox.snapshot()
        state = await self.account.state()
        await self.reopen()
        self.assertEqual(await self.inbox.snapshot(), before)
        self.assertEqual(await self.account.state(), state)


class RecentContract(StoreCase):
    async def test_each_message_is_recent_to_one(self):
        await self.append(mail("1"), mail("2"))
        self.assertEqual(await self.inbox.claim_recent(3), 1)
        self.assertEqual(await self.inbox.claim_recent(3), 3)
        await self.append(mail("3"))
        self.assertEqual((await self.account.status(INBOX)).recent, 1)
        self.assertEqual((await self.inbox.snapshot()).first_recent, 3)
        other = await self.account.mailbox(INBOX)
        self.assertEqual(await other.claim_recent(4), 3)
        self.assertEqual((await self.account.status(INBOX)).recent, 0)

    async def test_a_claim_is_kept_with_the_next_change_and_at_the_end(self):
        await self.append(mail("1"), mail("2"))
        await self.inbox.claim_recent(2)
        await self.account.create(name("work"))
        await self.inbox.claim_recent(3)
        await self.reopen()
        self.assertEqual((await self.inbox.snapshot()).first_recent, 3)

    async def test_a_claim_is_no_change(self):
        await self.append()
        before = await self.account.state()
        await self.inbox.claim_recent(2)
        self.assertEqual(await self.account.state(), before)


class ChangesContract(StoreCase):
    async def test_the_log(self):
        start = await self.account.state()
        await self.append(mail("1"), mail("2"), mail("3"))
        await self.inbox.store(uids(1, 3), StoreFlags.ADD, flags("\\Deleted"))
        await self.account.create(name("work"))
        await self.inbox.expunge(EVERYONE)
        self.assertEqual(
            await self.inbox.changes_since(start),
            MessageChanges(
                start + 4,
                4,
                (
                    Appended(start + 1, UidSet([(1, 3)])),
                    FlagsChanged(start + 2, uids(1, 3)),
                    Expunged(start + 4, uids(1, 3)),
                ),
            ),
        )
        later = await self.inbox.changes_since(start + 2)
        self.assertEqual(later.entries, (Expunged(start + 4, uids(1, 3)),))

    async def test_nothing_happened(self):
        await self.append()
        now = await self.account.state()
        self.assertEqual(await self.inbox.changes_since(now), MessageChanges(now, 2))

    async def test_the_log_is_each_mailboxs_own(self):
        work = await self.account.mailbox(name("Sent"))
        start = await self.account.state()
        await self.append()
        self.assertEqual((await work.changes_since(start)).entries, ())
        self.assertLess((await self.account.status(name("Sent"))).highest_modseq, await self.account.state())

    async def test_a_mod_sequence_is_never_used_twice(self):
        seen = [await self.account.state()]
        for step in (self.append, self.reopen, self.append, lambda: self.account.delete(name("Sent"))):
            await step()
            seen.append(await self.account.state())
        self.assertEqual(seen, sorted(seen))
        self.assertEqual(len(set(seen)), 4)
