"""The IMAP door: makes a connection for each client that comes, and ends them all when the server stops."""

from typing import Final

from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IOpenSSLContextFactory, IReactorTime, ITCPTransport
from twisted.internet.protocol import Protocol, ServerFactory

from imapd import limits
from imapd.auth.admission import Admission, TooManyError
from imapd.config import Config
from imapd.imap import peers
from imapd.imap.connection import Connection
from imapd.imap.errors import Bye
from imapd.imap.wire import encode

SHUTTING_DOWN: Final = Bye("the server is shutting down; connect again later", "UNAVAILABLE")


class ImapDoor(ServerFactory):
    """Twisted's factory of `Connection`s."""

    noisy = False

    def __init__(
        self, portal: Portal, config: Config, tls: IOpenSSLContextFactory | None, clock: IReactorTime
    ) -> None:
        """Take who checks logins, the settings, what STARTTLS uses (None: no STARTTLS), and the clock."""
        self._portal, self._config, self._tls, self._clock = portal, config, tls, clock
        self.admission: Final = Admission()
        self._connections: set[Connection] = set()
        self._empty: Deferred[None] | None = None

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Twisted: a client has come."""
        try:
            self.admission.come(peers.host(addr))
        except TooManyError as error:
            return _Refusal(str(error))
        connection = Connection(self._portal, self._config, self._tls, self._clock)
        connection.factory = self
        self._connections.add(connection)
        return connection

    def ended(self, connection: Connection, host: str, user: str | None) -> None:
        """Take note that a connection is gone and its command has ended."""
        self.admission.leave(host, user)
        self._connections.discard(connection)
        if not self._connections and self._empty is not None:
            empty, self._empty = self._empty, None
            empty.callback(None)

    async def shut_down(self) -> None:
        """Say BYE to every session, and return when all have ended or the time is up."""
        if not self._connections:
            return
        self._empty = Deferred()
        empty, alarm = self._empty, self._clock.callLater(limits.FAREWELL_SECONDS, self._abort)
        for connection in list(self._connections):
            connection.bye(SHUTTING_DOWN)
        await empty
        if alarm.active():
            alarm.cancel()

    def _abort(self) -> None:
        for connection in list(self._connections):
            connection.abort()


class _Refusal(Protocol):
    """Tells a client that it cannot stay."""

    transport: ITCPTransport

    def __init__(self, text: str) -> None:
        self._text = text

    def connectionMade(self) -> None:
        self.transport.write(b"* BYE [UNAVAILABLE] %b\r\n" % encode.text(self._text))
        self.transport.loseConnection()
