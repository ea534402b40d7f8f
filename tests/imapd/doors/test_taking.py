"""One thing at a time."""

from twisted.internet.defer import Deferred
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase

from imapd import limits
from imapd.doors.taking import Taking


class TakingTest(SynchronousTestCase):
    """Takes up words: those in capitals wait for `go`."""

    def setUp(self):
        self.transport = StringTransport()
        self.taking = Taking(self.transport, self.take, lambda: sum(map(len, self.words)))
        self.words, self.done, self.go = [], [], Deferred()

    def take(self):
        if self.taking.running or not self.words:
            return False
        self.taking.run(self.carry_out(self.words.pop(0)), lambda: self.done.append("behind"))
        return True

    async def carry_out(self, word):
        if word.isupper():
            await self.go
        self.done.append(word)
        self.taking.outflow.write(word.encode())
        if word == "end":
            self.taking.over = True

    def come(self, *words):
        self.words += words
        self.taking.advance()

    def test_one_after_another_and_one_write(self):
        self.come("a", "b")
        self.assertEqual(self.done, ["a", "behind", "b", "behind"])
        self.assertEqual(self.transport.value(), b"ab")

    def test_what_comes_behind_one_that_waits_waits_too(self):
        self.come("a", "B", "c")
        self.come("d")
        self.assertEqual(self.done, ["a", "behind"])
        self.assertTrue(self.taking.running)
        self.go.callback(None)
        self.assertEqual(self.done[2:], ["B", "behind", "c", "behind", "d", "behind"])
        self.assertEqual(self.transport.value(), b"aBcd")
        self.assertFalse(self.taking.running)

    def test_nothing_is_taken_up_behind_the_end(self):
        self.come("end", "b")
        self.assertEqual(self.done, ["end", "behind"])

    def test_a_client_that_does_not_read(self):
        self.taking.outflow.pauseProducing()
        self.come("a")
        self.assertEqual(self.done, [])
        self.taking.outflow.resumeProducing()
        self.assertEqual(self.done, ["a", "behind"])

    def test_a_thousand_do_not_recurse(self):
        self.come(*["a"] * 5000)
        self.assertEqual(self.done.count("a"), 5000)

    def test_reading_pauses_while_much_waits(self):
        self.come("A", *["b" * 1000] * (limits.WAITING_OCTETS // 1000 + 1))
        self.assertEqual(self.transport.producerState, "paused")
        self.go.callback(None)
        self.assertEqual(self.transport.producerState, "producing")
