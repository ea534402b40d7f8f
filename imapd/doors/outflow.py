"""Octets on their way to a client, with back-pressure."""

from collections.abc import Callable
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IConsumer,
    IPushProducer,
    ISSLTransport,
    ITCPTransport,
    ITransport,
    IWriteDescriptor,
)
from zope.interface import implementer

GATHER: Final = 96 << 10
"""Octets that wait for the end of a turn: one write of many responses costs a fraction of many writes.  The 64 KiB that
some clients ask for at a time, and the ending behind them, go out as one."""
AT_ONCE: Final = 256 << 10
"""Octets that may go to a socket that takes them all before everyone else has the reactor: half a millisecond."""


class Disconnected(Exception):
    """The client is gone; whatever was to be sent to it has nowhere to go."""


class ITwoWays(ITransport, IConsumer, IPushProducer):
    """A transport that can be asked to wait, and be cut."""

    SEND_LIMIT: int
    """Twisted: octets that a socket is given by one call."""

    def abortConnection() -> None:
        """Twisted: end the connection at once."""


def _is_open_socket(transport: Any) -> bool:  # noqa: ANN401  # Twisted has no interface with all of it
    """Tell whether a transport writes to a socket, with no TLS between, and is not about to close it."""
    bare = IWriteDescriptor.providedBy(transport) and not ISSLTransport.providedBy(transport)
    return bool(bare) and not transport.disconnecting


def _has_octets(transport: Any) -> bool:  # noqa: ANN401  # as above
    """Tell whether a socket's transport still has octets to write.

    It cannot be asked.  To give it some if it has none, and to tell it to write them, costs two calls of the system,
    which make the reactor watch the socket for room and leave it alone again.
    """
    return bool(transport.dataBuffer or transport._tempDataBuffer)  # a test holds both names


@implementer(IPushProducer)
class Outflow:
    """What one connection sends: gathered into large writes, and held up while the client does not read."""

    __slots__ = ("_gathered", "_lost", "_paused", "_room", "_size", "_transport", "_turn", "_waiting", "octets")

    def __init__(self, transport: ITwoWays, room: Callable[[], None]) -> None:
        """Take where the octets go, and what to call when the client, after being slow, has taken enough."""
        self.octets = 0
        """How many the transport was given."""
        self._transport: Any = transport  # a socket can do more than an ITransport
        self._room = room
        self._gathered: list[bytes] = []
        self._size = self._turn = 0
        self._paused = self._lost = False
        self._waiting: Deferred[None] | None = None
        if ITCPTransport.providedBy(transport):
            transport.setTcpNoDelay(True)  # writes are gathered here; none should wait for the client's ACK
            transport.SEND_LIMIT = AT_ONCE  # by Twisted's 128 KB a batch of a listing is five turns of the reactor
        transport.registerProducer(self, True)

    def write(self, octets: bytes) -> None:
        """Send `octets`, some time soon; what comes to much goes out before the end of the turn."""
        self._gathered.append(octets)
        self._size += len(octets)
        if self._size >= GATHER:
            if self._goes_out_at_once:
                self._give(self._taken())
            else:
                self.flush()

    def flush(self) -> None:
        """Hand what was gathered to the transport."""
        if pieces := self._taken():
            self._transport.writeSequence(pieces)

    def send(self) -> None:
        """Hand over what was gathered: what the socket has room for goes out at once.

        Most answers are spared a turn of the reactor.  More than the socket takes is left to it, as with `flush`; if
        the client is gone, the reactor will find that too.
        """
        pieces = self._taken()
        if not pieces:
            return
        if self._paused or not _is_open_socket(self._transport):
            self._transport.writeSequence(pieces)
        elif _has_octets(self._transport):
            self._transport.writeSequence(pieces)
            self._transport.doWrite()
        else:
            self._give(pieces)

    @property
    def _goes_out_at_once(self) -> bool:
        """Whether the socket may be given what is gathered: it is its turn, and nothing waits for the socket."""
        if self.octets + self._size - self._turn >= AT_ONCE or self._paused:
            return False
        return _is_open_socket(self._transport) and not _has_octets(self._transport)

    def _give(self, pieces: list[bytes]) -> None:
        """Write as much as the socket takes, and leave the rest to its transport, which has nothing else to write."""
        rest = b"".join(pieces)
        while rest:
            sent = self._transport.writeSomeData(rest)
            taken = sent if isinstance(sent, int) else 0  # else the client is gone
            rest = rest[taken:]
            if taken < self._transport.SEND_LIMIT:
                break
        if rest:
            self._transport.write(rest)

    def _taken(self) -> list[bytes]:
        """Return what was gathered, as the transport is given it; nothing if there is nobody to send it to."""
        gathered, self._gathered = self._gathered, []
        self._size = 0
        if not gathered or self._lost:
            return []
        pieces = self._encoded(gathered)
        self.octets += sum(map(len, pieces))
        return pieces

    def _encoded(self, pieces: list[bytes]) -> list[bytes]:
        """Return what the transport is given for some octets."""
        return pieces

    @property
    def full(self) -> bool:
        """Whether the client does not keep up."""
        return self._paused and not self._lost

    async def drained(self) -> bool:
        """Return once the transport takes more: whether that had to be waited for.

        What was gathered goes out with what comes behind it: before its command waits, or ends.

        Raises:
            Disconnected: the connection is lost.

        """
        if self._lost:
            raise Disconnected
        if not self._paused:
            return False
        if self.octets - self._turn < AT_ONCE and _is_open_socket(self._transport):
            self._transport.doWrite()
        waits = self.full
        if waits:
            self._waiting = Deferred()
            await self._waiting
            self._turn = self.octets
        if self._lost:
            raise Disconnected
        return waits

    def lost(self) -> None:
        """Send nothing any more, and end what waits."""
        self._lost = True
        self._resume()

    def close(self) -> None:
        """End the connection once everything written is sent."""
        self.flush()
        self._transport.unregisterProducer()  # neither TCP nor TLS ends while more may come from one that was paused
        self._transport.loseConnection()

    def abort(self) -> None:
        """End the connection, if it is there, without whatever was still to be sent."""
        if not self._lost:
            self.lost()
            self._transport.abortConnection()

    def pauseProducing(self) -> None:
        """Twisted: the client does not keep up."""
        self._paused = True

    def resumeProducing(self) -> None:
        """Twisted: there is room again."""
        self._paused = False
        self._resume()
        self._room()

    def stopProducing(self) -> None:
        """Twisted: the connection is lost."""
        self.lost()

    def _resume(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(None)
