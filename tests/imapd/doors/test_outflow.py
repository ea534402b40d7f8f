"""Octets on their way to a client."""

from twisted.internet.abstract import FileDescriptor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ISSLTransport, ITCPTransport
from twisted.internet.main import CONNECTION_LOST
from twisted.internet.testing import StringTransport
from twisted.trial.unittest import SynchronousTestCase
from zope.interface import alsoProvides, directlyProvides

from imapd.doors.outflow import AT_ONCE, GATHER, Disconnected, Outflow


class SocketTransport(FileDescriptor):
    """Twisted's transport of a socket that takes `room` octets, and counts how often it is watched for room."""

    disconnecting = False

    def __init__(self):
        super().__init__(reactor=self)
        self.connected = True
        self.taken = []
        self.watched = 0
        self.room = 1 << 20

    def writeSomeData(self, data):
        if self.room is None:
            return CONNECTION_LOST
        self.taken.append(bytes(data[: self.room]))
        return len(self.taken[-1])

    def addWriter(self, _):
        self.watched += 1

    def removeWriter(self, _):
        pass

    def removeReader(self, _):
        pass


class OutflowTest(SynchronousTestCase):
    def setUp(self):
        self.transport = StringTransport()
        self.room = []
        self.outflow = Outflow(self.transport, lambda: self.room.append("room"))

    def drained(self):
        return Deferred.fromCoroutine(self.outflow.drained())

    def test_small_writes_wait_for_the_flush(self):
        self.outflow.write(b"one ")
        self.outflow.write(b"two")
        self.assertEqual(self.transport.value(), b"")
        self.outflow.flush()
        self.assertEqual(self.transport.value(), b"one two")

    def test_large_ones_do_not(self):
        self.outflow.write(b"x" * (GATHER - 1))
        self.assertEqual(self.transport.value(), b"")
        self.outflow.write(b"yz")
        self.assertEqual(len(self.transport.value()), GATHER + 1)

    def test_drained_at_once_while_the_client_reads(self):
        self.outflow.write(b"x")
        self.successResultOf(self.drained())
        self.outflow.write(b"y")
        self.assertEqual((self.transport.value(), self.outflow.octets), (b"", 0))
        self.outflow.flush()
        self.assertEqual(self.transport.value(), b"xy")

    def test_drained_waits_for_a_client_that_does_not_read(self):
        self.outflow.pauseProducing()
        drained = self.drained()
        self.assertNoResult(drained)
        self.outflow.resumeProducing()
        self.successResultOf(drained)

    def test_it_is_full_until_there_is_room(self):
        self.outflow.pauseProducing()
        self.assertTrue(self.outflow.full)
        self.assertEqual([], self.room)
        self.outflow.resumeProducing()
        self.assertFalse(self.outflow.full)
        self.assertEqual(["room"], self.room)

    def test_a_pause_that_is_over_is_forgotten(self):
        self.outflow.pauseProducing()
        self.outflow.resumeProducing()
        self.successResultOf(self.drained())

    def test_a_lost_client_ends_the_wait(self):
        self.outflow.pauseProducing()
        drained = self.drained()
        self.outflow.stopProducing()
        self.failureResultOf(drained, Disconnected)

    def test_nothing_is_sent_to_a_lost_client(self):
        self.outflow.lost()
        self.outflow.write(b"x")
        self.failureResultOf(self.drained(), Disconnected)
        self.assertEqual((self.transport.value(), self.outflow.octets), (b"", 0))

    def test_closed_once_everything_is_sent(self):
        self.outflow.write(b"x")
        self.outflow.close()
        self.assertEqual(self.transport.value(), b"x")
        self.assertTrue(self.transport.disconnecting)
        self.assertIsNone(self.transport.producer)  # neither TCP nor TLS would end while more may come from one

    def test_aborted_once(self):
        aborted = []
        self.transport.abortConnection = lambda: aborted.append(True)
        self.outflow.write(b"x")
        self.outflow.abort()
        self.outflow.abort()
        self.assertEqual((self.transport.value(), aborted), (b"", [True]))

    def test_no_write_waits_in_the_system(self):
        transport = StringTransport()
        transport.setTcpNoDelay = (set_to := []).append
        directlyProvides(transport, ITCPTransport)
        Outflow(transport, lambda: None)
        self.assertEqual(set_to, [True])

    def test_as_much_as_may_go_at_once_is_one_call(self):
        transport = SocketTransport()
        transport.setTcpNoDelay = lambda _: None
        alsoProvides(transport, ITCPTransport)
        Outflow(transport, lambda: None).write(b"x" * AT_ONCE)
        transport.doWrite()
        self.assertEqual(list(map(len, transport.taken)), [AT_ONCE])

    def test_octets_are_counted(self):
        self.outflow.write(b"one")
        self.outflow.flush()
        self.outflow.write(b"three")
        self.outflow.flush()
        self.outflow.flush()
        self.assertEqual(self.outflow.octets, 8)


class AtTheEndOfATurnTest(SynchronousTestCase):
    def setUp(self):
        self.transport = SocketTransport()
        self.outflow = Outflow(self.transport, lambda: None)

    def send(self, octets=b"x"):
        """Send `octets`; return what the socket took, and whether the reactor watches it for room."""
        self.outflow.write(octets)
        self.outflow.send()
        return b"".join(self.transport.taken), bool(self.transport.watched)

    def reactor_writes(self):
        """Let the reactor see that there is room; return all that the socket took."""
        self.transport.room = 1 << 20
        while self.transport.doWrite() is None and self.transport.dataBuffer:
            pass
        return b"".join(self.transport.taken)

    def taken(self):
        return sum(map(len, self.transport.taken))

    def test_a_socket_takes_it_at_once(self):
        self.assertEqual(self.send(), (b"x", False))
        self.assertEqual(self.outflow.octets, 1)

    def test_only_if_there_is_something(self):
        self.outflow.send()
        self.assertEqual(self.transport.taken, [])

    def test_what_it_does_not_take_the_reactor_writes(self):
        self.transport.room = 3
        self.assertEqual(self.send(b"a longer one"), (b"a l", True))
        self.assertEqual(self.reactor_writes(), b"a longer one")

    def test_if_it_takes_nothing_the_reactor_writes(self):
        self.transport.room = 0
        self.assertEqual(self.send(), (b"", True))
        self.assertEqual(self.reactor_writes(), b"x")

    def test_nothing_passes_what_waits(self):
        self.transport.room = 2
        self.send(b"first ")
        self.send(b"second ")
        self.assertEqual(self.send(b"third"), (b"first ", True))
        self.assertEqual(self.reactor_writes(), b"first second third")

    def test_what_waits_goes_with_it(self):
        self.outflow.write(b"first ")
        self.outflow.flush()
        self.assertEqual(self.send(b"second"), (b"first second", True))

    def test_much_goes_out_before_the_end(self):
        self.outflow.write(b"x" * GATHER)
        self.assertEqual((self.taken(), self.transport.watched), (GATHER, 0))

    def test_more_than_is_written_at_once_goes_out_at_once(self):
        octets = bytes(range(250)) * 800
        self.transport.room = self.transport.SEND_LIMIT  # of Twisted's own, in one call
        self.assertEqual(self.send(octets), (octets, False))
        self.assertEqual(len(self.transport.taken), 2)

    def test_more_than_others_should_wait_for_the_reactor_writes(self):
        octets = b"x" * AT_ONCE
        self.assertEqual(self.send(octets), (b"", True))
        self.assertEqual(self.reactor_writes(), octets)

    def test_what_it_does_not_take_of_that_the_reactor_writes(self):
        octets = bytes(range(250)) * 800
        self.transport.room = 100_000
        self.assertEqual(self.send(octets), (octets[:100_000], True))
        self.assertEqual(self.reactor_writes(), octets)

    def test_for_a_client_that_does_not_keep_up_the_reactor_writes(self):
        self.outflow.pauseProducing()
        self.assertEqual(self.send(), (b"", True))

    def test_what_is_to_be_closed_is_left_to_the_reactor(self):
        self.transport.loseConnection()
        self.assertEqual(self.send(), (b"", True))

    def test_what_is_behind_tls_is_left_to_the_reactor(self):
        alsoProvides(self.transport, ISSLTransport)
        self.assertEqual(self.send(), (b"", True))

    def test_that_the_client_is_gone_is_left_to_the_reactor(self):
        self.transport.room = None
        self.assertEqual(self.send(), (b"", True))
        self.assertIs(self.transport.doWrite(), CONNECTION_LOST)

    def test_nothing_is_sent_to_a_lost_client(self):
        self.outflow.lost()
        self.assertEqual(self.send(), (b"", False))


class InTheMiddleOfAnAnswerTest(SynchronousTestCase):
    def setUp(self):
        self.transport = SocketTransport()
        self.outflow = Outflow(self.transport, lambda: None)

    def answer(self, octets):
        """Send a part of an answer, and wait until there is room for another."""
        self.outflow.write(b"x" * octets)
        return Deferred.fromCoroutine(self.outflow.drained())

    def taken(self):
        return sum(map(len, self.transport.taken))

    def test_what_a_socket_has_room_for_is_not_waited_for(self):
        self.successResultOf(self.answer(GATHER))
        self.assertEqual(self.taken(), GATHER)

    def test_a_slow_client_is_waited_for(self):
        self.transport.room = 1000
        waiting = self.answer(GATHER)
        self.assertNoResult(waiting)
        self.transport.room = 1 << 20
        self.transport.doWrite()
        self.assertIs(self.successResultOf(waiting), True)
        self.assertEqual(self.taken(), GATHER)

    def test_now_and_then_everyone_else_has_the_reactor(self):
        for _ in range(3):
            octets = 0
            while (waiting := self.answer(GATHER)).called:
                octets += GATHER
            self.assertTrue(AT_ONCE - 2 * GATHER < octets < AT_ONCE, octets)
            self.transport.doWrite()
            self.successResultOf(waiting)

    def test_behind_tls_the_reactor_writes(self):
        alsoProvides(self.transport, ISSLTransport)
        self.assertNoResult(self.answer(GATHER))
        self.assertEqual(self.taken(), 0)

    def test_a_client_that_is_gone_ends_the_wait(self):
        self.transport.room = None
        waiting = self.answer(GATHER)
        self.assertNoResult(waiting)
        self.outflow.lost()
        self.failureResultOf(waiting, Disconnected)
