"""Starts a server, loads it, kills it, starts it again and compares; as often as wanted."""

import imaplib
import random
import re
import time
from collections import defaultdict
from threading import Lock

from tests.crash.journal import Found, Journal
from tests.crash.load import Worker
from tests.process import ServerProcess, imapd

WORKERS = 4
_ITEM = re.compile(rb"UID (\d+) FLAGS \(([^)]*)\)")
_NAME = re.compile(rb"Subject: (\S+)")
_LISTED = re.compile(rb'"/" "?([^"]+)"?$')


class Driver:
    """A data folder, and the journal of what was promised in it."""

    def __init__(self, data, seed):
        self.data = data
        self.random = random.Random(seed)
        self.journal = Journal()
        self.kills = 0

    @property
    def acknowledged(self):
        """How many letters there are in the journal."""
        return len(self.journal.letters)

    def round(self):
        """Load, kill, start again; return what is wrong."""
        server = ServerProcess(self.data)
        lock = Lock()
        workers = [Worker(server.port, self.journal, lock, f"w{n}", self.random.random()) for n in range(WORKERS)]
        for worker in workers:
            worker.start()
        time.sleep(self.random.uniform(0.2, 1.2))
        server.kill()
        for worker in workers:
            worker.join(30)
        self.kills += 1
        return [*(f"a worker: {worker.error!r}" for worker in workers if worker.error), *self._compare()]

    def _compare(self):
        server = ServerProcess(self.data)
        try:
            client = imaplib.IMAP4("127.0.0.1", server.port)
            client.login("ada", "secret")
            wrong = self.journal.settle(*_state(client))
            client.logout()
        finally:
            server.stop()
        said = imapd(self.data, "check")
        return wrong if said == "all is well\n" else [*wrong, said]


def _state(client):
    listed = {_LISTED.search(line)[1].decode() for line in client.list()[1]}
    found, validities, modseqs = defaultdict(list), {}, {}
    for place in ("INBOX", "Archive"):
        client.select(place, readonly=True)
        validities[place] = int(client.response("UIDVALIDITY")[1][0])
        modseqs[place] = int(client.response("HIGHESTMODSEQ")[1][0])
        parts = client.fetch("1:*", "(UID FLAGS BODY.PEEK[])")[1]
        for head, octets in (part for part in parts if isinstance(part, tuple)):
            uid, flags = _ITEM.search(head).groups()
            name = _NAME.match(octets)[1].decode()
            kept = frozenset(flags.decode().split()) - {"\\Recent"}
            found[name].append(Found(place, int(uid), kept, octets))
    return found, listed, validities, modseqs
