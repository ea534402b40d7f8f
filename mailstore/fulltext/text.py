"""The text of a message as searches compare it: decoded, folded by i;unicode-casemap, in UTF-8 (RFC 5051).

It is one run of octets, ``*(FIELD name ": " value) BODY body``.  Neither mark is ever part of UTF-8, so nothing that is
sought can begin in one field and end in another, and a substring in octets is one in characters.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from mailstore.fulltext.finding import holds
from mailstore.mime import Message
from mailstore.mime.casemap import casemap
from mailstore.mime.headers import Header as MessageHeader
from mailstore.mime.text import body_text, field_text, header_text
from mailstore.query import Body, Header, Text

FIELD: Final = b"\xff"
"""Before each field of the header."""
BODY: Final = b"\xfe"
"""Between the header and the body."""
VERSION: Final = 2
"""To be raised with every change of what `pieces` gives; what was kept of an earlier version is made anew."""
PIECE: Final = 1 << 20
"""Octets of a piece, about: few messages have a second one."""


def encode(folded: str) -> bytes:
    """Return text that is folded already as octets; also what is no character alone."""
    return folded.encode("utf-8", "surrogatepass")


def header_octets(message: Message) -> bytes:
    """Return the header's part of the text."""
    fields = ((casemap(name), casemap(value)) for name, value in header_text(message))
    return b"".join([FIELD + encode(f"{name}: {value}") for name, value in fields])


def field_octets(header: MessageHeader, field: str) -> list[bytes]:
    """Return what `values` finds in the header's part of the text, without decoding the other fields."""
    sought = casemap(field)
    return [encode(casemap(value)) for value in field_text(header, lambda name: casemap(name) == sought)]


def body_octets(message: Message) -> Iterator[bytes]:
    """Yield the body's part of the text; what is sought may begin in one piece and end in the next."""
    # Piece by piece, since folding keeps the interpreter from every other thread while it runs.
    return (encode(casemap(text)) for text in body_text(message))


def pieces(message: Message) -> Iterator[bytes]:
    """Yield the text in pieces of some `PIECE` octets, the first with all of the header."""
    gathered = [header_octets(message), BODY]
    octets = len(gathered[0])
    for piece in body_octets(message):
        gathered.append(piece)
        octets += len(piece)
        if octets >= PIECE:
            yield b"".join(gathered)
            gathered, octets = [], 0
    if gathered:
        yield b"".join(gathered)


class FoldedText(ABC):
    """The text of one message, read as far as it is asked for."""

    @property
    @abstractmethod
    def header(self) -> bytes:
        """The header's part."""

    @abstractmethod
    def body(self) -> Iterator[bytes]:
        """Yield the body's part in pieces."""

    @abstractmethod
    def whole(self) -> Iterator[bytes]:
        """Yield the text in pieces."""

    def values(self, field: str) -> Iterable[bytes]:
        """Return the values of the fields of a name, in order."""
        return values(self.header, field)

    def holds(self, key: Header | Body | Text) -> bool:
        """Tell whether a key, whose text is folded already, is found here."""
        sought = encode(key.text)
        match key:
            case Header(field):
                return any(sought in value for value in self.values(field))
            case Body():
                return within(sought, self.body())
            case Text():
                return within(sought, self.whole())


def values(header: bytes, field: str) -> Iterator[bytes]:
    """Yield the values of the fields of a name, in order."""
    if ":" in field:  # which no name has
        return
    mark = field_mark(field)
    at = header.find(mark)
    while at >= 0:
        start = at + len(mark)
        end = header.find(FIELD, start)
        yield header[start : end if end >= 0 else len(header)]
        at = header.find(mark, start)


@lru_cache(64)
def field_mark(field: str) -> bytes:
    """Return what a field of this name begins with."""
    return FIELD + encode(casemap(field)) + b": "


def within(sought: bytes, octets: Iterable[bytes]) -> bool:
    """Tell whether `sought` is in the run of octets that comes in pieces; nothing is in every run."""
    kept = b""
    for piece in octets:
        kept += piece
        if holds(kept, sought):
            return True
        kept = kept[max(len(kept) - len(sought) + 1, 0) :]
    return not sought
