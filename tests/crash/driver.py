"""Starts a server, loads it, kills it, starts it again and compares; as often as wanted."""

import imaplib
import os
import random
import re
import signal
import subprocess
import sys
import time
from threading import Lock, Thread

from tests.crash.checking import Checking
from tests.crash.delivering import OCTETS
from tests.crash.journal import COPIES, PLACES, Found, Journal, State
from tests.crash.load import Worker, letter
from tests.process import ROOT, ServerProcess, imapd

WORKERS = 4
BETWEEN = (0.1, 0.5)
"""Seconds between two kills."""
KEPT = 200
"""Letters, and mailboxes, that stay for the next round."""
_ITEM = re.compile(rb"UID (\d+) FLAGS \(([^)]*)\)")
_NAME = re.compile(rb"Subject: (\S+)")
_LISTED = re.compile(rb'"/" "?([^"]+)"?$')


class Delivery(Thread):
    """A process that brings mail in beside the server, and what it said."""

    def __init__(self, data, journal, lock, tag):
        super().__init__(daemon=True)
        self.journal, self.lock = journal, lock
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.delivering", str(data), tag], cwd=ROOT, stdout=subprocess.PIPE
        )

    def run(self):
        for line in self.process.stdout:
            what, name, *uid = line.decode().split()
            with self.lock:
                if what == "may":
                    self.journal.may_come({name: letter(name, OCTETS)}, "INBOX")
                else:
                    self.journal.came({name: int(uid[0])}, "INBOX")

    def kill(self):
        self.process.kill()
        self.join(30)
        self.process.stdout.close()
        self.process.wait()


class Driver:
    """A data folder, and the journal of what was promised in it; to be closed."""

    def __init__(self, data, seed, workers=1):
        """Take how many processes serve clients; if several, one of them is killed now and then before all are."""
        self.data, self.workers = data, workers
        self.random = random.Random(seed)
        self.journal = Journal()
        self.checking = Checking(data)
        self.kills = self.acknowledged = 0

    def close(self):
        """End what runs beside the servers."""
        self.checking.close()

    def round(self):
        """Start a server, compare what is there after the last kill, load it, and kill it; return what is wrong."""
        server = ServerProcess(self.data, workers=self.workers)
        try:
            return self._compare(server) or self._load(server)
        finally:
            server.kill()

    def finish(self):
        """Compare once more, with a server that is not killed, and by the command; return what is wrong."""
        server = ServerProcess(self.data, workers=self.workers)
        try:
            wrong = self._compare(server)
            server.stop()
        finally:
            server.kill()
        said = imapd(self.data, "check")
        return wrong if said == "all is well\n" else [*wrong, said]

    def _load(self, server):
        """Let everybody work until nobody is left; return what went wrong."""
        lock = Lock()
        known = len(self.journal.letters)
        workers = [Worker(server.port, self.journal, lock, f"w{n}", seed=self.random.random()) for n in range(WORKERS)]
        delivery = Delivery(self.data, self.journal, lock, f"d{self.kills}")
        for thread in (delivery, *workers):
            thread.start()
        kills = [server.kill, delivery.kill, lambda: self._kill_one(server.workers())]
        self.random.shuffle(kills)
        for kill in kills:
            time.sleep(self.random.uniform(*BETWEEN))
            kill()
        for worker in workers:
            worker.join(30)
        self.kills += 1
        self.acknowledged += len(self.journal.letters) - known
        return [f"a worker: {worker.error!r}" for worker in workers if worker.error]

    def _kill_one(self, workers):
        """Kill one of several workers; its clients are gone with it, the others go on."""
        if workers:
            os.kill(self.random.choice(workers), signal.SIGKILL)

    def _compare(self, server):
        """Compare what is there with what was promised, and make room for more."""
        client = imaplib.IMAP4("127.0.0.1", server.port)
        client.login("ada", "secret")
        state = _state(client)
        wrong = self.journal.settle(state)
        self._make_room(client, state)
        client.logout()
        wrong += self.checking.check()
        return [*wrong, server.log] if "Traceback" in server.log else wrong

    def _make_room(self, client, state):
        """Expunge the oldest letters, and delete mailboxes: what is there is read each time."""
        old = self.journal.old(KEPT)
        for place in (*PLACES, COPIES):
            uids = ",".join(str(each.uid) for name in old for each in state.letters[name] if each.place == place)
            if uids:
                client.select(place)
                client.uid("STORE", uids, "+FLAGS.SILENT", "(\\Deleted)")
                client.uid("EXPUNGE", uids)
        self.journal.forget(old)
        for name in self.journal.old_mailboxes(KEPT):
            client.delete(name)
            self.journal.name("mailbox", name, False)


def _state(client):
    state = State()
    for kind, listed in (("mailbox", client.list()), ("subscription", client.lsub())):
        state.names |= {(kind, _LISTED.search(line)[1].decode()) for line in listed[1] if line}
    for place in (*PLACES, COPIES):
        client.select(place, readonly=True)
        state.validities[place] = int(client.response("UIDVALIDITY")[1][0])
        state.modseqs[place] = int(client.response("HIGHESTMODSEQ")[1][0])
        state.uid_nexts[place] = int(client.response("UIDNEXT")[1][0])
        parts = client.fetch("1:*", "(UID FLAGS BODY.PEEK[])")[1]
        for head, octets in (part for part in parts if isinstance(part, tuple)):
            uid, flags = _ITEM.search(head).groups()
            name = _NAME.match(octets)[1].decode()
            kept = frozenset(flags.decode().split()) - {"\\Recent"}
            state.letters[name].append(Found(place, int(uid), kept, octets))
    return state
