"""The process beside the server that keeps the search indexes up to date."""

from typing import Final

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IProcessTransport, IReactorProcess, IReactorTime
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from imapd import limits
from imapd.spawning import spawn

FIRST_RETRY_SECONDS: Final = 1.0
LAST_RETRY_SECONDS: Final = 300.0
"""A process that ends is started again after a second, and each time after twice as long, up to this.

One that ran for longer than this begins again with a second."""


class IReactorOfIndexer(IReactorProcess, IReactorTime):
    """What is needed of the reactor."""


class Indexer(Service):
    """Runs ``python -m mailstore.indexer`` for as long as this process lives, again when it ended by itself."""

    _log = Logger()

    def __init__(self, store_url: str, reactor: IReactorOfIndexer) -> None:
        self._store_url = store_url
        self._reactor = reactor
        self._transport: IProcessTransport | None = None
        self._retry: IDelayedCall | None = None
        self._stopped: Deferred[None] | None = None
        self._delay = FIRST_RETRY_SECONDS
        self._started = 0.0

    def startService(self) -> None:
        """Begin."""
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's
        self._start()

    def _start(self) -> None:
        self._retry = None
        self._started = self._reactor.seconds()
        self._transport = spawn(self._reactor, _Protocol(self), "mailstore.indexer", self._store_url)

    def stopService(self) -> Deferred[None]:
        """Tell it to end and wait until it has; it is killed if it takes long, for there is nothing to lose."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's
        if self._retry is not None:
            self._retry.cancel()
        self._stopped = Deferred()
        if self._transport is None:
            self._stopped.callback(None)
        else:
            self._transport.closeStdin()
            alarm = self._reactor.callLater(limits.INDEXER_CLOSE_SECONDS, self._transport.signalProcess, "KILL")
            self._stopped.addCallback(lambda _: alarm.cancel() if alarm.active() else None)
        return self._stopped

    def said(self, octets: bytes) -> None:
        """Log what it says: nothing, unless something is wrong."""
        for line in octets.decode(errors="replace").splitlines():
            self._log.warn("{line}", line=line)

    def ended(self, reason: Failure) -> None:
        """Start it again after a while, unless it was told to end."""
        self._transport = None
        if self._stopped is not None:
            self._stopped.callback(None)
            return
        self._log.error("the search indexer ended ({reason}), searches are slower meanwhile", reason=reason.value)
        if self._reactor.seconds() - self._started > LAST_RETRY_SECONDS:
            self._delay = FIRST_RETRY_SECONDS
        self._retry = self._reactor.callLater(self._delay, self._start)
        self._delay = min(2 * self._delay, LAST_RETRY_SECONDS)


class _Protocol(ProcessProtocol):
    """Tells an `Indexer` what becomes of its process."""

    def __init__(self, indexer: Indexer) -> None:
        self._indexer = indexer

    def errReceived(self, data: bytes) -> None:
        """Pass on what it says."""
        self._indexer.said(data)

    def processEnded(self, reason: Failure) -> None:
        """Pass on that it ended."""
        self._indexer.ended(reason)
