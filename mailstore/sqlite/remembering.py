"""What a file that seldom changes has answered, for as long as nobody was told that it has changed."""

from collections.abc import Callable, Hashable
from typing import Any, Final, TypeVar, cast

from mailstore.sqlite.bell import Bell
from mailstore.sqlite.database import Database

T = TypeVar("T")

MOST: Final = 1000
"""Answers that are remembered, of some 600 octets each in memory, and 9 KB for the longest address of LMTP, which
may be anybody's where an alias is a whole domain; one more, and they are all forgotten."""

_UNKNOWN: Final = object()


class Remembered:
    """Questions to a file, each asked once while the stamp of its bell stays the same; see `mailstore.sqlite.bell`."""

    def __init__(self, database: Database, bell: Bell) -> None:
        """Take the file, and the bell that is rung with each of its changes."""
        self._database = database
        self._bell = bell
        self._stamp: bytes | None = None
        self._answers: dict[tuple[Hashable, ...], Any] = {}

    async def read(self, question: Callable[..., T], *about: Hashable) -> T:
        """Return what `question` answers, given a reader and what it is `about`; errors as of `Database.read`."""
        answer = self._recalled(question, about)
        if answer is _UNKNOWN:
            answer = await self._database.read(lambda reader: question(reader, *about))
            self._keep(question, about, answer)
        return cast(T, answer)

    def read_now(self, question: Callable[..., T], *about: Hashable) -> T:
        """Return the same without waiting; errors as of `Database.read_now`."""
        answer = self._recalled(question, about)
        if answer is _UNKNOWN:
            answer = self._database.read_now(lambda reader: question(reader, *about))
            self._keep(question, about, answer)
        return cast(T, answer)

    def look_again(self) -> None:
        """Forget everything if the file may have changed, though no bell was rung: who did it may have died before."""
        if self._database.may_have_changed():
            self._answers.clear()

    def _recalled(self, question: Hashable, about: tuple[Hashable, ...]) -> Any:  # noqa: ANN401  # whatever was asked
        """Return what is remembered, or `_UNKNOWN`; the stamp is noted first, so that what is asked now is no older.

        If somebody took the bell away, others ring another, and nothing is remembered.
        """
        stamp = self._bell.stamp() if self._bell.has_name() else None
        if stamp is None or stamp != self._stamp:
            self._answers.clear()
            self._stamp = stamp
        return self._answers.get((question, about), _UNKNOWN)

    def _keep(self, question: Hashable, about: tuple[Hashable, ...], answer: object) -> None:
        if self._stamp is None:
            return
        if len(self._answers) >= MOST:
            self._answers.clear()
        self._answers[question, about] = answer
