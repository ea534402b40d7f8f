"""One worker, as its parent sees it."""

from typing import Final

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from imapd import limits
from imapd.spawning import IReactorOfProcesses, Spawned
from imapd.workers.order import BOOKS, RETIRE, Order
from imapd.workers.records import Records


class Worker(Spawned):
    """A process that serves clients.

    Attributes:
        name: what it is called in the log.
        column: its column in the books.
        ready: fires with True once it takes clients, with False if it ended before.

    """

    def __init__(self, name: str, column: int, reactor: IReactorOfProcesses) -> None:
        """Take what it is called, its column in the books, and the reactor."""
        super().__init__(Logger(f"imapd.workers {name}"), limits.WORKER_CLOSE_SECONDS, reactor)
        self.name: Final = name
        self.column: Final = column
        self.ready: Final[Deferred[bool]] = Deferred()
        self._records = Records(name, self._says_it_is_ready)

    def start(self, order: Order, books: int, sockets: list[int]) -> None:
        """Start it, with these descriptors of this process.  If that fails, it has ended a moment later."""
        self.spawn("imapd.workers", order.spelled(), dict(enumerate([books, *sockets], BOOKS)))

    def retire(self) -> None:
        """Tell it to take nobody in any more, and to end when those are gone who are there."""
        assert self.transport is not None, "it has been ready"
        self.transport.write(RETIRE)

    def _says_it_is_ready(self) -> None:
        self._log.info("process {pid} takes clients", pid=getattr(self.transport, "pid", None))
        self.ready.callback(True)

    def outReceived(self, data: bytes) -> None:
        """Twisted: it says something."""
        self._records.receive(data)

    def processEnded(self, reason: Failure) -> None:
        """Twisted: it has ended."""
        if not self.ready.called:
            self.ready.callback(False)
        super().processEnded(reason)
