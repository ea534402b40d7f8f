"""Keeps as many workers as there should be: starts them, replaces them, ends them."""

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final

from attrs import define, evolve
from twisted.application.service import Service
from twisted.internet.defer import Deferred, gatherResults
from twisted.logger import Logger

from imapd.auth.books import Books
from imapd.spawning import IReactorOfProcesses, Pauses
from imapd.workers.order import Order
from imapd.workers.process import Worker
from imapd.workers.sockets import SharedSocket

FIRST_RETRY_SECONDS: Final = 0.1
LAST_RETRY_SECONDS: Final = 60.0
"""The first and the longest of the `Pauses` in which nobody serves in the place of a worker that ended by itself."""


@define(eq=False)
class _Place:
    """Where one worker serves.

    Attributes:
        worker: who does, or did last.
        pauses: in which nobody does.

    """

    worker: Worker
    pauses: Pauses


class Workers(Service):
    """The workers."""

    _log = Logger()

    def __init__(self, number: int, data: Path, sockets: Sequence[SharedSocket], reactor: IReactorOfProcesses) -> None:
        """Take how many there shall be, the data folder, the sockets that they share, and the reactor."""
        self._number, self._sockets, self._reactor = number, sockets, reactor
        columns = 2 * number  # when all have been replaced, and some sessions of those before are still there
        self._order = Order(str(data), tuple((socket.door, socket.text) for socket in sockets), columns)
        self._places: list[_Place] = []
        self._running: set[Worker] = set()
        self._started = 0
        self._replacing = self._again = False

    def startService(self) -> None:
        """Start all of them, as whoever the process runs as by now."""
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's
        self._file = _memory()
        self._books = Books(self._order.columns, 0, self._file)
        for _ in range(self._number):
            pauses = Pauses(FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS, self._reactor)
            self._places.append(_Place(self._start(), pauses))

    def stopService(self) -> Deferred[Any]:
        """End all of them; in bounded time, for who does not end is killed."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's
        return gatherResults([worker.stop() for worker in list(self._running)])

    def replace(self) -> None:
        """Put another in the place of each, one by one, which reads the configuration anew.

        What is asked while they are being replaced is done afterwards.
        """
        self._again = True
        if not self._replacing:
            self._replacing = True
            replaced = Deferred.fromCoroutine(self._replace_all())
            replaced.addErrback(lambda failure: self._log.failure("replacing the workers", failure))

    async def _replace_all(self) -> None:
        try:
            while self._again and self.running:
                self._again = False
                await self._end_retired()
                for place in self._places:
                    if self.running and not await self._replace(place):
                        break
        finally:
            self._replacing = False

    async def _end_retired(self) -> None:
        """End those that have been replaced before, for there is no room for three of each."""
        serving = {place.worker for place in self._places}
        await gatherResults([worker.stop() for worker in self._running - serving])

    async def _replace(self, place: _Place) -> bool:
        """Start another and, once it takes clients, let the one before retire; return whether it does."""
        new = self._start()
        if not await new.ready:
            self._log.error("{new} did not start, so {old} and the others stay", new=new.name, old=place.worker.name)
            return False
        if place.worker in self._running:
            place.worker.retire()
        place.worker = new
        place.pauses.started()
        return True

    def _start(self) -> Worker:
        self._started += 1
        column = min(set(range(self._order.columns)) - {worker.column for worker in self._running})
        worker = Worker(f"worker {self._started}", column, self._reactor)
        self._running.add(worker)
        worker.ended.addCallback(self._ended, worker)
        worker.start(evolve(self._order, column=column), self._file, [socket.descriptor for socket in self._sockets])
        return worker

    def _ended(self, reason: BaseException, worker: Worker) -> None:
        """Take note of a worker that has ended, and see that another comes if it was needed."""
        self._running.discard(worker)
        self._books.wipe(worker.column)
        for place in self._places:
            if place.worker is worker and self.running:
                pause = place.pauses.next()
                self._log.error(
                    "{name} ended ({reason}), another comes in {delay:g} s",
                    name=worker.name,
                    reason=reason,
                    delay=pause,
                )
                self._reactor.callLater(pause, self._restart, place)

    def _restart(self, place: _Place) -> None:
        if self.running and place.worker not in self._running:
            place.worker = self._start()
            place.pauses.started()


def _memory() -> int:
    """Return a new file that is in memory alone, where the system can."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("imapd-books")
    with TemporaryFile() as file:
        return os.dup(file.fileno())
