"""Restless clients that use NOTIFY (RFC 5465): what they are told while they do nothing must be right as well."""

import re
from collections.abc import Iterable
from random import Random
from typing import Any

from tests.clients.restless import Model, Restless
from tests.clients.resyncing import Resyncing
from tests.clients.uidonly import UidOnly

_ARCHIVE = re.compile(rb"\* STATUS Archive \(.*\bMESSAGES ([0-9]+)")


class Overhearing(Restless):
    """One that hears what is told between its commands, before it goes on."""

    AT_ONCE = False
    """Whether it is told of expunges at any time."""

    async def act(self) -> None:
        await self.overhear()
        await super().act()

    async def settle(self) -> None:
        await self.overhear()
        await super().settle()

    async def overhear(self) -> None:
        """Hear what was told meanwhile: everything that is to be told, if the others have done what they do."""
        if self.model.exact:
            await self.client.quiet()
        self.hear(self.client.taken_lines(), expunges=self.AT_ONCE or self.idling, late=True)


class Listening(Overhearing):
    """One that is told of everything but expunges at once, and so may rely on message numbers.

    It also knows how many messages are in Archive, into which others copy and move.
    """

    EVENTS = "(selected-delayed (MessageNew (UID FLAGS) MessageExpunge FlagChange))"

    def __init__(self, client: Any, model: Model, random: Random) -> None:
        super().__init__(client, model, random)
        self.archive = 0

    async def begin(self) -> None:
        """Listen and select, in any order."""
        await self.client.login()
        if self.random.random() < 0.5:
            await self.select()
        await self.say(f"NOTIFY SET {self.EVENTS} (personal (MessageNew MessageExpunge FlagChange))")
        await self.select()

    async def overhear(self) -> None:
        await super().overhear()
        if self.model.exact:
            self._compare()

    def _compare(self) -> None:
        assert self.archive == self.model.archive, f"{self.archive} in Archive, not {self.model.archive}"
        told, there = self.view.messages, self.model.there
        if self.AT_ONCE or self.idling:
            assert len(told) == len(there), f"{len(told)} messages, not {len(there)}"
        if self.view.complete:
            assert there <= set(self.view.uids), f"{there - set(self.view.uids)} were not told"
            for known in told:
                if known.uid in there and known.flags is not None:
                    self._check(known, late=False)

    def hear(self, lines: Iterable[bytes], *, expunges: bool = True, late: bool = False) -> None:
        lines = list(lines)
        for line in lines:
            if counted := _ARCHIVE.match(line):
                self.archive = int(counted[1])
        super().hear(lines, expunges=expunges or self.AT_ONCE, late=late)

    def archived(self, lines: list[bytes], count: int) -> None:
        """Count what it put into Archive itself, of which it need not be told."""
        if not any(map(_ARCHIVE.match, lines)):
            self.archive += count


class AtOnce(Listening):
    """One that is told of everything at once, and so names messages by UID."""

    EVENTS = "(selected (MessageNew (UID FLAGS) MessageExpunge FlagChange))"
    AT_ONCE = True
    UID = "UID "


class AtOnceUidOnly(AtOnce, UidOnly):
    """The same with UIDONLY (RFC 9586)."""

    EVENTS = "(selected (MessageNew (FLAGS) MessageExpunge FlagChange))"

    async def begin(self) -> None:
        await self.client.login()
        await self.say("ENABLE UIDONLY")
        await self.say(f"NOTIFY SET {self.EVENTS} (personal (MessageNew MessageExpunge FlagChange))")
        await self.select()


class HardOfHearing(Overhearing, Resyncing):
    """One that hears mod-sequences and is not told of flags, but knows them all when it comes back."""

    async def begin(self) -> None:
        await self.client.login()
        await self.say("ENABLE QRESYNC")
        await self.say("NOTIFY SET (selected-delayed (MessageNew (UID FLAGS MODSEQ) MessageExpunge))")
        await self.select()

    async def noop(self) -> None:
        self.hear(await self.say("NOOP"), late=True)
        if self.model.exact:
            await self.look()
            assert self.view.uids == sorted(self.model.there)
