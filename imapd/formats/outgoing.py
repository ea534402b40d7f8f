"""What an export is made of: messages as the store has them, on their way into files."""

import re
from collections.abc import AsyncIterator, Iterable
from typing import Final, Protocol

from attrs import frozen

from imapd.formats.exported import Place
from mailstore.interfaces import IStoredMessage
from mailstore.model import Flags, InternalDate, MailboxName, MailboxStatus, Uid

_BARE: Final = re.compile(rb"(?<!\r)\n")


@frozen
class Shape:
    """What a message's octets are like, as far as files care.

    Attributes:
        bare: how many LF have no CR before them.
        is_exact: whether the line ends of a Unix file could not be made CRLF again: some have no CR, or two.
        is_cut: whether the last octet is no LF.

    """

    bare: int
    is_exact: bool
    is_cut: bool


@frozen
class Outgoing:
    """A message that is written to a file."""

    uid: Uid
    flags: Flags
    internal_date: InternalDate
    uidl: str
    stored: IStoredMessage

    async def shape(self) -> Shape:
        """Read the message once; `Corrupt`, `Expunged`."""
        bare, has_two, before = 0, False, b"\n\n"
        async for piece in self.stored.stream(0, self.stored.size):
            octets = before + piece
            bare += len(_BARE.findall(octets, 2))
            has_two = has_two or b"\r\r\n" in octets
            before = octets[-2:]
        return Shape(bare, bool(bare) or has_two, self.stored.size > 0 and not before.endswith(b"\n"))

    async def pieces(self, shape: Shape) -> AsyncIterator[bytes]:
        """Yield the message as a file has it, with LF for CRLF unless it is exact; `Corrupt`, `Expunged`."""
        held = b""  # a CR at the end of a piece may belong to a LF at the beginning of the next
        async for piece in self.stored.stream(0, self.stored.size):
            octets = held + piece
            if shape.is_exact:
                yield octets
                continue
            held = b"\r" if octets.endswith(b"\r") else b""
            yield octets[: len(octets) - len(held)].replace(b"\r\n", b"\n")
        yield held


class Export(Protocol):
    """Mailboxes written into files of one format."""

    def begin(self, counts: MailboxStatus, place: Place) -> None:
        """Go on with the messages of a mailbox; `OSError`, as of all others."""

    async def add(self, message: Outgoing) -> None:
        """Write a message of the mailbox, whose UID is above those before."""

    def end(self) -> list[str]:
        """Finish the mailbox; return what the format has no place for, in words for an administrator."""

    def finish(self, subscribed: Iterable[MailboxName]) -> list[str]:
        """Write what concerns all mailboxes; return more of the same."""
