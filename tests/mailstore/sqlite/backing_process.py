"""A process that backs up a store and kills itself on the way.

``python -m tests.mailstore.sqlite.backing_process PLACE DEST STEP``: it passes the points of `POINTS`, and dies at
the one with the number STEP.
"""

import os
import signal
import sys
from itertools import count

from twisted.internet.defer import Deferred
from twisted.internet.task import react

from mailstore import open_store
from mailstore.sqlite import accountcopy, contents, shrinking, swapping

POINTS = ((contents, "bring"), (shrinking, "give_back_all"), (swapping, "put_in_place"), (accountcopy, "_mark"))
"""Functions before which and after which it may die."""


def dies_around(function, passed, step):
    """Return the function with two points to die at."""

    def around(*given):
        reach(passed, step)
        found = function(*given)
        reach(passed, step)
        return found

    return around


def reach(passed, step):
    if next(passed) == step:
        os.kill(os.getpid(), signal.SIGKILL)


async def main(reactor, place, destination):
    store = open_store(f"sqlite://{place}")
    backup = await store.backup(destination)
    for user in await store.users():
        await backup.update(user, lambda done, of: None)
    await backup.close()
    await store.close()


if __name__ == "__main__":
    setattr(accountcopy, "STEP_CONTENTS", 5)  # noqa: B010  # it is Final
    passed = count()
    for module, name in POINTS:
        setattr(module, name, dies_around(getattr(module, name), passed, int(sys.argv[3])))
    react(lambda reactor: Deferred.fromCoroutine(main(reactor, *sys.argv[1:3])))
