"""Running a command's coroutine without a Deferred of its own.

Most commands never wait: the store answers at once and the transport takes the answer.  Such a coroutine is finished by
its first step; only one that waits is driven further, by the Deferred that it waits for.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from twisted.python.failure import Failure


class Awaited(Protocol):
    """What a coroutine may wait for: a `Deferred`, or what is like it."""

    def addBoth(self, callback: Callable[..., None], /, *arguments: Any) -> object:  # noqa: ANN401  # whatever they are
        """Call `callback` with a result or a failure, and with the arguments behind it, once it is there."""


Steps = Coroutine[Awaited, Any, None]


def run(steps: Steps, finished: Callable[[], None], waits: Callable[[], None], result: object = None) -> None:
    """Run `steps`, which raises nothing, as far as it goes now, and on whenever it can.

    Args:
        steps: the coroutine.
        finished: called when it has ended.
        waits: called each time that it begins to wait.
        result: what it waited for; a failure is thrown in, anything else it reads from the Deferred itself.

    """
    try:
        awaited = result.throwExceptionIntoGenerator(steps) if isinstance(result, Failure) else steps.send(None)
    except StopIteration:
        finished()
    else:
        waits()
        awaited.addBoth(_run_on, steps, finished, waits)


def _run_on(result: object, steps: Steps, finished: Callable[[], None], waits: Callable[[], None]) -> None:
    run(steps, finished, waits, result)
