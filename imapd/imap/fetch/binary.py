"""BINARY and BINARY.SIZE of FETCH (RFC 3516): a part without its transfer encoding."""

from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import closing
from typing import Final

from attrs import frozen
from twisted.internet.task import coiterate

from imapd.doors.turns import taking_turns
from imapd.imap.errors import No
from imapd.imap.fetch.sections import Span, cut, find_part
from imapd.imap.wire.fetchatt import Binary, BinarySize, FetchItem
from mailstore.interfaces import IStoredMessage
from mailstore.mime import Kind
from mailstore.mime.headers import Header
from mailstore.mime.transfer import decode_transfer, parse_transfer_encoding
from mailstore.spool import Octets, Spool

_PIECE: Final = 1 << 16
"""Octets that are decoded or sent at once."""
_AT_ONCE: Final = 4 * _PIECE
"""Octets that are decoded in one turn of the reactor, a millisecond; of more, others have their turn in between."""
_ENCODINGS: Final = frozenset({b"7bit", b"8bit", b"binary", b"base64", b"quoted-printable"})


@frozen
class _Encoded:
    """Octets of a message and, in lower case, their transfer encoding."""

    span: Span
    encoding: bytes


async def check(message: IStoredMessage, items: Iterable[FetchItem]) -> None:
    """Make sure, before anything of a response is sent, that all BINARY `items` of `message` can be decoded.

    Raises:
        No: one cannot, with UNKNOWN-CTE (RFC 3516, 4.3).
        Corrupt: the message is damaged.

    """
    for item in items:
        if isinstance(item, Binary | BinarySize):
            await _encoded(message, item.path)


async def pieces(message: IStoredMessage, item: Binary | BinarySize) -> AsyncIterator[bytes]:
    """Yield what is said of one item, all of which is decoded before: NIL, or 0, if the message has no such part."""
    encoded = await _encoded(message, item.path)
    if encoded is None:
        yield b"NIL" if isinstance(item, Binary) else b"0"
        return
    with closing(Spool()) as read, closing(Spool()) as decoded:
        async for piece in taking_turns(message.stream(encoded.span.start, encoded.span.stop)):
            read.write(piece)
        await _decode(read.octets(), encoded.encoding, decoded)
        if isinstance(item, BinarySize):
            yield b"%d" % len(decoded)
            return
        for piece in _literal(decoded.octets(), cut(Span(0, len(decoded)), item.partial)):
            yield piece


async def _encoded(message: IStoredMessage, path: tuple[int, ...]) -> _Encoded | None:
    """Return what a part consists of; only a leaf is encoded, and a whole message is what it is."""
    if not path:
        return _Encoded(Span(0, message.size), b"binary")
    part = find_part(await message.root(), path)
    if part is None:
        return None
    encoding = b"binary"
    if part.kind is Kind.LEAF:
        header = Header(await message.read(part.header, part.body))
        encoding = parse_transfer_encoding(header.get(b"content-transfer-encoding")).lower()
    if encoding not in _ENCODINGS:
        raise No("the transfer encoding of a part is unknown; fetch its BODY", "UNKNOWN-CTE")
    return _Encoded(Span(part.body, part.end), encoding)


async def _decode(octets: Octets, encoding: bytes, into: Spool) -> None:
    steps = _steps(octets, encoding, into)
    if len(octets) <= _AT_ONCE:
        deque(steps, maxlen=0)
    else:
        await coiterate(steps)


def _steps(octets: Octets, encoding: bytes, into: Spool) -> Iterator[None]:
    pieces = (octets[at : at + _PIECE] for at in range(0, len(octets), _PIECE))
    for piece in decode_transfer(pieces, encoding):
        into.write(piece)
        yield


def _literal(octets: Octets, span: Span) -> Iterator[bytes]:
    """Yield a literal, or a literal8 where it must be one: ``literal8 = "~{" number "}" CRLF *OCTET``"""
    tilde = b"~" if octets.find(b"\0", span.start, span.stop) >= 0 else b""
    yield b"%b{%d}\r\n" % (tilde, span.stop - span.start)
    for at in range(span.start, span.stop, _PIECE):
        yield octets[at : min(at + _PIECE, span.stop)]
