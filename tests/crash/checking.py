"""A process that looks through the account whenever it is asked: an interpreter for each time would cost more.

``python -m tests.crash.checking DATA`` answers each line of its standard input by one, what is wrong, as JSON: what
``imapd check`` would say.  Then it drops for good what was expunged.  Between two lines it has no file open.
"""

import json
import subprocess
import sys
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.task import react
from twisted.internet.threads import deferToThread

from imapd.config import read_config
from imapd.store import configured_store
from mailstore.sqlite.index.files import discard
from tests.process import ROOT

LARGE = 2 << 20


class Checking:
    """The process, from outside."""

    def __init__(self, data):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.checking", str(data)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def check(self):
        """Return what is wrong."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self):
        """End it."""
        self._process.communicate()


async def _check(data):
    store = configured_store(read_config(data))
    try:
        user = await store.user("ada")
        wrong = [*await store.check_register(), *await store.check(user.account, lambda done, of: None)]
        account = await store.account(user.account)
        await account.forget_expunged(None, 0)
        await account.release()
        _begin_large_indexes_anew(data)
        return wrong
    finally:
        await store.close()


def _begin_large_indexes_anew(data):
    """Throw away indexes of more than some megabytes: what is expunged stays in them for days."""
    for index in data.glob("store/accounts/*/*.search"):
        if index.stat().st_size > LARGE:
            discard(index.with_suffix(".db"))


async def _serve(data):
    while await deferToThread(sys.stdin.readline):
        print(json.dumps(await _check(data)), flush=True)


if __name__ == "__main__":
    react(lambda reactor: Deferred.fromCoroutine(_serve(Path(sys.argv[1]))))
