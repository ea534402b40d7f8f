"""Messages as POP3 sends them: dots stuffed, a line's end before the last dot, and only the first lines for TOP.

A line begins behind any LF, for to most clients a lone LF ends a line too: a message with LF dot LF in it must not end
the answer for them, or what follows would be taken for the server's words.
"""

from collections.abc import AsyncIterator
from typing import Final

from imapd.pop3.linedots import holds_dot

_CRLF: Final = b"\r\n"


def stuffed(octets: bytes) -> bytes:
    """Return a message with each line's first dot doubled, and CRLF at the end if it is not there.

    ``byte-stuffed`` (RFC 1939, 3)
    """
    ready = _doubled(octets)
    if octets.startswith(b"."):
        ready = b"." + ready
    return ready if not ready or ready.endswith(_CRLF) else ready + _CRLF


async def stuffed_pieces(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the same of a message that comes in pieces."""
    last = _CRLF
    async for piece in pieces:
        ready = _doubled(piece)
        yield b"." + ready if last.endswith(b"\n") and piece.startswith(b".") else ready
        last = (last + piece[-2:])[-2:]
    if last != _CRLF:
        yield _CRLF


def _doubled(octets: bytes) -> bytes:
    """Return octets with the dots of all lines but the first doubled."""
    return octets.replace(b"\n.", b"\n..") if holds_dot(octets) else octets


async def first_lines(pieces: AsyncIterator[bytes], count: int) -> AsyncIterator[bytes]:
    """Yield the octets of a body up to the end of its line `count`."""
    async for piece in pieces:
        lines = piece.count(b"\n")
        if lines >= count:
            rest = piece.split(b"\n", count)[count]
            yield piece[: len(piece) - len(rest)]
            return
        count -= lines
        yield piece
