"""The door itself: makes a connection for each client that comes, and ends them all when the server stops."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IAddress, IDelayedCall, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel
from twisted.web.server import Request, Site
from zope.interface import implementer

from imapd import advertised, limits
from imapd.autoconfig.pages import pages
from imapd.config import Config
from imapd.doors.door import IDoor
from mailstore.interfaces import IMailStore


@implementer(IDoor)
class AutoconfigDoor(Site):
    """Twisted's factory of HTTP connections."""

    noisy = False

    def __init__(self, _: object, config: Config, __: object, clock: IReactorTime, *___: object) -> None:
        """Take what doors are given; who logs in, what STARTTLS uses and who counts sessions do not matter here."""
        root = pages(config, advertised.servers(config))
        super().__init__(root, _Request, timeout=limits.HTTP_SECONDS, reactor=clock)  # type: ignore[no-untyped-call]
        self.channels: set[_Channel] = set()

    def buildProtocol(self, addr: IAddress | None) -> Any:  # noqa: ANN401  # Twisted's is of a private type
        """Twisted: a client has come."""
        if len(self.channels) >= limits.HTTP_CONNECTIONS:
            return _Nobody()
        channel = _Channel(self)
        self.channels.add(channel)
        return channel

    def open(self, store: IMailStore) -> None:
        """Do nothing with the store: what is told here is in the configuration."""

    def empty(self) -> Deferred[None]:
        """Wait for nobody: whoever waits for an answer asks again."""
        return succeed(None)

    async def shut_down(self) -> None:
        """End all connections: whoever waits for an answer asks again."""
        for channel in list(self.channels):
            channel.forceAbortClient()  # type: ignore[no-untyped-call]  # Twisted's

    def startFactory(self) -> None:
        """Twisted: there is no log of requests to prepare."""

    def stopFactory(self) -> None:
        """Twisted: and none to close."""

    def log(self, request: object) -> None:
        """Twisted: a request was answered.  Who asks for which address is nobody's business."""


class _Channel(HTTPChannel):
    """One connection."""

    factory: Any

    def __init__(self, door: AutoconfigDoor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's
        self.factory = self.site = door
        self.requestFactory = _Request
        self.timeOut: int = limits.HTTP_SECONDS

    def callLater(self, period: float, func: Callable[[], None]) -> IDelayedCall:
        """Twisted's timeouts are measured by this."""
        return self.factory.reactor.callLater(period, func)  # type: ignore[no-any-return]  # Twisted's clock

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.factory.channels.discard(self)
        super().connectionLost(reason)  # type: ignore[no-untyped-call]  # Twisted's


class _Request(Request):
    """One request, which has no body."""

    def gotLength(self, length: int | None) -> None:
        """Twisted: this is the length of the body; it would keep one of any length in a file."""
        super().gotLength(0)  # type: ignore[no-untyped-call]  # Twisted's
        if length != 0:
            self.channel.forceAbortClient()


class _Nobody(Protocol):
    """Ends a connection that is one too many."""

    transport: Any

    def connectionMade(self) -> None:
        self.transport.abortConnection()
