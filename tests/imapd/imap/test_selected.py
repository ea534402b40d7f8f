"""What a client has been told, against a model that keeps every message as a list entry."""

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.errors import Bad
from imapd.imap.news.notifying import EVERYTHING, NOTHING
from imapd.imap.selected import MAX_SENT_RUNS, Selected, Tidings
from imapd.imap.wire.numberset import STAR, NumberSet
from mailstore.changes import Appended, Expunged, FlagsChanged, MessageChanges
from mailstore.interfaces import Snapshot
from mailstore.model import MailboxId, MailboxName, MailboxStatus, ModSeq, Uid
from mailstore.uidset import EMPTY, UidSet


def selected(uids, *, uid_next=None, recent_from=None, read_only=False):
    uid_next = uid_next or (uids.last + 1 if uids else 1)
    status = MailboxStatus(
        MailboxId("m"), MailboxName("INBOX"), len(uids), 0, 0, 0, 0, 0, Uid(uid_next), 1, ModSeq(1)
    )
    return Selected(
        Snapshot(status, uids, None, Uid(1), frozenset()), Uid(recent_from or uid_next), read_only=read_only
    )


def learn(view, *entries):
    upto = max((entry.modseq for entry in entries), default=view.modseq)
    view.learn(MessageChanges(upto, view.uid_next, entries))


def tell(view, wish=EVERYTHING, *, expunges=True, recent_from=1):
    told = view.tell(wish, expunges=expunges, recent_from=Uid(recent_from))
    if told.flagged:
        view.flags_told()
    return told


class NumbersTest(SynchronousTestCase):
    def test_sequence_numbers(self):
        view = selected(UidSet.of(2, 5, 9))
        for ranges, uids in [
            (((1, 1),), [2]),
            (((1, STAR),), [2, 5, 9]),
            (((STAR, STAR),), [9]),
            (((3, 2),), [5, 9]),
            (((1, 1), (3, 3)), [2, 9]),
        ]:
            self.assertEqual(list(view.named(NumberSet(ranges), by_uid=False)), uids, ranges)

    def test_a_sequence_number_beyond_the_last_is_bad(self):
        view = selected(UidSet.of(2, 5, 9))
        for ranges in [((4, 4),), ((1, 4),), ((4, STAR),)]:
            with self.assertRaises(Bad):
                view.named(NumberSet(ranges), by_uid=False)

    def test_uids_that_are_not_there_name_nothing(self):
        view = selected(UidSet.of(2, 5, 9))
        for ranges, uids in [
            (((1, 4),), [2]),
            (((3, 4),), []),
            (((100, STAR),), [9]),
            (((10, 4294967295),), []),
            (((1, STAR),), [2, 5, 9]),
        ]:
            self.assertEqual(list(view.named(NumberSet(ranges), by_uid=True)), uids, ranges)

    def test_a_client_that_goes_by_uid_has_no_numbers(self):
        view = selected(UidSet.of(2, 5, 9))
        view.uid_only = True
        self.assertEqual(view.numbers([Uid(2), Uid(9)]), [2, 9])
        self.assertEqual(list(view.named(NumberSet(((3, STAR),)), by_uid=True)), [5, 9])

    def test_an_empty_mailbox_has_no_star(self):
        view = selected(EMPTY)
        for by_uid in (True, False):
            self.assertEqual(view.named(NumberSet(((1, STAR),)), by_uid=by_uid), EMPTY)


class TellTest(SynchronousTestCase):
    def test_nothing(self):
        view = selected(UidSet.of(1))
        self.assertFalse(view.pending)
        self.assertFalse(tell(view))

    def test_expunges_are_told_from_the_highest_down(self):
        view = selected(UidSet([(1, 6)]))
        learn(view, Expunged(ModSeq(2), UidSet.of(2, 3, 5)))
        tidings = tell(view)
        self.assertEqual(list(tidings.expunged), [5, 3, 2])
        self.assertEqual(list(tidings.vanished), [2, 3, 5])
        self.assertEqual(list(view.uids), [1, 4, 6])

    def test_expunges_wait_and_numbers_stay_meanwhile(self):
        view = selected(UidSet([(1, 3)]))
        learn(view, Expunged(ModSeq(2), UidSet.of(1)))
        self.assertFalse(tell(view, expunges=False))
        self.assertEqual(list(view.named(NumberSet(((1, 1),)), by_uid=False)), [1])
        learn(view, Appended(ModSeq(3), UidSet.of(4)))
        self.assertEqual(tell(view, expunges=False), Tidings(exists=4, recent=1))
        self.assertEqual(list(tell(view).expunged), [1])
        self.assertEqual(list(view.uids), [2, 3, 4])

    def test_highest_modseq_stays_below_an_expunge_that_waits(self):
        view = selected(UidSet([(1, 3)]))
        learn(view, FlagsChanged(ModSeq(2), UidSet.of(2)), Expunged(ModSeq(5), UidSet.of(1)))
        learn(view, FlagsChanged(ModSeq(7), UidSet.of(2)))
        tell(view, expunges=False)
        self.assertEqual(view.highest_modseq, 4)
        tell(view)
        self.assertEqual(view.highest_modseq, 7)

    def test_a_message_that_came_and_went_is_never_told(self):
        view = selected(UidSet.of(1))
        learn(view, Appended(ModSeq(2), UidSet.of(2, 3)), Expunged(ModSeq(3), UidSet.of(2)))
        self.assertEqual(tell(view, recent_from=4), Tidings(exists=2, recent=0))
        self.assertEqual(list(view.uids), [1, 3])

    def test_own_flag_changes_are_not_told_and_others_are(self):
        view = selected(UidSet([(1, 4)]))
        view.own(ModSeq(2))
        learn(view, FlagsChanged(ModSeq(2), UidSet.of(1, 2)), FlagsChanged(ModSeq(3), UidSet.of(2)))
        self.assertEqual(tell(view), Tidings(flagged=UidSet.of(2)))

    def test_flags_of_an_expunged_message_are_not_told(self):
        view = selected(UidSet([(1, 4)]))
        learn(view, FlagsChanged(ModSeq(2), UidSet.of(1, 2)), Expunged(ModSeq(3), UidSet.of(2)))
        self.assertEqual(tell(view, expunges=False), Tidings(flagged=UidSet.of(1)))

    def test_a_history_told_in_short_may_name_what_is_known(self):
        """Below the floor of the store's log all that came or changed is named as both, and all that is not there."""
        view = selected(UidSet.of(2, 5, 9))
        touched, gone = UidSet.of(5, 9, 11, 12), UidSet([(1, 4), (6, 8), (10, 10)])
        learn(view, Appended(ModSeq(3), touched), FlagsChanged(ModSeq(3), touched), Expunged(ModSeq(3), gone))
        self.assertEqual(view.arrived, UidSet.of(11, 12))
        self.assertEqual(view.highest_modseq, 2)
        told = tell(view)
        self.assertEqual((told.vanished, told.exists, told.flagged), (UidSet.of(2), 4, UidSet.of(5, 9)))

    def test_recent_counts_what_this_session_claimed(self):
        view = selected(UidSet([(1, 4)]), recent_from=3)
        self.assertEqual(list(view.recent), [3, 4])
        learn(view, Appended(ModSeq(2), UidSet.of(5, 6)))
        self.assertEqual(tell(view, recent_from=6), Tidings(exists=6, recent=3))

    def test_what_is_not_wished_for_waits(self):
        view = selected(UidSet([(1, 4)]))
        learn(view, FlagsChanged(ModSeq(3), UidSet.of(2)), Expunged(ModSeq(4), UidSet.of(1)))
        learn(view, Appended(ModSeq(6), UidSet.of(5)))
        self.assertFalse(tell(view, NOTHING))
        self.assertTrue(view.pending)
        self.assertEqual((view.highest_modseq, list(view.uids)), (2, [1, 2, 3, 4]))
        told = tell(view, evolve(NOTHING, flags=True))
        self.assertEqual((told, view.highest_modseq), (Tidings(flagged=UidSet.of(2)), 3))
        told = tell(view, evolve(NOTHING, expunges=True))
        self.assertEqual((list(told.expunged), view.highest_modseq), ([1], 5))
        told = tell(view, evolve(NOTHING, messages=True))
        self.assertEqual((told.exists, view.new, view.highest_modseq), (4, UidSet.of(5), 6))
        self.assertFalse(view.pending)

    def test_who_relies_on_no_numbers_is_told_of_expunges_at_once(self):
        view = selected(UidSet([(1, 4)]))
        learn(view, Expunged(ModSeq(2), UidSet.of(1)))
        self.assertFalse(tell(view, expunges=False))
        self.assertEqual(list(tell(view, evolve(EVERYTHING, at_once=True), expunges=False).expunged), [1])

    def test_what_the_session_put_there_itself_is_counted_and_not_new(self):
        view = selected(UidSet.of(1))
        view.own(ModSeq(3))
        learn(view, Appended(ModSeq(2), UidSet.of(2)), Appended(ModSeq(3), UidSet.of(3)))
        self.assertEqual(tell(view, recent_from=9), Tidings(exists=3, recent=0))
        self.assertEqual(view.new, UidSet.of(2))

    def test_changes_of_its_own_are_forgotten_with_the_next_look(self):
        view = selected(UidSet.of(1))
        view.own(ModSeq(7))
        learn(view)
        learn(view, FlagsChanged(ModSeq(7), UidSet.of(1)))
        self.assertEqual(tell(view), Tidings(flagged=UidSet.of(1)))

    def test_flags_that_could_not_be_told_wait(self):
        view = selected(UidSet.of(1, 2))
        learn(view, FlagsChanged(ModSeq(5), UidSet.of(2)))
        view.tell(EVERYTHING, expunges=True, recent_from=Uid(1))
        self.assertEqual((view.pending, view.highest_modseq), (True, 4))
        self.assertEqual(tell(view), Tidings(flagged=UidSet.of(2)))
        self.assertEqual((view.pending, view.highest_modseq), (False, 5))

    def test_memory_for_untold_flags_is_bounded(self):
        view = selected(UidSet([(1, 10_000)]))
        learn(view, FlagsChanged(ModSeq(2), UidSet.from_uids(range(1, 10_000, 2))))
        self.assertEqual(tell(view).flagged.run_count, 1)
        self.assertLess(1, MAX_SENT_RUNS)


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 4)),
        st.tuples(st.just("expunge"), st.integers(0, 30)),
        st.tuples(st.just("flags"), st.integers(0, 30)),
        st.tuples(st.just("tell"), st.booleans()),
    ),
    max_size=60,
)


class ModelTest(SynchronousTestCase):
    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(st.integers(0, 5), EVENTS)
    def test_a_client_that_applies_what_it_is_told_sees_the_mailbox(self, begin, events):
        view = selected(UidSet([(1, begin)]), uid_next=begin + 1)
        mailbox, seen, next_uid, modseq = list(range(1, begin + 1)), list(range(1, begin + 1)), begin + 1, 1
        for what, value in events:
            modseq += 1
            if what == "append":
                uids = list(range(next_uid, next_uid + value))
                next_uid += value
                mailbox += uids
                learn(view, Appended(ModSeq(modseq), UidSet.from_uids(uids)))
            elif what == "expunge" and value < len(mailbox):
                learn(view, Expunged(ModSeq(modseq), UidSet.of(mailbox.pop(value))))
            elif what == "flags" and value < len(mailbox):
                learn(view, FlagsChanged(ModSeq(modseq), UidSet.of(mailbox[value])))
            elif what == "tell":
                self._apply(seen, tell(view, expunges=value), view)
                self.assertEqual(list(view.uids), seen)
                self.assertLessEqual(set(mailbox), set(seen))
        self._apply(seen, tell(view), view)
        self.assertEqual(seen, mailbox)
        self.assertEqual(list(view.numbers([Uid(uid) for uid in seen])), list(range(1, len(seen) + 1)))

    def _apply(self, seen, tidings, view):
        for number in tidings.expunged:
            del seen[number - 1]
        if tidings.exists is not None:
            self.assertGreater(tidings.exists, len(seen))
            seen += [view.uids.at(number) for number in range(len(seen) + 1, tidings.exists + 1)]
        self.assertLessEqual(set(tidings.flagged), set(seen))
