"""A restless client that goes away at random, and comes back with what it remembers (RFC 7162, 3.2.5)."""

import re
from collections.abc import Callable
from itertools import takewhile
from random import Random
from typing import Any

from tests.clients.restless import Model, Restless
from tests.clients.view import Known, View, uids

_VALIDITY = re.compile(rb"\* OK \[UIDVALIDITY ([0-9]+)\]")
_EXISTS = re.compile(rb"\* ([0-9]+) EXISTS")
_EARLIER = b"* VANISHED (EARLIER) "


class Resyncing(Restless):
    """Its view outlives its connections, and is mended by what SELECT tells; `compare` finds what was not told."""

    ACTIONS = Restless.ACTIONS | {"leave": 4, "break_off": 4, "catch_up": 2}

    def __init__(self, connect: Callable[[], Any], model: Model, random: Random) -> None:
        super().__init__(connect(), model, random)
        self.connect = connect
        self.validity = b""

    async def begin(self) -> None:
        """Log in and select."""
        await self.client.login()
        await self.say("ENABLE QRESYNC")
        await self.select()

    async def select(self) -> None:
        remembered = self._remembered() if self.validity else ""
        lines = await self.say(f"SELECT INBOX{remembered}")
        found = _VALIDITY.search(b"\r\n".join(lines))
        assert found is not None
        assert self.validity in {b"", found[1]}
        self.validity = found[1]
        self._resynchronize(lines)
        if self.model.exact:
            await self.compare()

    def _remembered(self) -> str:
        """Return the parameter QRESYNC, with as many of its parts as chance will have."""
        known = [known.uid for known in self._known()]
        parts = [self.validity.decode(), str(self.view.highest)]
        if known and self.random.random() < 0.5:
            parts.append(self.random.choice([f"1:{known[-1]}", ",".join(map(str, known))]))
        if known and self.random.random() < 0.5:
            numbers = sorted(self.random.sample(range(1, len(known) + 1), self.random.randint(1, len(known))))
            stood_for = [known[number - 1] for number in numbers]
            parts.append(f"({','.join(map(str, numbers))} {','.join(map(str, stood_for))})")
        return f" (QRESYNC ({' '.join(parts)}))"

    def _resynchronize(self, lines: list[bytes]) -> None:
        """Begin with what is remembered, which is older than the rest, and without what is gone; hear what changed."""
        gone = {uid for line in lines if line.startswith(_EARLIER) for uid in uids(line.removeprefix(_EARLIER))}
        kept = [known for known in self._known() if known.uid not in gone]
        self.view = View(kept, highest=self.view.highest)
        assert _EXISTS.search(b"\r\n".join(lines)), "SELECT without EXISTS"
        self.hear(line for line in lines if not line.startswith(_EARLIER))

    def _known(self) -> list[Known]:
        """Return the messages before the first whose UID is not known: what can be remembered."""
        return list(takewhile(lambda known: known.uid is not None, self.view.messages))

    async def compare(self) -> None:
        """Assert that nothing has changed of what is known."""
        lines = await self.say("FETCH 1:* (UID FLAGS MODSEQ)")
        fresh = View([Known() for _ in self.view.messages])
        for line in lines:
            fresh.hear(line, expunges=False)
        for known, now in zip(self.view.messages, fresh.messages, strict=True):
            if known.uid is not None:
                assert (known.uid, known.flags, known.modseq) == (now.uid, now.flags, now.modseq), f"{known}, not {now}"
        self.hear(lines, expunges=False)

    async def come_back(self) -> None:
        """Lose the connection and make another."""
        await self.client.gone()
        self.client = self.connect()
        await self.begin()

    # What can be done

    async def look(self) -> None:
        """Ask for new messages only: what is known must stay right by what is told."""
        known = len(self._known())
        if known < len(self.view.messages):
            self.hear(await self.say(f"FETCH {known + 1}:* (UID FLAGS MODSEQ)"), expunges=False)

    async def leave(self) -> None:
        await self.come_back()

    async def break_off(self) -> None:
        """Lose the connection in the middle of an answer."""
        text, expunges = self.random.choice(
            [("NOOP", True), ("FETCH 1:* (FLAGS)", False), ("UID FETCH 1:* (UID MODSEQ)", True)]
        )
        self.client.send(f"x {text}\r\n".encode())
        for _ in range(self.random.randint(0, len(self.view.messages))):
            line = await self.client.line()
            self.hear([line], expunges=expunges)
            if line.startswith(b"x "):
                break
        await self.come_back()

    async def catch_up(self) -> None:
        since = self.random.randint(1, self.view.highest)
        self.hear(await self.say(f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {since} VANISHED)"))
