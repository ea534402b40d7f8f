"""Deadlines of connections, and the one timer of a door."""

from math import inf

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from imapd.doors.deadlines import LOOK_SECONDS, Deadlines


class Waiting:
    """A connection that waits, and notes when it was told that this is over; then it waits for `longer`."""

    def __init__(self, clock, deadline=inf, longer=inf):
        self.clock, self.deadline, self.longer = clock, deadline, longer
        self.told = []

    def time_is_up(self):
        self.told.append(self.clock.seconds())
        self.deadline, self.longer = self.longer, inf


class Failing(Waiting):
    """One of which nothing comes but an exception."""

    def time_is_up(self):
        super().time_is_up()
        raise ValueError


class DeadlinesTest(SynchronousTestCase):
    def setUp(self):
        self.clock = Clock()
        self.connections = []
        self.deadlines = Deadlines(self.clock, self.connections)

    def waiting(self, *deadlines, kind=Waiting):
        connection = kind(self.clock, *deadlines)
        self.connections.append(connection)
        self.deadlines.meet(connection.deadline)
        return connection

    def run_for(self, seconds, step=0.25):
        self.clock.pump([step] * int(seconds / step))

    def test_in_time(self):
        late, soon, never = self.waiting(60), self.waiting(5, 30), self.waiting()
        self.run_for(59.75)
        self.assertEqual((soon.told, late.told), ([5, 30], []))
        self.run_for(60)
        self.assertEqual((soon.told, late.told, never.told), ([5, 30], [60], []))

    def test_one_timer_and_none_where_nobody_waits(self):
        self.waiting()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        for deadline in (60, 5, 30):
            self.waiting(deadline)
            self.assertEqual(len(self.clock.getDelayedCalls()), 1)
        self.run_for(60)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_many_are_looked_at_once_a_second(self):
        each = [self.waiting(10 + number / 8) for number in range(16)]
        self.run_for(20, 1 / 16)
        times = {connection.told[0] for connection in each}
        self.assertEqual(times, {10, 11, 12})
        self.assertTrue(all(at - 10 - number / 8 < LOOK_SECONDS for number, [at] in enumerate(c.told for c in each)))

    def test_one_that_was_put_off_is_looked_at_in_vain(self):
        connection = self.waiting(10)
        connection.deadline = 20
        self.run_for(19)
        self.assertEqual(connection.told, [])
        self.run_for(1)
        self.assertEqual(connection.told, [20])

    def test_one_that_fails_is_alone_with_it(self):
        failing, other, later = self.waiting(10, kind=Failing), self.waiting(10), self.waiting(12)
        self.assertRaises(ValueError, self.clock.advance, 10)
        self.run_for(5)
        self.assertEqual((failing.told, other.told, later.told), ([10], [11], [12]))

    def test_a_clock_that_is_put_back(self):
        self.clock.advance(3600)
        before = self.waiting(3601)
        self.run_for(1)
        self.clock.rightNow = 10
        connection = self.waiting(15)
        self.run_for(6)
        self.assertEqual((before.told, connection.told), ([3601], [15]))

    def test_one_that_is_gone_is_not_told(self):
        connection = self.waiting(10)
        self.connections.clear()
        self.deadlines.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])
        self.run_for(20)
        self.assertEqual(connection.told, [])
