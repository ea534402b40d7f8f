"""The process beside the server that keeps the search indexes up to date."""

from typing import Any, Final

from twisted.application.service import Service
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger

from imapd import limits
from imapd.spawning import IReactorOfProcesses, Pauses, Spawned

FIRST_RETRY_SECONDS: Final = 1.0
LAST_RETRY_SECONDS: Final = 300.0
"""The first and the longest of the `Pauses` in which there is none: searches are slower, and find the same."""


class Indexer(Service):
    """Runs ``python -m mailstore.indexer`` for as long as this process lives, again when it ended by itself."""

    _log = Logger()

    def __init__(self, store_url: str, reactor: IReactorOfProcesses) -> None:
        """Take where the store is, and the reactor."""
        self._store_url = store_url
        self._reactor = reactor
        self._pauses = Pauses(FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS, reactor)
        self._process: Spawned | None = None
        self._retry: IDelayedCall | None = None

    def startService(self) -> None:
        """Begin."""
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's
        self._start()

    def _start(self) -> None:
        self._pauses.started()
        self._process = Spawned(self._log, limits.INDEXER_CLOSE_SECONDS, self._reactor)
        self._process.ended.addCallback(self._ended)
        self._process.spawn("mailstore.indexer", self._store_url)

    def stopService(self) -> Deferred[Any]:
        """Tell it to end and wait until it has; it is killed if it takes long, for there is nothing to lose."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's
        if self._retry is not None and self._retry.active():
            self._retry.cancel()
        return succeed(None) if self._process is None else self._process.stop()

    def _ended(self, reason: BaseException) -> None:
        """Start it again after a while, unless it was told to end."""
        if self.running:
            self._log.error("the search indexer ended ({reason}), searches are slower meanwhile", reason=reason)
            self._retry = self._reactor.callLater(self._pauses.next(), self._start)
