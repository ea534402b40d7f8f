"""One worker, as its parent sees it."""

from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IDelayedCall,
    IProcessTransport,
    IReactorFromThreads,
    IReactorProcess,
    IReactorTime,
)
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from imapd import limits
from imapd.spawning import spawn
from imapd.workers.order import BOOKS, RETIRE, Order
from imapd.workers.records import Records


class IReactorOfWorkers(IReactorFromThreads, IReactorProcess, IReactorTime):
    """What is needed of the reactor."""


class Worker(ProcessProtocol):
    """A process that serves clients.

    Attributes:
        name: what it is called in the log.
        column: its column in the books.
        ready: fires with True once it takes clients, with False if it ended before.
        ended: fires when it has ended, with how.

    """

    transport: IProcessTransport | None

    def __init__(self, name: str, column: int, reactor: IReactorOfWorkers) -> None:
        self.name: Final = name
        self.column: Final = column
        self.ready: Final[Deferred[bool]] = Deferred()
        self.ended: Final[Deferred[BaseException]] = Deferred()
        self._reactor = reactor
        self._records = Records(name, self._says_it_is_ready)
        self._log = Logger(f"imapd.workers {name}")
        self._alarm: IDelayedCall | None = None

    def start(self, order: Order, books: int, sockets: list[int]) -> None:
        """Start it, with these descriptors of this process.  If that fails, it has ended a moment later."""
        descriptors = dict(enumerate([books, *sockets], BOOKS))
        try:
            spawn(self._reactor, self, "imapd.workers", order.spelled(), descriptors)
        except OSError:
            self._reactor.callLater(0, self.processEnded, Failure())

    def retire(self) -> None:
        """Tell it to take nobody in any more, and to end when those are gone who are there."""
        assert self.transport is not None, "it has been ready"
        self.transport.write(RETIRE)

    def stop(self) -> "Deferred[BaseException]":
        """Tell it to end, if it runs, and wait until it has; it is killed if it takes too long."""
        if self._alarm is None and not self.ended.called and self.transport is not None:
            self.transport.closeStdin()
            self._alarm = self._reactor.callLater(limits.WORKER_CLOSE_SECONDS, self._kill, self.transport)
        return self.ended

    def _kill(self, transport: IProcessTransport) -> None:
        self._log.error("it did not end, and is killed")
        transport.signalProcess("KILL")

    def _says_it_is_ready(self) -> None:
        self._log.info("process {pid} takes clients", pid=getattr(self.transport, "pid", None))
        self.ready.callback(True)

    def outReceived(self, data: bytes) -> None:
        """Twisted: it says something."""
        self._records.receive(data)

    def errReceived(self, data: bytes) -> None:
        """Twisted: something beside the log, as of an interpreter that crashes."""
        for line in data.decode(errors="replace").splitlines():
            self._log.warn("{line}", line=line)

    def processEnded(self, reason: Failure) -> None:
        """Twisted: it has ended."""
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        if not self.ready.called:
            self.ready.callback(False)
        self.ended.callback(reason.value or ValueError("nobody knows how"))
