"""The journal notices whatever a server could do wrong."""

from twisted.trial.unittest import SynchronousTestCase

from tests.crash.journal import Found, Journal, Letter

NO_FLAGS: frozenset[str] = frozenset()


class JournalTest(SynchronousTestCase):
    def setUp(self):
        self.journal = Journal()
        self.journal.letters["a"] = Letter(b"octets", {None, "INBOX"})

    def settle(self, *found, mailboxes=("INBOX", "Archive"), modseq=1):
        listed = {"a": [Found(*each) for each in found]} if found else {}
        validities = {"INBOX": 1, "Archive": 2}
        return self.journal.settle(listed, set(mailboxes), validities, {"INBOX": modseq, "Archive": modseq})

    def test_what_was_under_way_may_or_may_not_have_happened(self):
        self.assertEqual(self.settle(), [])
        self.journal.letters["a"].places = {None, "INBOX"}
        self.assertEqual(self.settle(("INBOX", 1, NO_FLAGS, b"octets")), [])

    def test_what_is_certain_stays_so(self):
        self.assertEqual(self.settle(("INBOX", 1, NO_FLAGS, b"octets")), [])
        self.assertEqual(len(self.settle()), 1)

    def test_lost(self):
        self.journal.did("a", place="INBOX", uid=1)
        self.assertEqual(len(self.settle()), 1)

    def test_back_again(self):
        self.journal.did("a", place=None)
        self.assertEqual(len(self.settle(("INBOX", 1, NO_FLAGS, b"octets"))), 1)

    def test_half_moved(self):
        self.journal.did("a", place="INBOX", uid=1)
        self.journal.may("a", place="Archive")
        here, there = ("INBOX", 1, NO_FLAGS, b"octets"), ("Archive", 1, NO_FLAGS, b"octets")
        self.assertEqual(len(self.settle(here, there)), 1)

    def test_other_octets_and_flags(self):
        self.assertEqual(len(self.settle(("INBOX", 1, frozenset({"k1"}), b"octet"))), 2)

    def test_a_uid_of_another_message(self):
        self.journal.owners[1, 7] = "b"
        self.assertEqual(len(self.settle(("INBOX", 7, NO_FLAGS, b"octets"))), 1)

    def test_a_mod_sequence_that_goes_back(self):
        self.assertEqual(self.settle(modseq=9), [])
        self.assertEqual(len(self.settle(modseq=8)), 2)

    def test_mailboxes(self):
        self.journal.mailboxes |= {"new": {True}, "old": {False}, "perhaps": {True, False}}
        self.assertEqual(len(self.settle(mailboxes=("INBOX", "Archive", "old"))), 2)
