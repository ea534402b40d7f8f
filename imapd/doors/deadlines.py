"""When a door's connections have waited long enough: one timer for all of them."""

from collections.abc import Collection
from math import inf
from typing import Final, Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime

LOOK_SECONDS: Final = 1.0
"""Between two looks at the connections at least, so a deadline may be missed by as much.  To look at 20,000 takes half
a millisecond, or more where they lie apart."""


class Waiting(Protocol):
    """A connection that waits for something.

    Attributes:
        deadline: how long at most, by the clock; infinite if for ever.

    """

    deadline: float

    def time_is_up(self) -> None:
        """Do what is due, and set the next deadline; called once it is past."""


class Deadlines:
    """Tells connections that their time is up.

    (A timer of Twisted's for each would be exact, and take 450 octets: an idle session had two.)
    """

    def __init__(self, clock: IReactorTime, connections: Collection[Waiting]) -> None:
        """Take the clock, and what holds the connections that are there."""
        self._clock = clock
        self._connections = connections
        self._looked = -inf
        self._next = inf
        self._alarm: IDelayedCall | None = None

    def meet(self, deadline: float) -> None:
        """See that a connection that has this deadline is told when it is past."""
        if deadline < self._next:
            self.stop()
            now = self._clock.seconds()
            looked = min(self._looked, now)  # a clock that was put back says that it was later
            self._next = max(deadline, looked + LOOK_SECONDS)
            self._alarm = self._clock.callLater(max(0.0, self._next - now), self._look)

    def stop(self) -> None:
        """Look no more, until there is another deadline to be met."""
        alarm, self._alarm, self._next = self._alarm, None, inf
        if alarm is not None:
            alarm.cancel()

    def _look(self) -> None:
        self._alarm, self._next = None, inf
        now = self._looked = self._clock.seconds()
        try:
            for connection in [each for each in self._connections if each.deadline <= now]:
                connection.time_is_up()
        finally:  # whatever becomes of one, the others have theirs
            self.meet(min((each.deadline for each in self._connections), default=inf))
