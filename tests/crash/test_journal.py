"""The journal notices whatever a server could do wrong."""

from twisted.trial.unittest import SynchronousTestCase

from tests.crash.journal import Found, Journal, State

NO_FLAGS: frozenset[str] = frozenset()
HERE = ("INBOX", 1, NO_FLAGS, b"octets")
THERE = ("Archive", 1, NO_FLAGS, b"octets")
COPY = ("Sent", 1, NO_FLAGS, b"octets")


class JournalTest(SynchronousTestCase):
    def setUp(self):
        self.journal = Journal()
        self.journal.may_come({"a": b"octets"}, "INBOX")

    def settle(self, *found, mailboxes=("INBOX", "Archive"), modseq=1, validity=1, uid_next=9, **others):
        state = State(names={("mailbox", name) for name in mailboxes})
        for name, letters in {"a": found, **others}.items():
            if letters:
                state.letters[name] = [Found(*each) for each in letters]
        for numbers, number in ((state.modseqs, modseq), (state.validities, validity), (state.uid_nexts, uid_next)):
            numbers |= {"INBOX": number, "Archive": number}
        return self.journal.settle(state)

    def test_what_was_under_way_may_or_may_not_have_happened(self):
        self.assertEqual(self.settle(), [])
        self.journal.letters["a"].places = {None, "INBOX"}
        self.assertEqual(self.settle(HERE), [])

    def test_what_is_certain_stays_so(self):
        self.assertEqual(self.settle(HERE), [])
        self.assertEqual(len(self.settle()), 1)

    def test_lost(self):
        self.journal.came({"a": 1}, "INBOX")
        self.assertEqual(len(self.settle()), 1)

    def test_back_again(self):
        self.journal.did("a", place=None)
        self.assertEqual(len(self.settle(HERE)), 1)

    def test_half_moved(self):
        self.journal.came({"a": 1}, "INBOX")
        self.journal.may("a", place="Archive")
        self.assertEqual(len(self.settle(HERE, THERE)), 1)

    def test_half_of_several(self):
        self.journal.may_come({"b": b"octets", "c": b"octets"}, "Archive")
        self.assertEqual(len(self.settle(b=[THERE])), 1)

    def test_half_replaced(self):
        self.journal.came({"a": 1}, "INBOX")
        self.journal.may_come({"b": b"octets"}, "Archive", instead_of="a")
        self.assertEqual(len(self.settle()), 1)
        self.journal.letters["a"].places = {None, "INBOX"}
        self.journal.may_come({"b": b"octets"}, "Archive", instead_of="a")
        self.assertEqual(len(self.settle(HERE, b=[THERE])), 1)
        self.journal.may_come({"b": b"octets"}, "Archive", instead_of="a")
        self.assertEqual(self.settle(b=[THERE]), [])

    def test_copies(self):
        self.journal.came({"a": 1}, "INBOX")
        self.assertEqual(len(self.settle(HERE, COPY)), 1)
        self.journal.may("a", copied=False)
        self.assertEqual(self.settle(HERE), [])
        self.journal.did("a", copied=True)
        self.assertEqual(len(self.settle(HERE)), 1)

    def test_other_octets_and_flags(self):
        self.assertEqual(len(self.settle(("INBOX", 1, frozenset({"k1"}), b"octet"))), 2)

    def test_a_uid_of_another_message(self):
        self.journal.owners["INBOX", 7] = "b"
        self.assertEqual(len(self.settle(("INBOX", 7, NO_FLAGS, b"octets"))), 1)

    def test_a_uid_that_will_be_given_again(self):
        self.journal.came({"a": 9}, "INBOX")
        self.assertEqual(len(self.settle(("INBOX", 9, NO_FLAGS, b"octets"))), 1)

    def test_a_mod_sequence_that_goes_back(self):
        self.assertEqual(self.settle(modseq=9), [])
        self.assertEqual(len(self.settle(modseq=8)), 2)
        self.journal.saw("INBOX", 10)
        self.assertEqual(len(self.settle(modseq=9)), 1)

    def test_another_validity(self):
        self.assertEqual(self.settle(), [])
        self.assertEqual(len(self.settle(validity=2)), 2)

    def test_names(self):
        self.journal.name("mailbox", "new", True)
        self.journal.name("mailbox", "old", False)
        self.journal.name("subscription", "gone", True)
        self.journal.name("mailbox", "perhaps", True, False)
        self.assertEqual(len(self.settle(mailboxes=("INBOX", "Archive", "old"))), 3)

    def test_old_ones_are_forgotten_and_missed_if_they_come_back(self):
        self.journal.came({"a": 1}, "INBOX")
        self.journal.may_come({"b": b"octets"}, "INBOX")
        for name in ("INBOX", "one", "two"):
            self.journal.name("mailbox", name, True)
        self.journal.name("mailbox", "perhaps", True, False)
        self.assertEqual(self.journal.old_mailboxes(1), ["one"])
        self.assertEqual(self.journal.old(1), ["a"])
        self.journal.forget(["a"])
        self.assertEqual(self.settle(mailboxes=("INBOX", "Archive", "one", "two")), [])
        self.assertEqual(self.settle(HERE, mailboxes=("INBOX", "Archive", "one", "two")), ["a: never sent"])
