"""A door: makes a connection for each client that comes, and ends them all when the server stops."""

from typing import Final, Protocol

from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IAddress, IOpenSSLContextFactory, IProtocolFactory, IReactorTime, ITCPTransport
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.internet.protocol import ServerFactory, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from imapd import limits
from imapd.auth.admission import Admission, TooManyError
from imapd.auth.books import Books
from imapd.config import Config
from imapd.doors import peers
from imapd.doors.deadlines import Deadlines, Waiting
from mailstore.interfaces import IMailStore


class IDoor(IProtocolFactory):
    """Makes connections, and ends them."""

    def open(store: IMailStore) -> None:  # noqa: N805  # a zope interface
        """Take the store, once it is open."""

    def empty() -> Deferred[None]:
        """Wait until nobody is there who should be let finish."""

    async def shut_down() -> None:
        """Say goodbye to every session, and return when all have ended or the time is up."""


class Served(Waiting, Protocol):
    """A connection, as its door sees it; a `TwistedProtocol` besides."""

    def shut_down(self) -> None:
        """Say that the server stops and end, behind what is being done."""

    def abort(self) -> None:
        """Drop the connection, and whatever was still to be sent."""


@implementer(IDoor)
class Door(ServerFactory):
    """Twisted's factory of one kind of connections in which people log in."""

    noisy = False
    of_agents = False
    """Whether those who come are transfer agents: they need many connections, and never log in."""

    def __init__(
        self,
        portal: Portal,
        config: Config,
        tls: IOpenSSLContextFactory | None,
        clock: IReactorTime,
        books: Books | None = None,
    ) -> None:
        """Take who checks logins, the settings, what STARTTLS uses (None: no STARTTLS), the clock, and where it counts.

        A door without books counts its own connections only.
        """
        self._portal, self._config, self._tls, self._clock = portal, config, tls, clock
        self.admission: Final = Admission(books or Books(), type(self).__name__, of_agents=self.of_agents)
        self._connections: dict[Served, str] = {}  # and the address that each is counted by
        self.deadlines: Final = Deadlines(clock, self._connections)
        self._until_empty: list[Deferred[None]] = []

    def open(self, store: IMailStore) -> None:
        """Do nothing with the store: most doors have it from who logs in."""

    def make(self) -> TwistedProtocol:
        """Return a new connection, which is `Served`."""
        raise NotImplementedError

    def refusal(self, text: str) -> bytes:
        """Return what is said to a client that cannot stay."""
        raise NotImplementedError

    def buildProtocol(self, addr: IAddress | None) -> TwistedProtocol:
        """Twisted: a client has come."""
        host = peers.host(addr)
        try:
            self.admission.come(host)
        except TooManyError as error:
            return _Refusal(self.refusal(str(error)), self._clock)
        connection = self.make()
        connection.factory = self
        self._connections[connection] = host  # type: ignore[index]  # it is both
        return connection

    def log_in(self, connection: Served, user: str) -> None:
        """Take note that somebody logs in; `TooManyError` if they have too many sessions."""
        self.admission.log_in(self._connections[connection], user)

    def log_out(self, connection: Served, user: str) -> None:
        """Take note that nobody is logged in any more; `TooManyError` if the connection must end for it."""
        self.admission.log_out(self._connections[connection], user)

    def ended(self, connection: Served, user: str | None) -> None:
        """Take note that a connection is gone and its command has ended."""
        self.admission.leave(self._connections.pop(connection), user)
        if not self._connections:
            self.deadlines.stop()
        while self._until_empty and not self._connections:
            self._until_empty.pop().callback(None)

    def empty(self) -> Deferred[None]:
        """Wait until nobody is there."""
        if not self._connections:
            return succeed(None)
        waiting: Deferred[None] = Deferred(self._until_empty.remove)
        self._until_empty.append(waiting)
        return waiting

    async def shut_down(self) -> None:
        """Say goodbye to every session, and return when all have ended or the time is up."""
        empty, alarm = self.empty(), self._clock.callLater(limits.FAREWELL_SECONDS, self._abort)
        for connection in list(self._connections):
            connection.shut_down()
        await empty
        if alarm.active():
            alarm.cancel()

    def _abort(self) -> None:
        for connection in list(self._connections):
            connection.abort()


class _Refusal(TwistedProtocol):
    """Tells a client that it cannot stay, and waits no longer for one that does not even begin TLS to hear it."""

    transport: ITCPTransport

    def __init__(self, octets: bytes, clock: IReactorTime) -> None:
        self._octets, self._clock = octets, clock

    def connectionMade(self) -> None:
        self._alarm = self._clock.callLater(limits.FAREWELL_SECONDS, self.transport.abortConnection)
        self.transport.write(self._octets)
        self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._alarm.active():
            self._alarm.cancel()
