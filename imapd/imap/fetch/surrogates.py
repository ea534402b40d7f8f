"""Messages for clients that have not enabled UTF-8: the same with headers in ASCII (RFC 9755, 7 and 8).

What stands for each header beyond ASCII is made once and kept beside the message, with the shape that the message then
has and the way that ENVELOPE and the body structures are spelled.  Nearly all messages have nothing of it.
"""

from bisect import bisect_right
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import accumulate, pairwise
from struct import Struct
from typing import Final

from attrs import frozen

from imapd.imap.wire import structure
from mailstore.interfaces import IStoredMessage
from mailstore.mime import Message, Part
from mailstore.mime import pack as pack_tree
from mailstore.mime import unpack as unpack_tree
from mailstore.mime.downgrading import downgraded
from mailstore.spool import Octets, Spool

_COUNTS: Final = Struct(">QIIII")
"""Octets of the surrogate, and of its tree, envelope, body and bodystructure."""
_EDIT: Final = Struct(">QQI")
_PIECE: Final = 1 << 16


@frozen
class Edit:
    """What stands for the octets of a message from `start` up to `stop`: a header in ASCII for one that is not."""

    start: int
    stop: int
    octets: bytes


@frozen
class Kept:
    """What is kept beside a message that has headers beyond ASCII; spelled as IMAP has it.

    Attributes:
        size: octets of the surrogate.
        tree: its parts.
        envelope: its ENVELOPE.
        body: its BODY.
        bodystructure: its BODYSTRUCTURE.
        edits: what stands for which header of the message, in their order.

    """

    size: int
    tree: Part
    envelope: bytes
    body: bytes
    bodystructure: bytes
    edits: tuple[Edit, ...]


def pack(message: Message) -> bytes:
    """Return what is kept beside a message; empty if its headers are all ASCII."""
    headers = [(part.header, part.body, message.octets[part.header : part.body]) for part in _parts(message.root)]
    edits = [Edit(start, stop, downgraded(octets)) for start, stop, octets in headers if not octets.isascii()]
    if not edits:
        return b""
    with closing(Spool()) as spool:
        try:
            for piece in _pieces(message.octets, edits):
                spool.write(piece)
            surrogate = Message(spool.octets())
        except OSError:  # no room for so large a file: everybody sees the message as it is
            return b""
        return _packed(surrogate, edits)


def _packed(surrogate: Message, edits: Iterable[Edit]) -> bytes:
    makers = (structure.envelope, structure.body, structure.bodystructure)
    spelled = [pack_tree(surrogate.root), *(make(surrogate) for make in makers)]
    counts = _COUNTS.pack(len(surrogate.octets), *map(len, spelled))
    headers = [_EDIT.pack(edit.start, edit.stop, len(edit.octets)) + edit.octets for edit in edits]
    return b"".join((counts, *spelled, *headers))


def unpack(packed: bytes) -> Kept:
    """Return what `pack` made of a message that has such headers."""
    size, *lengths = _COUNTS.unpack_from(packed)
    ends = list(accumulate(lengths, initial=_COUNTS.size))
    tree, envelope, body, bodystructure = (packed[start:stop] for start, stop in pairwise(ends))
    return Kept(size, unpack_tree(tree), envelope, body, bodystructure, tuple(_edits(packed, ends[-1])))


def _edits(packed: bytes, at: int) -> Iterator[Edit]:
    while at < len(packed):
        start, stop, length = _EDIT.unpack_from(packed, at)
        at += _EDIT.size + length
        yield Edit(start, stop, packed[at - length : at])


def _parts(part: Part) -> Iterator[Part]:
    """Yield a part and those in it, in the order of their headers."""
    yield part
    for child in part.children:
        yield from _parts(child)


def _pieces(octets: Octets, edits: Sequence[Edit]) -> Iterator[bytes]:
    """Yield the octets of a surrogate."""
    for _, run in _runs(len(octets), edits):
        if isinstance(run, bytes):
            yield run
        else:
            yield from (octets[start : min(start + _PIECE, run.stop)] for start in run[::_PIECE])


class Surrogate(IStoredMessage):
    """A message as who has not enabled UTF-8 sees it."""

    def __init__(self, message: IStoredMessage, kept: Kept) -> None:
        self._message = message
        self._kept = kept
        self._runs = list(_runs(message.size, kept.edits))
        self._starts = [start for start, _ in self._runs]

    @property
    def size(self) -> int:
        """Octets of the whole surrogate."""
        return self._kept.size

    async def root(self) -> Part:
        """Return its part tree."""
        return self._kept.tree

    async def read(self, start: int, stop: int) -> bytes:
        """Return its octets from `start` up to `stop`, as far as there are any; `Expunged`."""
        return b"".join([piece async for piece in self.stream(start, stop)])

    async def stream(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the same octets in pieces."""
        stop = min(stop, self.size)
        for begin, run in self._runs[max(bisect_right(self._starts, start) - 1, 0) :]:
            if begin >= stop:
                return
            first, last = max(start - begin, 0), stop - begin
            if isinstance(run, bytes):
                yield run[first:last]
            else:
                async for piece in self._message.stream(run.start + first, min(run.start + last, run.stop)):
                    yield piece


def _runs(size: int, edits: Sequence[Edit]) -> Iterator[tuple[int, "range | bytes"]]:
    """Yield what a surrogate consists of, and where each begins: octets of the message, or those of a header."""
    begin = at = 0
    for edit in (*edits, Edit(size, size, b"")):
        for run in (range(at, edit.start), edit.octets):
            if run:
                yield begin, run
                begin += len(run)
        at = edit.stop
