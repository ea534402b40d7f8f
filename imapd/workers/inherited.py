"""A worker's end of the sockets that its parent has opened (`imapd.workers.sockets`)."""

# mypy: disallow-untyped-calls=False

import errno
import socket
from typing import Any, Final

from twisted.internet.abstract import FileDescriptor
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IAddress, IListeningPort, IProtocolFactory, IStreamServerEndpoint
from twisted.logger import Logger
from zope.interface import implementer

from imapd.auth.books import Loads
from imapd.doors.proxied import PROXY, Proxied

CROWDED_SECONDS: Final = 1.0
"""How long nobody more is taken in when no more files can be opened."""
POLITE_SECONDS: Final = 0.001
"""How long a client is left to a worker that has fewer.  One that is idle takes it within a tenth of that."""
_CROWDED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def inherited(
    descriptor: int,
    endpoint: str,
    loads: Loads,
    reactor: Any,  # noqa: ANN401  # a module to mypy
) -> IStreamServerEndpoint:
    """Return the endpoint that takes clients from a socket which was opened by `endpoint`."""
    inside = _Inherited(descriptor, loads, reactor)
    return Proxied(inside) if endpoint.startswith(PROXY) else inside


@implementer(IStreamServerEndpoint)
class _Inherited:
    """The endpoint."""

    def __init__(self, descriptor: int, loads: Loads, reactor: object) -> None:
        self._descriptor, self._loads, self._reactor = descriptor, loads, reactor

    def listen(self, protocolFactory: IProtocolFactory) -> "Deferred[IListeningPort]":  # noqa: N803  # Twisted's name
        """Twisted: begin to take clients."""
        port = _Port(socket.socket(fileno=self._descriptor), protocolFactory, self._loads, self._reactor)
        port.startListening()
        return succeed(port)


@implementer(IListeningPort)
class _Port(FileDescriptor):
    """Takes one client at a time, and leaves the next for a moment to a worker that has fewer, if there is one.

    (Twisted's own would change the mode of a UNIX socket, and remove it at the end, which others still use.)
    """

    _log = Logger()
    reactor: Any

    def __init__(
        self,
        shared: socket.socket,
        factory: IProtocolFactory,
        loads: Loads,
        reactor: Any,  # noqa: ANN401  # as above
    ) -> None:
        super().__init__(reactor)
        self._socket, self._factory, self._loads = shared, factory, loads
        self._was_polite = False
        self.fileno = shared.fileno  # type: ignore[method-assign]  # as Twisted's ports do

    def startListening(self) -> None:
        """Twisted: begin."""
        self._factory.doStart()
        self.startReading()

    def stopListening(self) -> "Deferred[None]":
        """Twisted: take nobody more; those that wait are left to the others."""
        self.stopReading()
        self._socket.close()
        self._factory.doStop()
        return succeed(None)

    def getHost(self) -> IAddress:
        """Twisted: where clients come."""
        name = self._socket.getsockname()
        if self._socket.family == socket.AF_UNIX:
            return UNIXAddress(name)
        kind = IPv6Address if self._socket.family == socket.AF_INET6 else IPv4Address
        return kind("TCP", *name[:2])

    def doRead(self) -> None:
        """Twisted: somebody is waiting, or was before another worker looked."""
        self._was_polite = not self._was_polite and self._loads.another_has_less()
        if self._was_polite:
            self._pause(POLITE_SECONDS)
            return
        try:
            client, _ = self._socket.accept()
        except OSError as error:
            if error.errno in _CROWDED:
                self._log.error("nobody is taken in for a moment: {error}", error=error)
                self._pause(CROWDED_SECONDS)
            return
        with client:
            try:
                self.reactor.adoptStreamConnection(client.fileno(), client.family, self._factory)
            except OSError:  # gone already
                self._log.debug("a client did not wait")

    def _pause(self, seconds: float) -> None:
        self.stopReading()
        self.reactor.callLater(seconds, self._go_on)

    def _go_on(self) -> None:
        if self._socket.fileno() >= 0:
            self.startReading()
