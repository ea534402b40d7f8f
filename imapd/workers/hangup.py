"""``SIGHUP``, by which administrators ask a server to take up a changed configuration."""

import signal
from collections.abc import Callable

from twisted.application.service import Service
from twisted.internet.interfaces import IReactorFromThreads


class OnHangup(Service):
    """Does something for each ``SIGHUP`` while it runs, which would end the process otherwise."""

    def __init__(self, act: Callable[[], object], reactor: IReactorFromThreads) -> None:
        """Take what is done, on the reactor's turn."""
        self._act, self._reactor = act, reactor

    def startService(self) -> None:
        """Begin."""
        super().startService()  # type: ignore[no-untyped-call]  # Twisted's
        self._before = signal.signal(signal.SIGHUP, lambda *_: self._reactor.callFromThread(self._act))

    def stopService(self) -> None:
        """End."""
        super().stopService()  # type: ignore[no-untyped-call]  # Twisted's
        signal.signal(signal.SIGHUP, self._before)
