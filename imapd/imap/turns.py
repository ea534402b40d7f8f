"""Long work in small steps, between which everyone else has the reactor."""

import time
from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

from twisted.internet.task import deferLater

T = TypeVar("T")

SLICE_SECONDS: Final = 0.005
"""How long one command has the reactor before others do."""


async def in_turns(steps: Iterable[T]) -> AsyncIterator[T]:
    """Yield what `steps` yields, each of which takes a millisecond or so."""
    from twisted.internet import reactor  # noqa: PLC0415  # importing it at the top would choose it for the process

    until = time.monotonic() + SLICE_SECONDS
    for step in steps:
        yield step
        if time.monotonic() > until:
            await deferLater(reactor, 0)
            until = time.monotonic() + SLICE_SECONDS


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield `items` in lists of `size` and at last what is left."""
    left = iter(items)
    while batch := list(islice(left, size)):
        yield batch


async def finish(steps: Iterable[object]) -> None:
    """Carry out `steps`, each of which takes a millisecond or so."""
    async for _ in in_turns(steps):
        pass
