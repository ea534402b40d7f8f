"""What a connection knows of its client, whatever is spoken on it."""

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IDelayedCall, IReactorTime, ISSLTransport

from imapd.config import Config
from imapd.doors import peers


class Connected:
    """A connection of a door, which has Twisted's class of its protocol as its other base.

    Attributes:
        factory: its door.
        transport: the client's.

    """

    factory: Any
    transport: Any
    _config: Config
    _clock: IReactorTime

    def callLater(self, period: float, func: Callable[[], None]) -> IDelayedCall:
        """Twisted's timeouts are measured by this."""
        return self._clock.callLater(period, func)

    @property
    def peer(self) -> str:
        """The address that the client connects from."""
        return peers.host(self.transport.getPeer())

    @property
    def encrypted(self) -> bool:
        """Whether TLS is spoken."""
        return ISSLTransport.providedBy(self.transport)

    @property
    def secure(self) -> bool:
        """Whether nobody on the way can read along."""
        trusted = self._config.plaintext_on_loopback and peers.is_local(self.transport.getPeer())
        return self.encrypted or trusted
