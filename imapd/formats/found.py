"""What a reader finds."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

from imapd.formats.line_ends import to_crlf
from mailstore.mime.headers import Header
from mailstore.model import Flags, InternalDate

HEAD: Final = 1 << 16
"""Octets at the beginning of a message in which its header is looked at; real headers end well before."""
PIECE: Final = 1 << 18
"""Octets read at a time: enough to be quick, little beside what a process has."""


@frozen
class Found:
    """A message in a file, not read yet.

    Attributes:
        source: the file, and where in it, to name the message in a report.
        size: octets that it takes in the file.
        pieces: yields its octets as they lie there, from the first, in pieces of bounded size; may raise `OSError`.
        flags: the flags that it has.
        internal_date: when it came in; None if nothing tells.
        folder: the levels of its folder's name below what is read; none for what is read itself.

    """

    source: str
    size: int
    pieces: Callable[[], Iterator[bytes]]
    flags: Flags = frozenset()
    internal_date: InternalDate | None = None
    folder: tuple[str, ...] = ()

    def octets(self) -> Iterator[bytes]:
        """Yield the message as it is to be stored: a lone LF becomes CRLF, and nothing else is touched."""
        return to_crlf(self.pieces())


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
