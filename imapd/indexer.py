"""The process beside the server that keeps the search indexes up to date."""

import os
import sys
from pathlib import Path
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IProcessTransport, IReactorProcess, IReactorTime
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

import mailstore
from imapd import limits

FIRST_RETRY_SECONDS: Final = 1.0
LAST_RETRY_SECONDS: Final = 300.0
"""A process that ends is started again after a second, and each time after twice as long, up to this.

One that ran for longer than this begins again with a second."""


class IReactorOfIndexer(IReactorProcess, IReactorTime):
    """What is needed of the reactor."""


class Indexer:
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

    def start(self) -> None:
        """Start it: spawned, so that it has nothing of this process."""
        folder = str(Path(mailstore.__file__).parent.parent)
        path = os.pathsep.join(filter(None, [folder, os.environ.get("PYTHONPATH")]))
        self._retry = None
        self._started = self._reactor.seconds()
        self._transport = self._reactor.spawnProcess(
            _Protocol(self),
            sys.executable,
            [sys.executable, "-P", "-m", "mailstore.indexer", self._store_url],
            env={**os.environ, "PYTHONPATH": path},
        )

    async def stop(self) -> None:
        """Tell it to end, and wait until it has; after a while it is killed, which loses nothing."""
        if self._retry is not None:
            self._retry.cancel()
        if self._transport is not None:
            self._stopped = Deferred()
            self._transport.closeStdin()
            alarm = self._reactor.callLater(limits.INDEXER_CLOSE_SECONDS, self._kill)
            await self._stopped
            if alarm.active():
                alarm.cancel()

    def _kill(self) -> None:
        if self._transport is not None:
            self._transport.signalProcess("KILL")

    def said(self, octets: bytes) -> None:
        """Log what it says: nothing, unless something is wrong."""
        for line in octets.decode(errors="replace").splitlines():
            self._log.warn("{line}", line=line)

    def ended(self, reason: Failure) -> None:
        """Start it again after a while, unless it was told to end."""
        self._transport = None
        if self._stopped is not None:
            if not self._stopped.called:
                self._stopped.callback(None)
            return
        self._log.error("the search indexer ended ({reason}), searches are slower meanwhile", reason=reason.value)
        if self._reactor.seconds() - self._started > LAST_RETRY_SECONDS:
            self._delay = FIRST_RETRY_SECONDS
        self._retry = self._reactor.callLater(self._delay, self.start)
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
