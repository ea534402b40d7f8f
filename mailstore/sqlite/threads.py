"""The few threads in which a store waits for the disk, so that the reactor never does."""

from collections.abc import Callable
from typing import Final, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorCore, IReactorFromThreads, IReactorTime
from twisted.internet.task import deferLater

from mailstore.errors import Busy
from mailstore.sqlite.patience import Patience
from mailstore.sqlite.pool import Pool

T = TypeVar("T")

WRITERS: Final = 2
"""One waits for its fsync while another compresses; more would only contend for the interpreter."""
READERS: Final = 2
"""Opening, closing, large bodies, search: apart from the writers, which must not stand in line behind a scan."""


class IReactor(IReactorCore, IReactorFromThreads, IReactorTime):
    """What a store needs of the reactor."""


class Threads:
    """Runs functions beside the reactor, and answers on it."""

    def __init__(self, reactor: IReactor) -> None:
        self.reactor = reactor
        self._writing = Pool(reactor, WRITERS, "mailstore-write")
        self._reading = Pool(reactor, READERS, "mailstore-read")

    def start(self) -> None:
        """See that what is running is also waited for when the reactor ends."""
        self._at_end = self.reactor.addSystemEventTrigger("after", "shutdown", self._join)

    def stop(self) -> None:
        """Wait for what is running; nothing may be asked afterwards."""
        self.reactor.removeSystemEventTrigger(self._at_end)
        self._join()

    def _join(self) -> None:
        self._writing.stop()
        self._reading.stop()

    def to_write(self, work: Callable[[], T]) -> "Deferred[T]":
        """Run `work` in one of the threads that write."""
        return self._writing.do(work)

    def to_read(self, work: Callable[[], T]) -> "Deferred[T]":
        """Run `work` in one of the other threads."""
        return self._reading.do(work)

    async def to_read_patiently(self, work: Callable[[], T]) -> T:
        """Run `work` in one of the other threads, again and again while another process holds a file; `Busy`.

        It should raise `Busy` after `connections.PATIENCE`.
        """
        patience = Patience(self.reactor)
        while True:
            try:
                return await self.to_read(work)
            except Busy:
                if not patience.is_left():
                    raise
            await self.pause(patience.step())

    def pause(self, seconds: float = 0.0) -> "Deferred[None]":
        """Let the reactor see to everyone else for at least this long."""
        return deferLater(self.reactor, seconds)
