"""The power is cut at any moment of a random load, again and again: what was promised is there, nothing is half done.

``python -m tests.crash.powercut [CUTS]`` (``make powercut``).  The load runs once, through a real door on a real store,
on a disk that notes everything (`tests.crash.disk`).  Each cut is a place in that: what the disk may have kept of what
was not synced then is opened as a store, and compared with the promises made until then.
"""

import copy
import random
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import apsw
from rich.progress import Progress
from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import Portal
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater, react

from imapd.auth.realm import MailRealm
from imapd.config import Config
from imapd.imap.door import ImapDoor
from imapd.imap.fetch.renderings import RENDERINGS
from mailstore import open_store
from mailstore.errors import StoreError, Unavailable
from mailstore.interfaces import NewMessage
from mailstore.model import Field
from mailstore.names import INBOX
from mailstore.spool import Spool
from tests.crash.disk import Disk, Noted, Recorder
from tests.crash.journal import COPIES, PLACES, Found, Journal, State
from tests.crash.load import Worker

WORKERS = 4
ONE_MORE = b"one more"


class Promises:
    """A journal whose every entry is noted among what happens to the disk."""

    def __init__(self, recorder):
        self._recorder, self._journal = recorder, Journal()

    @property
    def letters(self):
        return self._journal.letters

    def __getattr__(self, method):
        def note(*arguments, **changes):
            self._recorder.note((method, arguments, changes))
            getattr(self._journal, method)(*arguments, **changes)

        return note


async def record(root, seed, enough, failing=0.0):
    """Let some clients work on a new store in the folder `root`, each as often as is `enough`; return what happened.

    Of the syncs as many fail as `failing` says.
    """
    rng = random.Random(seed)

    def fault(operation, path, end):
        failed = operation == "sync" and faults.random() < failing
        return apsw.IOError("injected") if failed and working else None

    faults, working = random.Random(seed), []
    Path(root).mkdir()
    with Recorder(root, fault) as recorder:
        promises, lock = Promises(recorder), Lock()
        store, door = await open_door(root)
        promises.name("user", "ada", True)
        port = reactor.listenTCP(0, door, interface="127.0.0.1")
        number = port.getHost().port
        workers = [
            Worker(number, promises, lock, f"w{n}", seed=rng.random(), enough=enough, patient=failing > 0)
            for n in range(WORKERS)
        ]
        working += workers
        for worker in workers:
            worker.start()
        while any(worker.is_alive() for worker in workers):
            await _users_come_and_go(store, promises, rng)
        working.clear()
        await port.stopListening()
        await door.shut_down()
        await store.close()
    assert not [worker.error for worker in workers if worker.error], [worker.error for worker in workers]
    return recorder.events


async def open_door(root):
    """Return a new store in the folder `root` with the user ada, password ``secret``, and a door to it."""
    store = open_store(f"sqlite://{root}", RENDERINGS)
    await store.add_user("ada", "hash")
    checker = InMemoryUsernamePasswordDatabaseDontUse(ada=b"secret")
    return store, ImapDoor(Portal(MailRealm(store), [checker]), Config(Path(root)), None, reactor)


async def _users_come_and_go(store, promises, rng):
    name = f"u{rng.getrandbits(40):x}"
    promises.name("user", name, True, False)
    with suppress(Unavailable):
        await store.add_user(name, "hash")
        promises.name("user", name, True)
        await deferLater(reactor, rng.uniform(0, 0.1))
        if rng.random() < 0.5:
            promises.name("user", name, True, False)
            await store.delete_user(name)
            promises.name("user", name, False)


async def cuts(events, places, rng):
    """Cut the power after so many events, for each of `places`; yield what is wrong then."""
    disk, journal = Disk(), Journal()
    for place in sorted(places):
        for event in events[disk.taken : place]:
            disk.take(event)
            if isinstance(event, Noted):
                method, arguments, changes = event.what
                getattr(journal, method)(*arguments, **changes)
        with TemporaryDirectory() as folder:
            disk.cut(f"{folder}/store", rng)
            yield place, await _compare(f"{folder}/store", copy.deepcopy(journal))


async def _compare(place, journal):
    """Return what is wrong with what a power cut left."""
    try:
        store = open_store(f"sqlite://{place}", RENDERINGS)
    except StoreError as error:
        return [f"it cannot be opened: {error}"]
    wrong: list[str] = []
    try:
        users = {user.name: user.account for user in await store.users()}
        wrong += await store.check_register()
        for name, account_id in users.items():
            wrong += [f"{name}: {problem}" for problem in await store.check(account_id, lambda done, of: None)]
        state = State(names={("user", name) for name in users})
        if "ada" not in users:
            return [*wrong, "ada is lost"] if ("user", "ada") in journal.names else wrong
        await _read(await store.account(users["ada"]), state)
        return wrong + journal.settle(state)
    except StoreError as error:
        return [*wrong, f"it cannot be read: {error}"]
    finally:
        await store.close()


async def _read(account, state):
    """Find everything, after one more letter, which must not take another's UID or mod-sequence."""
    await (await account.mailbox(INBOX)).append([NewMessage(Spool(ONE_MORE))])
    state.names |= {("mailbox", info.name) for info in await account.mailboxes()}
    state.names |= {("subscription", name) for name in await account.subscriptions()}
    for place in (*PLACES, COPIES):
        mailbox = await account.mailbox(place)
        snapshot = await mailbox.snapshot()
        state.validities[place], state.modseqs[place] = snapshot.status.uid_validity, snapshot.status.highest_modseq
        state.uid_nexts[place] = snapshot.status.uid_next
        async for rows in mailbox.fetch(snapshot.uids, [Field.FLAGS, Field.MESSAGE]):
            for uid, flags, message in zip(rows.uids, *rows.columns.values(), strict=True):
                octets = await message.read(0, message.size)
                if octets != ONE_MORE:
                    name = octets.split()[1].decode()
                    state.letters[name].append(Found(place, uid, frozenset(flags), octets))
    await account.release()


async def main(number):
    """Record a load and cut the power so many times in it; return what is wrong."""
    seed = time.time_ns()
    rng = random.Random(seed)
    with TemporaryDirectory() as folder:
        events = await record(f"{folder}/store", seed, enough=100)
        places = [rng.randint(0, len(events)) for _ in range(number)]
        with Progress() as bar:
            task = bar.add_task(f"{number} cuts among {len(events)} events, seed {seed}", total=number)
            async for place, wrong in cuts(events, places, rng):
                bar.advance(task)
                if wrong:
                    return [f"after {place} events:", *wrong]
    print(f"{number} power cuts: everything acknowledged is there, nothing half-done")
    return []


if __name__ == "__main__":
    wrong: list[str] = []
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    try:
        react(lambda _: Deferred.fromCoroutine(main(number)).addCallback(wrong.extend))
    except SystemExit as ended:
        sys.exit("\n".join(wrong) or ended.code)
