"""Running a command's coroutine without a Deferred of its own.

Most commands never wait: the store answers at once and the transport takes the answer.  Such a coroutine is finished by
its first step; only one that waits is driven further, by the Deferred that it waits for.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet.defer import Deferred

Steps = Coroutine[Deferred[Any], Any, None]


def run(steps: Steps, finished: Callable[[], None]) -> None:
    """Run `steps`, which raises nothing, as far as it goes now, and on whenever it can; then call `finished`."""
    try:
        awaited = steps.send(None)
    except StopIteration:
        finished()
    else:
        # On the next step the coroutine reads the result, or raises the failure, from the Deferred itself.
        awaited.addBoth(lambda _: run(steps, finished))
