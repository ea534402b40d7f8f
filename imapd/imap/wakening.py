"""Sleeping until there is a line from the client, news from the store, or the time is up."""

from collections.abc import Callable, Generator
from enum import Enum, auto
from typing import Any

from twisted.python.failure import Failure


class Woken(Enum):
    """Why a sleeper goes on."""

    LINE = auto()
    NEWS = auto()
    TIME = auto()


class Sleep:
    """The one sleeper of a connection: the command that runs, or nobody.

    It is awaited: until `wake`, and what came before wakes nobody, so look for it last.  Who carries out commands
    (`imapd.doors.stepping`) goes on with it as with a `Deferred`, of which each sleeper would need one with 500 octets,
    and most connections are asleep.
    """

    __slots__ = ("_arguments", "_go_on", "_why")

    def __init__(self) -> None:
        self._go_on: Callable[..., None] | None = None
        self._arguments: tuple[Any, ...] = ()
        self._why = Woken.TIME

    @property
    def asleep(self) -> bool:
        """Whether somebody sleeps."""
        return self._go_on is not None

    def __await__(self) -> Generator["Sleep", None, Woken]:
        yield self
        return self._why

    def addBoth(self, go_on: Callable[..., None], *arguments: Any) -> None:  # noqa: ANN401  # whatever they are
        """Call `go_on` once the sleeper is woken, with a failure if an exception is to be raised where it sleeps."""
        self._go_on, self._arguments = go_on, arguments

    def wake(self, why: Woken | Exception) -> None:
        """Wake the sleeper, if there is one; an exception is raised where it sleeps."""
        go_on, arguments = self._go_on, self._arguments
        self._go_on, self._arguments = None, ()
        if go_on is None:
            return
        if isinstance(why, Exception):
            go_on(Failure(why), *arguments)
        else:
            self._why = why
            go_on(None, *arguments)
