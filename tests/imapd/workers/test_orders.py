"""What a worker does when its parent says so."""

from twisted.internet.defer import Deferred
from twisted.internet.error import ReactorNotRunning
from twisted.trial.unittest import SynchronousTestCase

from imapd.workers import __main__ as main
from imapd.workers.order import RETIRE


class Process:
    """The reactor, the service and the standard input of one."""

    def __init__(self):
        self.stopped = False
        self.retired = Deferred()

    def fileno(self):
        return 0

    def read(self, *_):
        return self

    def startReading(self):
        """Twisted: everything is said by the test."""

    def retire(self):
        return self.retired

    def stop(self):
        if self.stopped:
            raise ReactorNotRunning
        self.stopped = True


class OrdersTest(SynchronousTestCase):
    def setUp(self):
        self.process = Process()
        self.patch(main, "ProcessReader", self.process.read)
        self.patch(main.sys, "stdin", self.process)
        self.patch(main, "reactor", self.process)
        self.orders = main.Orders(self.process)

    def test_retired(self):
        self.orders.childDataReceived("orders", RETIRE)
        self.assertFalse(self.process.stopped)
        self.process.retired.callback(None)
        self.assertTrue(self.process.stopped)

    def test_ended(self):
        self.orders.childConnectionLost("orders", None)
        self.assertTrue(self.process.stopped)

    def test_ended_while_it_retires(self):
        self.orders.childDataReceived("orders", RETIRE)
        self.orders.childConnectionLost("orders", None)
        self.process.retired.callback(None)
        self.successResultOf(self.process.retired)
