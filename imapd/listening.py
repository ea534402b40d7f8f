"""A place where clients may come, as a service."""

from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort, IProtocolFactory, IStreamServerEndpoint
from twisted.python.failure import Failure


class Listening(Service):
    """An endpoint that is open while the service runs, from before the process gives up its privileges.

    Attributes:
        port: what is open.

    """

    port: IListeningPort

    def __init__(self, endpoint: IStreamServerEndpoint, factory: IProtocolFactory) -> None:
        """Take where to listen, and what is made of those who come."""
        self.endpoint, self.factory = endpoint, factory

    def privilegedStartService(self) -> None:
        """Open it; `CannotListenError`."""
        super().privilegedStartService()  # type: ignore[no-untyped-call]  # Twisted's
        opened: list[Any] = []
        self.endpoint.listen(self.factory).addBoth(opened.append)
        [self.port] = opened  # what is on this machine is there at once
        if isinstance(self.port, Failure):
            self.port.raiseException()

    def stopService(self) -> Deferred[None] | None:
        """Let nobody more come; those that are there stay."""
        if self.running:
            super().stopService()  # type: ignore[no-untyped-call]  # Twisted's
            return self.port.stopListening()
        return None
