"""Octets from a client on their way to the framing: inflated if it compresses, held up while much waits."""

import re
from collections.abc import Callable
from typing import Final

from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime

from imapd import limits
from imapd.doors.reading import Reading
from imapd.imap.stream.compression import Inflater
from imapd.imap.wire.framing import Framer

_LAST_COMPRESSED: Final = re.compile(rb"(?i) UNAUTHENTICATE\r?\n\Z")
"""A command behind which the client goes on in the clear: it must be run before more is inflated (RFC 8437, 4.1)."""


class Inflow:
    """What one connection receives."""

    __slots__ = ("_advance", "_clock", "_ending", "_framer", "_inflater", "_next_turn", "_reading", "octets")

    def __init__(
        self, transport: IPushProducer, framer: Framer, clock: IReactorTime, advance: Callable[[], None]
    ) -> None:
        """Take where the octets come from and go, and what to call when there is more, though nothing came in."""
        self.octets = 0
        """How many the transport gave."""
        self._framer = framer
        self._clock = clock
        self._advance = advance
        self._inflater: Inflater | None = None
        self._ending: Inflater | None = None
        self._next_turn: IDelayedCall | None = None
        self._reading = Reading(transport)

    def receive(self, data: bytes) -> None:
        """Take what the client sent."""
        self.octets += len(data)
        if self._ending is not None:
            data = self._behind(data)
        if self._inflater is None:
            self._framer.receive(data)
        else:
            self._inflater.receive(data)

    @property
    def compressed(self) -> bool:
        """Whether the client compresses."""
        return self._inflater is not None

    def compress(self) -> None:
        """Inflate from here on, and what waits already: it came behind the command (RFC 4978, 3)."""
        self._inflater = Inflater()
        self._inflater.receive(self._framer.take_rest())

    def end_compression(self) -> None:
        """Take octets as they are from the end of the compressed stream on, which may have come (RFC 8437, 4.1)."""
        self._ending, self._inflater = self._inflater, None
        self._framer.receive(self._behind(b""))

    def _behind(self, data: bytes) -> bytes:
        """Return what is as it is: what comes behind the end of a compressed stream, if there is one."""
        if self._ending is None:
            return data
        rest = self._ending.behind(data)
        if rest is None:
            return b""
        self._ending = None
        return rest

    def feed(self) -> None:
        """Let the framing have some of what was compressed; more in another turn of the reactor.

        Raises:
            Bye: it is no compressed stream.

        """
        if self._inflater is None:
            return
        fed = 0
        for _ in range(limits.FLUSHES):
            if not (self._inflater.pending and self._room and fed < limits.INFLATED_OCTETS):
                return
            if self._waits:
                return
            octets = self._inflater.inflate()
            self._framer.receive(octets)
            fed += len(octets)

    def hold_up(self) -> None:
        """Read no more while much waits; a little is read on, so that a disconnect is seen."""
        pending = self._inflater is not None and self._inflater.pending
        if pending and self._room and not (self._waits or (self._next_turn and self._next_turn.active())):
            self._next_turn = self._clock.callLater(0, self._advance)
        self._reading.go_on(self._room and not pending)

    @property
    def _waits(self) -> bool:
        """Whether nothing is inflated until a command was run, or is known to be part of a literal."""
        return self._framer.ends_in(_LAST_COMPRESSED)

    @property
    def _room(self) -> bool:
        return self._framer.buffered <= limits.WAITING_OCTETS

    def lost(self) -> None:
        """Wait for nothing any more."""
        if self._next_turn is not None and self._next_turn.active():
            self._next_turn.cancel()
