"""A client that does something at random, again and again, and checks what it hears against a model."""

import re
from collections.abc import Iterable
from random import Random
from typing import Any

from attrs import Factory, define

from imapd.limits import IDLE_UNTOLD_SECONDS
from tests.clients.view import Known, View, uids

FLAGS = (rb"\Seen", rb"\Flagged", rb"\Deleted", rb"\Answered", b"$Work", b"blue")
_APPENDUID = re.compile(rb"\[APPENDUID [0-9]+ ([0-9]+)\]")
_COPYUID = re.compile(rb"\[COPYUID [0-9]+ ([0-9:,]+) ([0-9:,]+)\]")


@define
class Model:
    """The mailbox as it must be, if every command takes effect once, before the next one.

    Attributes:
        exact: whether sessions act one after the other, so that flags can be foretold.
        flags: of every message that ever was; those of an expunged one stay as they were.
        subjects: what each message is known by.
        there: the UIDs that are not expunged.
        archive: how many messages are in Archive.

    """

    exact: bool
    flags: dict[int, frozenset[bytes]] = Factory(dict)
    subjects: dict[int, bytes] = Factory(dict)
    there: set[int] = Factory(set)
    count: int = 0
    archive: int = 0

    def add(self, uid: int, subject: bytes, flags: frozenset[bytes]) -> None:
        assert uid not in self.subjects, f"UID {uid} was given twice"
        self.subjects[uid], self.flags[uid] = subject, flags
        self.there.add(uid)

    def store(self, uids: set[int], sign: str, flags: frozenset[bytes]) -> None:
        for uid in uids & self.there:
            self.flags[uid] = combined(self.flags[uid], sign, flags)

    def expunge(self, uids: Iterable[int]) -> None:
        self.there -= {uid for uid in uids if rb"\Deleted" in self.flags.get(uid, ())}


def combined(flags: frozenset[bytes], sign: str, given: frozenset[bytes]) -> frozenset[bytes]:
    """Return what STORE makes of `flags`."""
    return {"": given, "+": flags | given, "-": flags - given}[sign]


class Restless:
    """One session on INBOX, which names messages by number or by UID, as chance will have it.

    Its `client` has `send`, `line` and `command`, as those of `tests.imapd.imap.harness` have.
    """

    VIEW: type[View] = View
    UID = ""
    """``"UID "`` for one that always names messages by UID."""

    ACTIONS = {
        "append": 6, "store": 8, "expunge": 3, "copy": 2, "move": 2, "look": 4, "open": 3, "search": 2, "noop": 3,
        "close": 1, "idle": 2,
    }  # fmt: skip

    def __init__(self, client: Any, model: Model, random: Random) -> None:
        self.client, self.model, self.random = client, model, random
        self.view = self.VIEW()
        self.idling = False

    async def act(self) -> None:
        """Do one thing."""
        if self.idling:
            await self.done()
            return
        while not self.view.complete:
            await self.look()
        names = list(self.ACTIONS) if self.view.messages else ["append", "noop", "idle"]
        name = self.random.choices(names, [self.ACTIONS[name] for name in names])[0]
        await getattr(self, name)()

    async def begin(self) -> None:
        """Log in and select."""
        await self.client.login()
        await self.select()

    async def settle(self) -> None:
        """Come to an end with what was begun."""
        if self.idling:
            await self.done()

    # What is said and heard

    async def say(self, text: str) -> list[bytes]:
        """Give a command; return the lines of its answer, which must be a good one."""
        lines: list[bytes] = (await self.client.command(text.encode())).split(b"\r\n")[:-1]
        good = lines[-1].startswith((b"x OK ", b"x NO [EXPUNGEISSUED] "))
        assert good, f"{text!r} was answered {lines[-1]!r}"
        return lines

    def hear(self, lines: Iterable[bytes], *, expunges: bool = True, late: bool = False) -> None:
        """Take in an answer; what was said `late` may be older than the model."""
        for line in lines:
            told = self.view.hear(line, expunges=expunges)
            if told is not None and b"FLAGS (" in line:
                self._check(told, late=late)

    def _check(self, told: Known, *, late: bool) -> None:
        model, uid = self.model, told.uid
        if uid is None:
            return
        if told.subject is not None and uid in model.subjects:
            assert told.subject == model.subjects[uid], f"UID {uid} is {told.subject!r}"
        if model.exact and not late and told.flags is not None:
            assert told.flags == model.flags[uid], f"UID {uid}: {told.flags}, not {model.flags[uid]}"

    def _some(self) -> tuple[bool, str, set[int]]:
        """Return whether they are named by UID, the set as it is spelled, and the UIDs that it means."""
        uids, by_uid = self.view.uids, bool(self.UID) or self.random.random() < 0.5
        named: set[int] = set()
        spelled = []
        for _ in range(self.random.randint(1, 3)):
            ends = self.random.randrange(len(uids)), self.random.randrange(len(uids))
            if self.random.random() < 0.6:
                ends = ends[0], ends[0]
            named |= set(uids[min(ends) : max(ends) + 1])
            spelled.append(":".join(str(uids[end] if by_uid else end + 1) for end in ends))
        if self.random.random() < 0.1:
            named, spelled = set(uids), ["1:*"]
        return by_uid, ",".join(spelled), named

    # What can be done

    async def select(self) -> None:
        self.view = self.VIEW()
        self.hear(await self.say("SELECT INBOX"))
        if self.model.exact:
            assert len(self.view.messages) == len(self.model.there)

    async def append(self) -> None:
        self.model.count += 1
        subject = f"message {self.model.count}".encode()
        flags = frozenset(self.random.sample(FLAGS, self.random.randint(0, 2)))
        octets = b"Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nSubject: %b\r\n\r\nHello\r\n" % subject
        self.client.send(b"x APPEND INBOX (%b) {%d+}\r\n%b\r\n" % (b" ".join(flags), len(octets), octets))
        lines = await self._ending()
        uid = _APPENDUID.search(lines[-1])
        assert uid is not None, f"APPEND was answered {lines[-1]!r}"
        self.model.add(int(uid[1]), subject, flags)
        self.hear(lines)

    async def store(self) -> None:
        by_uid, spelled, named = self._some()
        sign = self.random.choice(["", "+", "+", "-"])
        silent = self.random.random() < 0.4
        flags = frozenset(self.random.sample(FLAGS, self.random.randint(0, 3)))
        lines = await self.say(
            f"{'UID ' * by_uid}STORE {spelled} {sign}FLAGS{'.SILENT' * silent} ({b' '.join(flags).decode()})"
        )
        self.model.store(named, sign, flags)
        if silent:
            self._assume(named, sign, flags)
        self.hear(lines, expunges=by_uid)

    def _assume(self, named: set[int], sign: str, flags: frozenset[bytes]) -> None:
        for known in self.view.messages:
            if known.uid in named and known.flags is not None:
                known.flags = combined(known.flags, sign, flags)

    async def expunge(self) -> None:
        by_uid, spelled, named = self._some()
        lines = await self.say(f"UID EXPUNGE {spelled}" if by_uid else "EXPUNGE")
        self.model.expunge(named if by_uid else self.view.uids)
        self.hear(lines)

    async def copy(self) -> None:
        await self._to_other_place("COPY", self.random.choice(["INBOX", "Archive"]))

    async def move(self) -> None:
        await self._to_other_place("MOVE", self.random.choice(["INBOX", "Archive"]))

    async def _to_other_place(self, verb: str, target: str) -> None:
        by_uid, spelled, named = self._some()
        lines = await self.say(f"{'UID ' * by_uid}{verb} {spelled} {target}")
        pairs = _copied(lines)
        assert pairs.keys() <= named
        if self.model.exact and named <= self.model.there:
            assert pairs.keys() == named
        if target == "INBOX":
            self._copied_here(pairs)
        else:
            self.model.archive += len(pairs)
            self.archived(lines, len(pairs))
        if verb == "MOVE":
            assert not self.model.exact or pairs.keys() <= self.model.there, "an expunged message was moved"
            self.model.there -= pairs.keys()
        self.hear(lines)

    def archived(self, lines: list[bytes], count: int) -> None:
        """Take note of what was copied or moved to Archive."""

    def _copied_here(self, pairs: dict[int, int]) -> None:
        for old, new in pairs.items():
            if old in self.model.subjects:  # when all act at once, its APPEND may not be answered yet
                self.model.add(new, self.model.subjects[old], self.model.flags[old])

    async def look(self) -> None:
        self.hear(await self.say(f"{self.UID}FETCH 1:* (UID FLAGS)"), expunges=bool(self.UID))

    async def open(self) -> None:
        by_uid, spelled, _ = self._some()
        lines = await self.say(f"{'UID ' * by_uid}FETCH {spelled} (UID FLAGS ENVELOPE)")
        self.hear(lines, expunges=by_uid)

    async def search(self) -> None:
        flag = self.random.choice(["SEEN", "FLAGGED", "DELETED", "ANSWERED", "KEYWORD blue"])
        uids = self.view.uids
        lines = await self.say(f"{self.UID}SEARCH {flag}")
        self.hear(lines, expunges=bool(self.UID))
        if self.model.exact:
            wanted = frozenset({flag.removeprefix("KEYWORD ").encode(), b"\\" + flag.capitalize().encode()})
            found = set(self.view.found) if self.UID else {uids[number - 1] for number in self.view.found}
            found &= self.model.there
            assert found == {uid for uid in uids if wanted & self.model.flags[uid]} & self.model.there

    async def noop(self) -> None:
        """After NOOP, which may tell everything, the view is the truth."""
        self.hear(await self.say("NOOP"))
        if self.model.exact:
            await self.look()
            assert self.view.uids == sorted(self.model.there)
            for known in self.view.messages:
                self._check(known, late=False)

    async def close(self) -> None:
        if self.random.random() < 0.5:
            await self.say("UNSELECT")
        else:
            await self.say("CLOSE")
            self.model.expunge(self.view.uids)
        await self.select()

    async def idle(self) -> None:
        self.client.send(b"x IDLE\r\n")
        while not (line := await self.client.line()).startswith(b"+"):
            self.hear([line], late=True)
        self.client.connection._clock.advance(IDLE_UNTOLD_SECONDS)
        self.idling = True

    async def done(self) -> None:
        self.client.send(b"DONE\r\n")
        self.idling = False
        self.hear(await self._ending(), late=True)

    async def _ending(self) -> list[bytes]:
        lines = [await self.client.line()]
        while not lines[-1].startswith(b"x "):
            lines.append(await self.client.line())
        return lines


def _copied(lines: Iterable[bytes]) -> dict[int, int]:
    for line in lines:
        if found := _COPYUID.search(line):
            return dict(zip(uids(found[1]), uids(found[2]), strict=True))
    return {}
