"""Fields at the head of a message in an mbox that tell of the message, and are no part of it.

Dovecot and UW's server write ``X-IMAPbase: uidvalidity last-uid`` into the first message and ``X-UID: uid`` into each.
Our export puts its fields before all others, and ends them with one that says what the others cannot::

    X-Imapd-Message: *(name "=" value SP)   ; date, in seconds; zone, in minutes; uidl; line-ends=exact; end=none
"""

import re
from pathlib import Path
from typing import Final

from attrs import Factory, frozen

from imapd.formats import status
from imapd.formats.found import Identity
from mailstore.mime.headers import Header
from mailstore.model import Flags, InternalDate, Uid
from mailstore.uidset import MAX_UID

OURS: Final = "X-Imapd-Message"
_BLOCK: Final = re.compile(
    rb"(?:(?:X-IMAPbase|X-UID|Status|X-Status|X-Keywords): ?[^\n]*\n)*X-Imapd-Message: ?([^\r\n]*)\r?\n", re.IGNORECASE
)
_BASE: Final = re.compile(rb"\s*(\d{1,10})\s+(\d{1,10})\b")
_UID: Final = re.compile(rb"\s*(\d{1,10})\s*")
INTERNAL: Final = b"DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA"
"""The subject of what UW's server keeps in the place of the first message."""


@frozen
class Fields:
    """What is told of one message.

    Attributes:
        header: the header, and our fields before it.
        octets: how many our fields take.
        ours: what they say that others cannot.

    """

    header: Header
    octets: int = 0
    ours: dict[str, str] = Factory(dict)

    @property
    def is_ours(self) -> bool:
        """Whether our export wrote it."""
        return self.octets > 0

    @property
    def is_exact(self) -> bool:
        """Whether line ends are those of the message."""
        return self.ours.get("line-ends") == "exact"

    @property
    def is_cut(self) -> bool:
        """Whether the message lacks the line end that the file gives it."""
        return self.ours.get("end") == "none"

    @property
    def is_no_message(self) -> bool:
        """Whether somebody has removed it, or a program keeps its own data in its place."""
        if self.is_ours:
            return False
        return status.is_expunged(self.header) or self.header.get(b"subject") == INTERNAL

    @property
    def flags(self) -> Flags:
        """The message's flags."""
        return status.flags(self.header, with_mozillas=not self.is_ours)

    @property
    def uid(self) -> Uid | None:
        """The message's UID."""
        found = _UID.fullmatch(self.header.get(b"x-uid") or b"")
        return Uid(int(found[1])) if found and 0 < int(found[1]) < MAX_UID else None

    @property
    def uidl(self) -> str | None:
        """The message's UIDL, where it has one of its own."""
        return self.ours.get("uidl")

    def date(self, separated: InternalDate | None) -> InternalDate | None:
        """Return the internal date of a message of ours, whose separator has a date; None of any other."""
        seconds = _integer(self.ours.get("date"), None if separated is None else separated.seconds)
        zone = _integer(self.ours.get("zone"), 0)
        return InternalDate(seconds, zone) if self.is_ours and seconds is not None and zone is not None else None


def _integer(text: str | None, default: int | None) -> int | None:
    try:
        return default if text is None else int(text[:20])
    except ValueError:
        return default


def read(head: bytes, header: Header) -> Fields:
    """Return what is told of a message that begins with `head` and has this `header`."""
    block = _BLOCK.match(head)
    if not block:
        return Fields(header)
    words = block[1].decode("ascii", "replace").split()
    return Fields(header, block.end(), dict(word.split("=", 1) for word in words if "=" in word))


def identity(path: Path, first: Header) -> Identity | None:
    """Return what an mbox is called by clients, by the header of its first message; None if that does not say."""
    found = _BASE.match(first.get(b"x-imapbase") or first.get(b"x-imap") or b"")
    return Identity(f"mbox:{path.resolve()}", int(found[1]), Uid(int(found[2]) + 1)) if found else None
