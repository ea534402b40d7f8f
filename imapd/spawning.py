"""Other processes of this program: spawned, so that they have nothing of the one that starts them."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessExitedAlready
from twisted.internet.interfaces import IDelayedCall, IProcessTransport, IReactorProcess, IReactorTime
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

import imapd


class IReactorOfProcesses(IReactorProcess, IReactorTime):
    """What is needed of the reactor."""


class Spawned(ProcessProtocol):
    """A process, from its start to its end.  It is to end when its standard input does.

    Attributes:
        ended: fires when it has ended, with how.

    """

    transport: IProcessTransport | None

    def __init__(self, log: Logger, patience: float, reactor: IReactorOfProcesses) -> None:
        """Take where what it says is logged, how many seconds it has to end, and the reactor."""
        self.ended: Final[Deferred[BaseException]] = Deferred()
        self._log, self._patience, self._reactor = log, patience, reactor
        self._alarm: IDelayedCall | None = None

    def spawn(self, module: str, argument: str, descriptors: Mapping[int, int] | None = None) -> None:
        """Run ``python -m module argument``, by the same Python and the same packages, wherever these were found.

        If that fails, it has ended a moment later.

        Args:
            module: what is run.
            argument: the only one.
            descriptors: those of this process that it shall have, by the number that they have there.

        """
        folder = str(Path(imapd.__file__).parent.parent)
        path = os.pathsep.join(filter(None, [folder, os.environ.get("PYTHONPATH")]))
        try:
            self._reactor.spawnProcess(
                self,
                sys.executable,
                [sys.executable, "-P", "-m", module, argument],
                env={**os.environ, "PYTHONPATH": path},
                childFDs={0: "w", 1: "r", 2: "r", **(descriptors or {})},
            )
        except OSError:
            self._reactor.callLater(0, self.processEnded, Failure())

    def stop(self) -> "Deferred[BaseException]":
        """Tell it to end, if it runs, and wait until it has; it is killed if it takes too long."""
        if self._alarm is None and not self.ended.called and self.transport is not None:
            self.transport.closeStdin()
            self._alarm = self._reactor.callLater(self._patience, self._kill, self.transport)
        return self.ended

    def _kill(self, transport: IProcessTransport) -> None:
        self._log.error("it did not end, and is killed")
        with suppress(ProcessExitedAlready):
            transport.signalProcess("KILL")

    def errReceived(self, data: bytes) -> None:
        """Twisted: it says something that should not be, as of an interpreter that crashes."""
        for line in data.decode(errors="replace").splitlines():
            self._log.warn("{line}", line=line)

    def processEnded(self, reason: Failure) -> None:
        """Twisted: it has ended."""
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        self.ended.callback(reason.value or ValueError("nobody knows how"))


class Pauses:
    """How long nobody comes in the place of a process that ended by itself: each time twice as long.

    After one that ran for as long as the longest it begins anew.
    """

    def __init__(self, first: float, longest: float, clock: IReactorTime) -> None:
        """Take the first and the longest, in seconds."""
        self._first, self._longest, self._clock = first, longest, clock
        self._next = first
        self.started()

    def started(self) -> None:
        """Take note that a process was started."""
        self._since = self._clock.seconds()

    def next(self) -> float:
        """Return how long it is, behind a process that has just ended."""
        if self._clock.seconds() - self._since > self._longest:
            self._next = self._first
        pause, self._next = self._next, min(2 * self._next, self._longest)
        return pause
