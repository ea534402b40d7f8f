"""Octets into whole commands, before anything is parsed, so that no syntax error can put the stream out of step.

A command is lines and literals by turns: a line that announces a literal goes on behind it (`announcement`).
A refused command is read to its end and dropped.  Whatever comes, what is held stays within the limits.
"""

import re
from collections.abc import Callable
from typing import Final

from attrs import define, frozen

from imapd.imap.errors import Bad, CommandError, No
from imapd.imap.wire.announcement import ROOM, Announcement, announcement, unasked_announcement
from imapd.imap.wire.received import Received
from mailstore.spool import Spool


@frozen
class FramingLimits:
    """How much of one command is taken, in octets; spooled literals do not count."""

    line: int
    """Text between literals."""
    literal: int
    """One literal in memory."""
    command: int
    """All lines but the last, and all literals in memory."""
    literals: int
    """How many literals, empty ones too: each costs a small object."""


@frozen
class Literal:
    """A literal held in memory."""

    octets: bytes
    binary: bool = False
    """Whether it was announced as literal8, which may hold NUL."""


@frozen
class SpooledLiteral:
    """A message, `size` octets that are in `spool`; whoever takes the command closes it."""

    spool: Spool
    size: int
    binary: bool = False


Piece = bytes | Literal | SpooledLiteral


@frozen
class Command:
    """A whole command: text and literals by turns, text first and last, without announcements and line ends."""

    pieces: tuple[Piece, ...]


@frozen
class Continue:
    """The client waits for ``+`` before it sends a literal."""


@frozen
class Refused:
    """A command that was refused while it came in; nothing of it remains to be read."""

    tag: bytes
    """``*`` if none could be read."""
    error: CommandError


SpoolFor = Callable[[tuple[Piece, ...], Announcement], Spool | None]
"""Asked at each announcement, with the pieces so far, before a client that waits may send the literal.

It returns a spool for a message, None for an ordinary literal, or raises `CommandError` to refuse the command.
"""

_TAG: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\+]+(?= )')


@define
class _Incoming:
    """A literal on its way: to memory in one go, or to `spool` as it comes, or nowhere if the command is refused."""

    missing: int
    binary: bool
    spool: Spool | None


class Framer:
    """Frames what one client sends.  Feed it with `receive`, then call `next_command` until it returns None."""

    __slots__ = ("_held", "_incoming", "_pieces", "_received", "_refused", "_spool_for", "limits")

    def __init__(self, limits: FramingLimits, spool_for: SpoolFor) -> None:
        self.limits = limits
        self._spool_for = spool_for
        self._received = Received()
        self._begin()

    def _begin(self) -> None:
        """Stand before a command of which nothing has been read."""
        self._pieces: list[Piece] = []
        self._held = 0
        self._incoming: _Incoming | None = None
        self._refused: Refused | None = None

    @property
    def buffered(self) -> int:
        """Octets received and not read yet."""
        return len(self._received)

    def ends_in(self, line: re.Pattern[bytes]) -> bool:
        """Tell whether what waits ends in such a line, and is not known to be part of a literal."""
        return self._incoming is None and line.search(self._received.last(ROOM)) is not None

    def receive(self, data: bytes) -> None:
        """Take what the client sent."""
        self._received.add(data)

    def next_command(self) -> Command | Continue | Refused | None:
        """Return the next whole command, or that the client waits or was refused; None until more octets come."""
        while self._incoming is None or self._read_literal(self._incoming):
            line = self._read_line()
            if line is None:
                return None
            announced = announcement(line) if self._refused is None else unasked_announcement(line)
            if announced is None:
                return self._finish(line) if self._refused is None else self._refusal()
            self._expect(announced)
            if announced.awaited:
                return self._refusal() or Continue()
        return None

    def next_line(self) -> bytes | None:
        """Return a raw line without its end, for DONE and SASL responses; None until it is whole.

        Only to be called between commands.  A line beyond the limit is skipped, then raises `Bad`.
        """
        line = self._read_line()
        if line is not None:
            refused = self._refused
            self._begin()
            if refused is not None:
                raise refused.error
        return line

    def discard(self) -> None:
        """Forget everything received: what came in plaintext behind STARTTLS must not be run."""
        self.abandon()
        self.take_rest()

    def take_rest(self) -> bytes:
        """Return and forget what was received and not read yet; only to be called between commands."""
        rest = self._received.take_rest()
        self._begin()
        return rest

    def abandon(self) -> None:
        """Forget the command that is being read, which will never be whole, and close its spools."""
        self._close_spools()
        self._begin()

    def _read_line(self) -> bytes | None:
        """Read a line and return it without its end; None if its end has not come.

        Of a line beyond the limit only the end is kept, where an announcement would be, and the command is refused.
        """
        waiting = len(self._received)
        if not waiting:  # as mostly behind a command
            return None
        if waiting > self.limits.line:
            self._skip_overlong()
        return self._received.read_line()

    def _skip_overlong(self) -> None:
        """Refuse a command whose line is beyond the limit, and keep of what has come of the line its last octets."""
        octets = self._received.line_octets()
        if octets > self.limits.line:
            self._refuse(Bad(f"a line has at most {self.limits.line} octets"))
            self._received.skip(max(octets - ROOM - 1, 0))  # one more for CR

    def _expect(self, announced: Announcement) -> None:
        """Make ready for the literal that is `announced`; if the command is or gets refused, to skip it."""
        spool = None
        if self._refused is None:
            try:
                spool = self._admit(announced)
            except CommandError as error:
                self._refuse(error)
        if spool is not None:
            self._pieces.append(SpooledLiteral(spool, announced.size, announced.binary))
        self._incoming = _Incoming(announced.size, announced.binary, spool)

    def _admit(self, announced: Announcement) -> Spool | None:
        """Keep the text before a literal; return where the literal goes, None for memory; `CommandError` if nowhere."""
        self._pieces.append(announced.text)
        self._hold(len(announced.text))
        if len(self._pieces) // 2 >= self.limits.literals:
            raise No(f"a command has at most {self.limits.literals} literals", "LIMIT")
        spool = self._spool_for(tuple(self._pieces), announced)
        if spool is None:
            if announced.size > self.limits.literal:
                raise No(f"a literal here has at most {self.limits.literal} octets", "LIMIT")
            self._hold(announced.size)
        return spool

    def _hold(self, octets: int) -> None:
        """Count what is to be held in memory."""
        self._held += octets
        if self._held > self.limits.command:
            raise No(f"a command has at most {self.limits.command} octets beside messages", "LIMIT")

    def _read_literal(self, incoming: _Incoming) -> bool:
        """Read what has come of a literal; tell whether none of it is missing."""
        count = min(incoming.missing, len(self._received))
        if self._refused is not None:
            self._received.skip(count)
        elif incoming.spool is not None:
            self._write(incoming.spool, self._received.read(count), binary=incoming.binary)
        elif count == incoming.missing:
            self._pieces.append(Literal(self._received.read(count), incoming.binary))
        else:
            return False
        incoming.missing -= count
        if incoming.missing:
            return False
        self._incoming = None
        return True

    def _write(self, spool: Spool, octets: bytes, *, binary: bool) -> None:
        """Put `octets` of a message into its spool; refuse the command if that cannot be."""
        if b"\0" in octets and not binary:
            self._refuse(Bad("NUL can only be sent in a literal8, announced as ~{n}"))
            return
        try:
            spool.write(octets)
        except OSError:
            self._refuse(No("the server cannot store the message", "UNAVAILABLE"))

    def _finish(self, line: bytes) -> Command:
        """Return the command that ends with `line`."""
        command = Command((*self._pieces, line))
        self._begin()
        return command

    def _refuse(self, error: CommandError) -> None:
        """Refuse the command for the first reason that there is; the rest of it will be skipped."""
        if self._refused is None:
            self._refused = Refused(self._tag(), error)
            self._close_spools()
            self._pieces.clear()

    def _refusal(self) -> Refused | None:
        """Return the refusal of a command, if there is one, after its last octet."""
        refused = self._refused
        if refused is not None:
            self._begin()
        return refused

    def _tag(self) -> bytes:
        """Return the tag of the command that is being read, ``*`` if it has none."""
        first = self._pieces[0] if self._pieces else self._received.peek(self.limits.line)
        found = _TAG.match(first) if isinstance(first, bytes) else None
        return found[0] if found else b"*"

    def _close_spools(self) -> None:
        for piece in self._pieces:
            if isinstance(piece, SpooledLiteral):
                piece.spool.close()
