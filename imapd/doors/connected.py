"""What a connection knows of its client, whatever is spoken on it."""

from math import inf
from typing import Any

from twisted.internet.interfaces import IReactorTime, ISSLTransport

from imapd.config import Config
from imapd.doors import peers


class Connected:
    """A connection of a door, which has Twisted's class of its protocol as its other base.

    Attributes:
        factory: its door.
        transport: the client's.
        deadline: when `time_is_up` is called, by the clock.

    """

    factory: Any
    transport: Any
    timeOut: int | None
    deadline = inf
    _times_out = inf
    _config: Config
    _clock: IReactorTime

    def setTimeout(self, period: int | None) -> None:
        """Twisted: call `timeoutConnection` after so many seconds, unless `resetTimeout` puts it off; None: never."""
        self.timeOut = period
        self._times_out = inf if period is None else self.due_in(period)

    def resetTimeout(self) -> None:
        """Twisted: count the seconds anew, if they are counted; `time_is_up` is called as before, and puts it off."""
        if self.timeOut is not None and self._times_out < inf:
            self._times_out = self._clock.seconds() + self.timeOut

    def timeoutConnection(self) -> None:
        """Twisted: the seconds are over."""
        raise NotImplementedError

    def due_in(self, seconds: float) -> float:
        """Return when so many seconds are over; `time_is_up` is called then."""
        due = self._clock.seconds() + seconds
        self.due_at(due)
        return due

    def due_at(self, time: float) -> None:
        """See that `time_is_up` is called at a time."""
        if time < self.deadline:
            self.deadline = time
            self.factory.deadlines.meet(time)

    def time_is_up(self) -> None:
        """Do what is due; it may have been put off since the deadline was set."""
        self.deadline = inf
        if self._times_out <= self._clock.seconds():
            self._times_out = inf
            self.timeoutConnection()
        else:
            self.due_at(self._times_out)

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
