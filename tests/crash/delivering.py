"""A process beside the server that brings mail in, as ``imapd import`` and a delivery agent do, until it is killed.

``python -m tests.crash.delivering DATA TAG`` writes to standard output ``may NAME`` before, and ``did NAME UID`` after
each letter that was acknowledged.
"""

import os
import random
import sys
from itertools import count
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater, react

from imapd.config import read_config
from imapd.store import configured_store
from mailstore.interfaces import NewMessage
from mailstore.names import INBOX
from mailstore.spool import Spool
from tests.crash.load import letter

OCTETS = 3_000
PAUSE = 0.02
"""The longest pause between two letters, in seconds: there need not be many, but one under way."""


def _say(*words):
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def _deliver(reactor, data, tag):
    store = configured_store(read_config(Path(data)))
    account = await store.account((await store.user("ada")).account)
    inbox = await account.mailbox(INBOX)
    for number in count():
        name = f"{tag}.{number}"
        _say("may", name)
        appended = await inbox.append([NewMessage(Spool(letter(name, OCTETS)))])
        _say("did", name, appended.uids.first)
        await deferLater(reactor, random.uniform(0, PAUSE))


if __name__ == "__main__":
    react(lambda reactor: Deferred.fromCoroutine(_deliver(reactor, *sys.argv[1:])))
