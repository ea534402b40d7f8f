"""Workers that come, die and are replaced when the test says so."""

import os
from pathlib import Path

from twisted.internet.error import ProcessTerminated
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from imapd import limits
from imapd.auth.books import Books
from imapd.workers import group
from imapd.workers.group import Workers
from imapd.workers.order import RETIRE, Order


class Process:
    """One that was spawned."""

    def __init__(self, protocol, order, descriptors):
        self.protocol, self.order, self.descriptors = protocol, order, descriptors
        self.pid = 1000 + order.column
        self.told = []
        self.ended = False
        protocol.makeConnection(self)

    def write(self, octets):
        self.told.append(octets)

    def closeStdin(self):
        self.told.append("end")

    def signalProcess(self, signal):
        self.told.append(signal)
        self.end()

    def is_ready(self):
        self.protocol.outReceived(b"ready\0")

    def end(self):
        self.ended = True
        self.protocol.processEnded(Failure(ProcessTerminated(9)))


class Reactor(Clock):
    def __init__(self):
        super().__init__()
        self.processes = []

    def spawnProcess(self, protocol, executable, args, env, childFDs):  # noqa: N803  # Twisted's name
        self.processes.append(Process(protocol, Order.read(args[-1]), childFDs))
        return self.processes[-1]


class Socket:
    door, text, descriptor = "imap", "tcp:1143", 77


class WorkersTest(SynchronousTestCase):
    def setUp(self):
        self.reactor = Reactor()
        self.workers = Workers(2, Path("/data"), [Socket()], self.reactor)
        self.workers.startService()
        self.addCleanup(self.stop)
        self.first, self.second = self.processes

    def stop(self):
        if self.workers.running:
            stopped = self.workers.stopService()
            self.end(*self.running())
            self.successResultOf(stopped)
        os.close(self.workers._file)

    @property
    def processes(self):
        return self.reactor.processes

    def running(self):
        return [process for process in self.processes if not process.ended]

    def end(self, *processes):
        for process in processes:
            process.end()

    def ready(self, *processes):
        for process in processes:
            process.is_ready()

    def test_what_they_are_told(self):
        self.assertEqual(self.first.order, Order("/data", (("imap", "tcp:1143"),), 4, 0))
        self.assertEqual(self.second.order.column, 1)
        self.assertEqual(self.first.descriptors, {0: "w", 1: "r", 2: "r", 3: self.workers._file, 4: 77})

    def test_another_comes_ever_later(self):
        for times, seconds in enumerate((0.1, 0.2, 0.4), 2):
            self.processes[-1].end()
            self.reactor.advance(seconds - 0.01)
            self.assertEqual(len(self.processes), times)
            self.reactor.advance(0.01)
            self.assertEqual(len(self.processes), times + 1)

    def test_at_once_if_it_ran_for_long(self):
        for _ in range(3):
            self.reactor.advance(group.LAST_RETRY_SECONDS + 1)
            self.processes[-1].end()
            self.reactor.advance(group.FIRST_RETRY_SECONDS)
        self.assertEqual(len(self.processes), 5)

    def test_what_a_dead_one_counted_is_forgotten(self):
        books = Books(4, 1, self.workers._file)
        books.tally.add("user ada", 3)
        books.loads.begin()
        self.assertEqual(Books(4, 0, self.workers._file).tally.total("user ada"), 3)
        self.second.end()
        self.assertEqual(Books(4, 0, self.workers._file).tally.total("user ada"), 0)
        self.reactor.advance(1)
        self.assertEqual(self.processes[-1].order.column, 1)

    def test_replaced_one_by_one(self):
        self.workers.replace()
        third = self.processes[-1]
        self.assertEqual((len(self.processes), third.order.column, self.first.told), (3, 2, []))
        self.ready(third)
        self.assertEqual((len(self.processes), self.first.told, self.second.told), (4, [RETIRE], []))
        self.ready(self.processes[-1])
        self.assertEqual((len(self.processes), self.second.told), (4, [RETIRE]))
        self.end(self.first, self.second)
        self.reactor.advance(1000)
        self.assertEqual(len(self.processes), 4)

    def test_replaced_again_while_sessions_are_still_in_those_before(self):
        self.workers.replace()
        self.ready(self.processes[2])
        self.workers.replace()
        self.ready(self.processes[3])
        self.assertEqual((self.first.told, self.second.told), ([RETIRE, "end"], [RETIRE, "end"]))
        self.end(self.first)
        self.assertEqual(len(self.processes), 4)
        self.end(self.second)
        for process in (4, 5):
            self.ready(self.processes[process])
        self.assertEqual(len(self.processes), 6)
        self.assertEqual(sorted(process.order.column for process in self.running()), [0, 1, 2, 3])

    def test_one_that_does_not_start_replaces_nobody(self):
        self.workers.replace()
        self.end(self.processes[-1])
        self.reactor.advance(1000)
        self.assertEqual((len(self.processes), self.first.told), (3, []))
        self.workers.replace()
        self.assertEqual(len(self.processes), 4)

    def test_one_that_dies_while_it_is_replaced(self):
        self.workers.replace()
        self.end(self.first)
        self.ready(self.processes[2])
        self.reactor.advance(1000)
        self.assertEqual(len(self.processes), 4)
        self.assertEqual(self.first.told, [])

    def test_replaced_though_it_went_wrong_before(self):
        def fail():
            raise ValueError("of all things")

        patch = self.patch(self.workers, "_start", fail)
        self.workers.replace()
        self.assertEqual(len(self.flushLoggedErrors(ValueError)), 1)
        patch.restore()
        self.workers.replace()
        self.assertEqual(len(self.processes), 3)

    def test_stopped_in_bounded_time(self):
        stopped = self.workers.stopService()
        self.assertEqual((self.first.told, self.second.told), (["end"], ["end"]))
        self.end(self.first)
        self.reactor.advance(limits.WORKER_CLOSE_SECONDS)
        self.successResultOf(stopped)
        self.assertEqual(self.second.told, ["end", "KILL"])

    def test_stopped_while_they_are_replaced(self):
        self.workers.replace()
        stopped = self.workers.stopService()
        self.ready(self.processes[-1])
        self.end(*self.running())
        self.successResultOf(stopped)
        self.reactor.advance(1000)
        self.assertEqual(self.running(), [])
