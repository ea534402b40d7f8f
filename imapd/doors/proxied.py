"""Clients that come by a proxy, which says who they are (the PROXY protocol, versions 1 and 2).

Twisted's own endpoint greets a client before it knows who it is: the door would count all of them as one, and tell
those from elsewhere what holds for the proxy, such as that passwords need no TLS.
"""

# mypy: disallow-untyped-calls=False

from typing import Any

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
from twisted.protocols.haproxy._wrapper import (  # what has a public name makes no other connections than its own
    HAProxyProtocolWrapper,
    HAProxyWrappingFactory,
)
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from zope.interface import directlyProvides, implementer, providedBy

from imapd import limits


@implementer(IStreamServerEndpoint)
@frozen
class Proxied:
    """Where a proxy connects."""

    endpoint: IStreamServerEndpoint

    def listen(self, protocolFactory: IProtocolFactory) -> "Deferred[IListeningPort]":  # noqa: N803  # Twisted's name
        """Twisted: begin to take clients."""
        return self.endpoint.listen(_Factory(protocolFactory))


class _Nobody(Protocol):
    """Stands behind a header that is not there yet, and keeps what comes with its end."""

    octets = b""

    def dataReceived(self, data: bytes) -> None:
        self.octets = data


class _Connection(HAProxyProtocolWrapper, TimeoutMixin):
    """A connection of a proxy, behind whose header there is one of its client."""

    transport: Any

    def connectionMade(self) -> None:
        """Twisted: the proxy is there."""
        self.setTimeout(limits.LOGIN_SECONDS)

    def dataReceived(self, data: bytes) -> None:
        """Twisted: octets came in."""
        super().dataReceived(data)
        if isinstance(self.wrappedProtocol, _Nobody) and self._proxyInfo is not None:
            self._begin(self.wrappedProtocol.octets)

    def _begin(self, octets: bytes) -> None:
        """Make the client's connection, on which something may have come already."""
        self.setTimeout(None)
        self.wrappedProtocol = self.factory.wrappedFactory.buildProtocol(self.getPeer())
        self.wrappedProtocol.makeConnection(self)  # type: ignore[arg-type]  # it has what its own transport has
        if octets:
            self.wrappedProtocol.dataReceived(octets)

    def startTLS(self, context: IOpenSSLContextFactory) -> None:
        """Twisted: begin TLS, and tell of it as the transport does."""
        self.transport.startTLS(context)
        directlyProvides(self, providedBy(self.transport))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Twisted: the connection is gone."""
        self.setTimeout(None)
        super().connectionLost(reason)


class _Factory(HAProxyWrappingFactory):
    """Twisted's factory of `_Connection`s, which has the door's factory behind it."""

    noisy = False

    def buildProtocol(self, addr: IAddress | None) -> _Connection:
        return _Connection(self, _Nobody())  # type: ignore[arg-type]  # Twisted has no type for this
