"""Waiting for another process that holds a file, in the reactor, where nobody else waits for it."""

import random
from typing import Final

from twisted.internet.interfaces import IReactorTime

from mailstore.sqlite import connections

_SHARE: Final = 0.1
"""Of what was waited, before the next attempt: a wait becomes longer by so much, and a long one costs few attempts."""
_LEAST_SECONDS: Final = 0.002
"""Recovery, and the last close of another process, take milliseconds."""
_MOST_SECONDS: Final = 0.05
"""An attempt may take `connections.PATIENCE` of a thread, or half a millisecond of the reactor."""


class Patience:
    """How long one waits for a file, and in which steps."""

    __slots__ = ("_begun", "_clock")

    def __init__(self, clock: IReactorTime) -> None:
        """Begin to wait."""
        self._clock = clock
        self._begun = clock.seconds()

    def is_left(self) -> bool:
        """Tell whether it is worth another attempt."""
        return self._waited() < connections.BUSY_SECONDS

    def step(self) -> float:
        """Return the seconds until the next attempt: uneven, or two that wait for each other meet again and again."""
        seconds = min(max(_LEAST_SECONDS, self._waited() * _SHARE), _MOST_SECONDS)
        return seconds * random.uniform(0.5, 1.5)  # noqa: S311  # no secret

    def _waited(self) -> float:
        return self._clock.seconds() - self._begun
