"""What an export is made of: messages as the store has them, on their way into files."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from attrs import frozen

from imapd.formats.exported import Place
from imapd.formats.found import PIECE
from mailstore.interfaces import IStoredMessage
from mailstore.model import Flags, InternalDate, MailboxName, MailboxStatus, Uid
from mailstore.spool import Spool

_BARE: Final = re.compile(rb"(?<!\r)\n")


@frozen
class Content:
    """The octets of a message, and what they are like, as far as files care.

    Attributes:
        spool: the octets.
        bare: how many LF have no CR before them.
        is_exact: whether the line ends of a Unix file could not be made CRLF again: some have no CR, or two.
        is_cut: whether the last octet is no LF.

    """

    spool: Spool
    bare: int
    is_exact: bool
    is_cut: bool

    def pieces(self) -> Iterator[bytes]:
        """Yield the message as a file has it, with LF for CRLF unless it is exact."""
        octets, start = self.spool.octets(), 0
        while start < len(octets):
            stop = start + PIECE
            stop += octets[stop - 1 : stop + 1] == b"\r\n"
            piece = octets[start:stop]
            yield piece if self.is_exact else piece.replace(b"\r\n", b"\n")
            start = stop


@frozen
class Outgoing:
    """A message that is written to a file."""

    uid: Uid
    flags: Flags
    internal_date: InternalDate
    uidl: str
    stored: IStoredMessage

    async def content(self, spool: Spool) -> Content:
        """Read the message, once, into an empty spool; `Corrupt`, `Expunged`."""
        bare, has_two, before = 0, False, b"\n\n"
        async for piece in self.stored.stream(0, self.stored.size):
            spool.write(piece)
            octets = before + piece
            bare += len(_BARE.findall(octets, 2))
            has_two = has_two or b"\r\r\n" in octets
            before = octets[-2:]
        return Content(spool, bare, bool(bare) or has_two, len(spool) > 0 and not before.endswith(b"\n"))


class Export(Protocol):
    """Mailboxes written into files of one format."""

    def begin(self, counts: MailboxStatus, place: Place) -> None:
        """Go on with the messages of a mailbox; `OSError`, as of all others."""

    def add(self, message: Outgoing, content: Content) -> None:
        """Write a message of the mailbox, whose UID is above those before."""

    def end(self) -> list[str]:
        """Finish the mailbox; return what the format has no place for, in words for an administrator."""

    def finish(self, subscribed: Iterable[MailboxName]) -> list[str]:
        """Write what concerns all mailboxes; return more of the same."""
