"""Sleeping until there is a line from the client, news from the store, or the time is up."""

from enum import Enum, auto

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime


class Woken(Enum):
    """Why a sleeper goes on."""

    LINE = auto()
    NEWS = auto()
    TIME = auto()


class Sleep:
    """The one sleeper of a connection: the command that runs, or nobody."""

    __slots__ = ("_alarm", "_clock", "_sleeper")

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._sleeper: Deferred[Woken] | None = None
        self._alarm: IDelayedCall | None = None

    @property
    def asleep(self) -> bool:
        """Whether somebody sleeps."""
        return self._sleeper is not None

    def until_woken(self, seconds: float | None) -> Deferred[Woken]:
        """Sleep until `wake`, or for `seconds`; what came before wakes nobody, so look for it last."""
        sleeper = self._sleeper = Deferred()
        if seconds is not None:
            self._alarm = self._clock.callLater(seconds, self.wake, Woken.TIME)
        return sleeper

    def wake(self, why: Woken | Exception) -> None:
        """Wake the sleeper, if there is one; an exception is raised where it sleeps."""
        sleeper, self._sleeper = self._sleeper, None
        alarm, self._alarm = self._alarm, None
        if alarm is not None and alarm.active():
            alarm.cancel()
        if sleeper is None:
            return
        if isinstance(why, Exception):
            sleeper.errback(why)
        else:
            sleeper.callback(why)
