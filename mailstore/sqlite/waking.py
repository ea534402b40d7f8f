"""The listeners of an account, who ask all the same when they are woken."""

from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

from mailstore.feed import Feed
from mailstore.sqlite.bell import Bell

T = TypeVar("T")


class Waking:
    """Wakes listeners one after the other, and has what several of them ask meanwhile answered once for all.

    An answer is as of the first who asked, and the stamp as of before all answers.  So nobody misses anything: what is
    done in between has another stamp, and a bell that is heard later.
    """

    __slots__ = ("_answers", "_bell", "_feed", "_stamp")

    def __init__(self, feed: Feed, bell: Bell) -> None:
        """Take the listeners, and the account's bell."""
        self._feed = feed
        self._bell = bell
        self._stamp: bytes | None = None
        self._answers: dict[Hashable, Any] | None = None

    def ring(self) -> None:
        """Wake every listener."""
        self._stamp, self._answers = self._bell.stamp(), {}
        try:
            self._feed.ring()
        finally:
            self._answers = None

    def stamp(self) -> bytes | None:
        """Return the bell's stamp: to those who are being woken, what it was before the first of them."""
        return self._bell.stamp() if self._answers is None else self._stamp

    async def once(self, question: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Return the answer to a question, as `ask` returns it, if nobody else has asked who is being woken."""
        answers = self._answers
        if answers is None:
            return await ask()
        if question not in answers:
            answers[question] = await ask()
        answer: T = answers[question]
        return answer
