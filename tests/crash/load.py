"""Random work through one connection, until the server dies or there was enough."""

import imaplib
import random
import re
from itertools import count
from threading import Thread

from tests.crash.journal import COPIES, PLACES
from tests.process import PATIENCE

_APPENDUID = re.compile(rb"APPENDUID \d+ ([0-9:,]+)")
_COPYUID = re.compile(rb"\d+ \d+ (\d+)")
_DEAD = (imaplib.IMAP4.abort, OSError, EOFError)


class _Refused(Exception):
    """It was answered NO: it may have happened or not, and may go well the next time."""


def letter(name, octets):
    """Return a letter of a name, of roughly so many octets that do not pack well."""
    return f"Subject: {name}\r\n\r\n{random.Random(name).randbytes(octets // 2).hex()}\r\n".encode()


class Worker(Thread):
    """One client, which changes only letters and mailboxes of its own; all of them share the mailboxes' UIDs."""

    def __init__(self, port, journal, lock, name, *, seed, enough=None, patient=False):
        """Take how often it shall do something, and whether it goes on when something is refused for now."""
        super().__init__(daemon=True)
        self.random = random.Random(seed)
        self.journal, self.lock, self.tag, self.port, self.enough = journal, lock, name, port, enough
        self.patient, self.refused = patient, 0
        self.error = None

    def run(self):
        work = {self.append: 5, self.several: 1, self.replace: 1, self.flag: 3, self.move: 2, self.copy: 1,
                self.expunge: 2, self.folder: 1, self.subscribe: 1}  # fmt: skip
        try:
            self.client = imaplib.IMAP4("127.0.0.1", self.port, timeout=PATIENCE)
            self.client.login("ada", "secret")
            for _ in count() if self.enough is None else range(self.enough):
                self.attempt(self.random.choices(list(work), list(work.values()))[0])
            self.client.logout()
        except _DEAD as error:
            self.error = None if self.enough is None else error
        except Exception as error:
            self.error = error

    def attempt(self, act):
        try:
            act()
        except _Refused:
            assert self.patient, "refused for now"
            self.refused += 1

    def ok(self, answer):
        status, data = answer
        if b"[UNAVAILABLE]" in (data[0] or b""):
            raise _Refused
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

    def select(self, place):
        self.ok(self.client.select(place))
        self.note("saw", place, int(self.client.response("HIGHESTMODSEQ")[1][0]))

    def letters(self, many):
        names = [f"{self.tag}.{self.random.getrandbits(60):x}" for _ in range(many)]
        return {name: letter(name, self.random.choice([20, 4_000, 80_000])) for name in names}

    # What can be done

    def append(self):
        self._append(self.letters(1))

    def several(self):
        self._append(self.letters(3))

    def _append(self, octets):
        place = self.random.choice(PLACES)
        self.note("may_come", octets, place)
        literals = b"".join(b" {%d+}\r\n%b" % (len(each), each) for each in octets.values())
        data = self._say(f"APPEND {place}".encode() + literals)
        self.note("came", dict(zip(octets, _uids(data), strict=True)), place)

    def replace(self):
        name, found = self.own()
        if name:
            octets = self.letters(1)
            self.select(found.place)
            target = self.random.choice(PLACES)
            self.note("may_come", octets, target, instead_of=name)
            [each] = octets.values()
            data = self._say(b"UID REPLACE %d %b {%d+}\r\n%b" % (found.uid, target.encode(), len(each), each))
            self.note("came", dict(zip(octets, _uids(data), strict=True)), target, instead_of=name)

    def _say(self, command):
        """Give a command that imaplib does not know; return its answer, and what came before it."""
        tag = self.client._new_tag()
        self.client.send(tag + b" " + command + b"\r\n")
        lines = [self.client.readline()]
        while not lines[-1].startswith(tag):
            if not lines[-1]:
                raise self.client.abort("the server is gone")
            lines.append(self.client.readline())
        if b" NO [UNAVAILABLE]" in lines[-1]:
            raise _Refused
        assert lines[-1].startswith(tag + b" OK"), lines
        return b"".join(lines)

    def flag(self):
        name, found = self.own()
        if name:
            flags = frozenset(self.random.sample(["k1", "k2", "k3"], self.random.randint(0, 3)))
            self.select(found.place)
            self.note("may", name, flags=flags)
            self.ok(self.client.uid("STORE", str(found.uid), "FLAGS.SILENT", f"({' '.join(flags)})"))
            self.note("did", name, flags=flags)

    def move(self):
        name, found = self.own()
        if name:
            target = "INBOX" if found.place == "Archive" else "Archive"
            self.select(found.place)
            self.note("may", name, place=target)
            self.client.response("COPYUID")
            self.ok(self.client.uid("MOVE", str(found.uid), target))
            copied = _COPYUID.search(self.client.response("COPYUID")[1][0])
            self.note("did", name, place=target, uid=int(copied[1]))

    def copy(self):
        name, found = self.own()
        if name and found.copied == {False}:
            self.select(found.place)
            self.note("may", name, copied=True)
            self.ok(self.client.uid("COPY", str(found.uid), COPIES))
            self.note("did", name, copied=True)

    def expunge(self):
        name, found = self.own()
        if name:
            self.select(found.place)
            flags = frozenset(["\\Deleted"])
            self.note("may", name, flags=flags)
            self.ok(self.client.uid("STORE", str(found.uid), "FLAGS.SILENT", "(\\Deleted)"))
            self.note("did", name, flags=flags)
            self.note("may", name, place=None)
            self.ok(self.client.uid("EXPUNGE", str(found.uid)))
            self.note("did", name, place=None)

    def folder(self):
        name = f"{self.tag}-{self.random.getrandbits(40):x}"
        self._toggle("mailbox", name, True, lambda: self.client.create(name))
        if self.random.random() < 0.5:
            renamed = f"{name}-renamed"
            self.note("name", "mailbox", name, True, False)
            self.note("name", "mailbox", renamed, True, False)
            self.ok(self.client.rename(name, renamed))
            self.note("name", "mailbox", name, False)
            self.note("name", "mailbox", renamed, True)
        elif self.random.random() < 0.5:
            self._toggle("mailbox", name, False, lambda: self.client.delete(name))

    def subscribe(self):
        name = f"{self.tag}-{self.random.getrandbits(40):x}"
        self._toggle("subscription", name, True, lambda: self.client.subscribe(name))
        if self.random.random() < 0.5:
            self._toggle("subscription", name, False, lambda: self.client.unsubscribe(name))

    def _toggle(self, kind, name, there, act):
        self.note("name", kind, name, not there, there)
        self.ok(act())
        self.note("name", kind, name, there)


def _uids(data):
    """Return the UIDs of an APPENDUID response code, ascending."""
    found = _APPENDUID.search(data)
    runs = [[int(uid) for uid in run.split(b":")] for run in found[1].split(b",")]
    return [uid for run in runs for uid in range(run[0], run[-1] + 1)]
