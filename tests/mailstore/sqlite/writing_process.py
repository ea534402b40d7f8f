"""A process that changes a mailbox as fast as it can and says what it was promised, until it is killed.

``python -m tests.mailstore.sqlite.writing_process PLACE ACCOUNT`` writes a line to standard output before each expunge
(``expunging UID``) and after each change that was acknowledged (``appended UID TEXT``, ``flagged UID``,
``expunged UID``).
"""

import os
import sys
from itertools import count

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import react

from mailstore import open_store
from mailstore.interfaces import NewMessage
from mailstore.model import DELETED, FLAGGED, AccountId, StoreFlags
from mailstore.names import INBOX
from mailstore.spool import Spool
from tests.mailstore.contract import mail


def say(*words):
    """Write a line at once; a pipe takes it whole."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def change(inbox, writer):
    """Append, flag and expunge for ever."""
    for number in count():
        text = f"{writer}-{number}-" + "x" * (number % 7 * 20_000)
        uid = (await inbox.append([NewMessage(Spool(mail(text)))])).uids
        say("appended", uid.first, text)
        await inbox.store(uid, StoreFlags.ADD, frozenset([FLAGGED]))
        say("flagged", uid.first)
        if number % 3 == 0:
            await inbox.store(uid, StoreFlags.ADD, frozenset([DELETED]))
            say("expunging", uid.first)
            await inbox.expunge(uid)
            say("expunged", uid.first)


async def main(reactor, place, account_id):
    account = await open_store(f"sqlite://{place}").account(AccountId(account_id))
    inbox = await account.mailbox(INBOX)
    await gatherResults([Deferred.fromCoroutine(change(inbox, writer)) for writer in range(4)])


if __name__ == "__main__":
    react(lambda reactor: Deferred.fromCoroutine(main(reactor, *sys.argv[1:])))
