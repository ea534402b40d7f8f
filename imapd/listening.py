"""A place where clients may come, as a service."""

import errno
import os
import socket
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.error import CannotListenError
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
        try:
            self.port = self._opened()
        except CannotListenError as error:
            if not _is_left_behind(error.port):
                raise
            os.remove(error.port)
            self.port = self._opened()

    def _opened(self) -> Any:  # noqa: ANN401  # a port
        opened: list[Any] = []
        self.endpoint.listen(self.factory).addBoth(opened.append)
        [port] = opened  # what is on this machine is there at once
        if isinstance(port, Failure):
            port.raiseException()
        return port

    def stopService(self) -> Deferred[None] | None:
        """Let nobody more come; those that are there stay."""
        if self.running:
            super().stopService()  # type: ignore[no-untyped-call]  # Twisted's
            return self.port.stopListening()
        return None


def _is_left_behind(place: int | bytes) -> bool:
    """Tell whether a place is the UNIX socket of a server that was killed: nobody listens there."""
    if not (isinstance(place, bytes) and Path(os.fsdecode(place)).is_socket()):
        return False
    with socket.socket(socket.AF_UNIX) as client:
        client.setblocking(False)
        return client.connect_ex(place) == errno.ECONNREFUSED
