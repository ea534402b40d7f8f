"""Long work in small steps, between which everyone else has the reactor."""

import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

from twisted.internet.task import deferLater

T = TypeVar("T")

FEW: Final = 5000
"""Runs of UIDs that are looked at in one go: some milliseconds; few mailboxes have a hundred."""

SLICE_SECONDS: Final = 0.005
"""How long one command has the reactor before others do."""


async def in_turns(steps: Iterable[T]) -> AsyncIterator[T]:
    """Yield what `steps` yields, each of which takes a millisecond or so."""
    turn = _Turn()
    for step in steps:
        yield step
        await turn.end_if_due()


async def taking_turns(steps: AsyncIterable[T]) -> AsyncIterator[T]:
    """Yield what `steps` yields, each of which takes a millisecond or so, and may or may not wait by itself."""
    turn = _Turn()
    async for step in steps:
        yield step
        await turn.end_if_due()


class _Turn:
    """A command's turn on the reactor, which begins when this is made."""

    def __init__(self) -> None:
        self._until = time.monotonic() + SLICE_SECONDS

    async def end_if_due(self) -> None:
        """Let everyone else have the reactor if this turn took its time, and begin another."""
        from twisted.internet import reactor  # noqa: PLC0415  # importing it at the top would choose it for the process

        if time.monotonic() > self._until:
            await deferLater(reactor, 0)
            self._until = time.monotonic() + SLICE_SECONDS


async def about(runs: int, work: Callable[[], T]) -> T:
    """Return what `work` on so many runs of UIDs returns; if they are many, it is done beside the reactor."""
    return work() if runs <= FEW else await beside(work)


async def beside(work: Callable[[], T]) -> T:
    """Return what `work` returns, done in a thread beside the reactor."""
    from twisted.internet.threads import deferToThread  # noqa: PLC0415  # it imports the reactor

    return await deferToThread(work)


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield `items` in lists of `size` and at last what is left."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


async def finish(steps: Iterable[object]) -> None:
    """Carry out `steps`, each of which takes a millisecond or so."""
    async for _ in in_turns(steps):
        pass
