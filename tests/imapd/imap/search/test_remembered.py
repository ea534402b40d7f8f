"""What was worked out of a mailbox, for who asks again."""

from twisted.trial.unittest import SynchronousTestCase

from imapd.imap.search.remembered import Remembered


class RememberedTest(SynchronousTestCase):
    def setUp(self):
        self.remembered = Remembered(10)

    def kept(self):
        return [key for key in "abc" if self.remembered.get(key) is not None]

    def test_as_much_as_there_is_room_for(self):
        for key in "abc":
            self.remembered.put(key, key.upper(), 4)
        self.assertEqual(self.kept(), ["b", "c"])
        self.assertEqual(self.remembered.get("c"), "C")

    def test_what_was_asked_for_stays(self):
        self.remembered.put("a", "A", 5)
        self.remembered.put("b", "B", 5)
        self.remembered.get("a")
        self.remembered.put("c", "C", 5)
        self.assertEqual(self.kept(), ["a", "c"])

    def test_another_takes_the_place(self):
        for octets in 9, 3, 7:
            self.remembered.put("a", octets, octets)
        self.remembered.put("b", "B", 3)
        self.assertEqual(self.kept(), ["a", "b"])
        self.assertEqual(self.remembered.get("a"), 7)

    def test_what_is_too_large_is_not_kept(self):
        self.remembered.put("a", "A", 11)
        self.remembered.put("b", "B", 1)
        self.assertEqual(self.kept(), ["b"])
