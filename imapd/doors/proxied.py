"""Clients that come by a proxy, which says who they are (`imapd.doors.proxyheader`).

Twisted's own endpoint greets a client before it knows who it is: the door would count all of them as one, and tell
those from elsewhere what holds for the proxy, such as that passwords need no TLS.
"""

# mypy: disallow-untyped-calls=False

from typing import Any, Final

from attrs import frozen
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IAddress,
    IListeningPort,
    IOpenSSLContextFactory,
    IProtocolFactory,
    IStreamServerEndpoint,
)
from twisted.internet.protocol import Protocol, connectionDone
from twisted.protocols.policies import ProtocolWrapper, TimeoutMixin, WrappingFactory
from twisted.python.failure import Failure
from zope.interface import directlyProvides, implementer, providedBy

from imapd import limits
from imapd.doors.proxyheader import Header, header

PROXY: Final = "haproxy:"
"""What an endpoint begins with whose clients come through a proxy."""


@implementer(IStreamServerEndpoint)
@frozen
class Proxied:
    """Where a proxy connects."""

    endpoint: IStreamServerEndpoint

    def listen(self, protocolFactory: IProtocolFactory) -> "Deferred[IListeningPort]":  # noqa: N803  # Twisted's name
        """Twisted: begin to take clients."""
        return self.endpoint.listen(_Factory(protocolFactory))


class _Connection(ProtocolWrapper, TimeoutMixin):
    """A connection of a proxy, behind whose header there is one of its client, and nobody before."""

    transport: Any

    def __init__(self, factory: "_Factory") -> None:
        super().__init__(factory, Protocol())  # type: ignore[arg-type]  # Twisted has no type for this
        self._octets = b""
        self._header: Header | None = None

    def connectionMade(self) -> None:
        """Twisted: the proxy is there."""
        self.setTimeout(limits.LOGIN_SECONDS)

    def dataReceived(self, data: bytes) -> None:
        """Twisted: octets came in."""
        if self._header is not None:
            self.wrappedProtocol.dataReceived(data)
            return
        self._octets += data
        try:
            self._header = header(self._octets)
        except ValueError:
            self.loseConnection()
        if self._header is not None:
            self._begin(self._header.rest)

    def _begin(self, octets: bytes) -> None:
        """Make the client's connection, on which something may have come already."""
        self.setTimeout(None)
        self._octets = b""
        self.wrappedProtocol = self.factory.wrappedFactory.buildProtocol(self.getPeer())
        self.wrappedProtocol.makeConnection(self)  # type: ignore[arg-type]  # it has what its own transport has
        if octets:
            self.wrappedProtocol.dataReceived(octets)

    def getPeer(self) -> IAddress:
        """Twisted: who has connected; the proxy, if it says nobody."""
        said = self._header and self._header.source
        return said or self.transport.getPeer()

    def startTLS(self, context: IOpenSSLContextFactory) -> None:
        """Twisted: begin TLS, and tell of it as the transport does."""
        self.transport.startTLS(context)
        directlyProvides(self, providedBy(self.transport))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Twisted: the connection is gone."""
        self.setTimeout(None)
        super().connectionLost(reason)


class _Factory(WrappingFactory):
    """Twisted's factory of `_Connection`s, which has the door's factory behind it."""

    noisy = False

    def buildProtocol(self, addr: IAddress | None) -> _Connection:
        return _Connection(self)
