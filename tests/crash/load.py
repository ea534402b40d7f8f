"""Random work through one connection, until the server dies."""

import imaplib
import os
import random
import re
from threading import Thread

from tests.crash.journal import Letter

_APPENDUID = re.compile(rb"APPENDUID \d+ (\d+)")
_DEAD = (imaplib.IMAP4.abort, OSError, EOFError)


class Worker(Thread):
    """One client, which changes only letters and mailboxes of its own; all of them share the mailboxes' UIDs."""

    def __init__(self, port, journal, lock, name, seed):
        super().__init__(daemon=True)
        self.random = random.Random(seed)
        self.journal, self.lock, self.tag, self.port = journal, lock, name, port
        self.error = None

    def run(self):
        try:
            self.client = imaplib.IMAP4("127.0.0.1", self.port)
            self.client.login("ada", "secret")
            work = [self.append, self.flag, self.move, self.expunge, self.folder]
            while True:
                self.random.choices(work, [5, 3, 2, 2, 1])[0]()
        except _DEAD:
            pass
        except Exception as error:
            self.error = error

    def ok(self, answer):
        status, data = answer
        assert status == "OK", data
        return data

    def note(self, what, *arguments, **changes):
        with self.lock:
            return getattr(self.journal, what)(*arguments, **changes)

    def own(self):
        """A letter of this worker whose place and UID are certain."""
        with self.lock:
            mine = [(name, letter) for name, letter in self.journal.letters.items()
                    if name.startswith(f"{self.tag}.") and letter.place and letter.uid]
        return self.random.choice(mine) if mine else (None, None)

    def append(self):
        name = f"{self.tag}.{self.random.getrandbits(60):x}"
        place = self.random.choice(["INBOX", "Archive"])
        text = os.urandom(self.random.choice([10, 2_000, 40_000])).hex()
        octets = f"Subject: {name}\r\n\r\n{text}\r\n".encode()
        with self.lock:
            self.journal.letters[name] = Letter(octets, {None, place})
        data = self.ok(self.client.append(place, None, None, octets))
        self.note("did", name, place=place, uid=int(_APPENDUID.search(data[0])[1]))

    def flag(self):
        name, letter = self.own()
        if name:
            flags = frozenset(self.random.sample(["k1", "k2", "k3"], self.random.randint(0, 3)))
            self.ok(self.client.select(letter.place))
            self.note("may", name, flags=flags)
            self.ok(self.client.uid("STORE", str(letter.uid), "FLAGS.SILENT", f"({' '.join(flags)})"))
            self.note("did", name, flags=flags)

    def move(self):
        name, letter = self.own()
        if name:
            target = "INBOX" if letter.place == "Archive" else "Archive"
            self.ok(self.client.select(letter.place))
            self.note("may", name, place=target)
            self.ok(self.client.uid("MOVE", str(letter.uid), target))
            self.note("did", name, place=target)

    def expunge(self):
        name, letter = self.own()
        if name:
            self.ok(self.client.select(letter.place))
            flags = frozenset(["\\Deleted"])
            self.note("may", name, flags=flags)
            self.ok(self.client.uid("STORE", str(letter.uid), "FLAGS.SILENT", "(\\Deleted)"))
            self.note("did", name, flags=flags)
            self.note("may", name, place=None)
            self.ok(self.client.uid("EXPUNGE", str(letter.uid)))
            self.note("did", name, place=None)

    def folder(self):
        name = f"{self.tag}-{self.random.getrandbits(40):x}"
        self._mailbox(name, True, lambda: self.client.create(name))
        if self.random.random() < 0.5:
            renamed = f"{name}-renamed"
            with self.lock:
                self.journal.mailboxes |= {name: {True, False}, renamed: {True, False}}
            self.ok(self.client.rename(name, renamed))
            with self.lock:
                self.journal.mailboxes |= {name: {False}, renamed: {True}}
        elif self.random.random() < 0.5:
            self._mailbox(name, False, lambda: self.client.delete(name))

    def _mailbox(self, name, there, act):
        with self.lock:
            self.journal.mailboxes[name] = {not there, there}
        self.ok(act())
        with self.lock:
            self.journal.mailboxes[name] = {there}
