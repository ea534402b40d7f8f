"""What a reader finds."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

from imapd.formats.line_ends import to_crlf
from mailstore.mime.headers import Header
from mailstore.model import Flags, InternalDate, SpecialUse, Uid

HEAD: Final = 1 << 16
"""Octets at the beginning of a message in which its header is looked at; real headers end well before."""
PIECE: Final = 1 << 18
"""Octets read at a time: enough to be quick, little beside what a process has."""


@frozen
class Identity:
    """What a mailbox elsewhere is called by clients who know it.

    Attributes:
        source: tells it from all others that may be brought into the same mailbox, and is the same each time.
        uid_validity: its UIDVALIDITY.
        uid_next: the least UID that it has not given out.

    """

    source: str
    uid_validity: int
    uid_next: Uid


@frozen
class Folder:
    """A mailbox elsewhere.

    Attributes:
        levels: of its name below what is read; none for what is read itself.
        identity: None if its messages have no UIDs.
        special_use: what it is for.
        subscribed: None if nothing tells.

    """

    levels: tuple[str, ...] = ()
    identity: Identity | None = None
    special_use: SpecialUse | None = None
    subscribed: bool | None = None


ROOT: Final = Folder()
"""What is read itself."""


@frozen
class Subscribed:
    """A name that is subscribed, and need not be a mailbox's."""

    levels: tuple[str, ...]


@frozen
class Found:
    """A message in a file, not read yet.

    Attributes:
        source: the file, and where in it, to name the message in a report.
        size: octets that it takes in the file.
        pieces: yields its octets as they lie there, from the first, in pieces of bounded size; may raise `OSError`.
        flags: the flags that it has.
        internal_date: when it came in; None if nothing tells.
        folder: where it is.
        uid: its UID there.
        uidl: what POP3 calls it there.
        is_exact: whether the file has it as it is to be stored, with every line end as it was.

    """

    source: str
    size: int
    pieces: Callable[[], Iterator[bytes]]
    flags: Flags = frozenset()
    internal_date: InternalDate | None = None
    folder: Folder = ROOT
    uid: Uid | None = None
    uidl: str | None = None
    is_exact: bool = False

    def octets(self) -> Iterator[bytes]:
        """Yield the message as it is to be stored: a lone LF becomes CRLF, and nothing else is touched."""
        return self.pieces() if self.is_exact else to_crlf(self.pieces())


@frozen
class LeftOut:
    """A file that cannot be imported, and why."""

    source: str
    reason: str


def head_of(path: Path) -> bytes:
    """Return a file's first octets, `HEAD` of them at most."""
    with path.open("rb") as file:
        return file.read(HEAD)


def header_of(head: bytes) -> Header:
    """Return the header of a message that begins with `head`."""
    ends = [end + 1 for blank in (b"\n\n", b"\n\r\n") if (end := head.find(blank)) >= 0]
    return Header(head[: min(ends, default=len(head))])


def pieces_of(path: Path) -> Iterator[bytes]:
    """Yield a file's octets."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


Item = Found | LeftOut | Folder | Subscribed
"""What a reader yields: a folder comes before its messages, whose UIDs ascend."""
