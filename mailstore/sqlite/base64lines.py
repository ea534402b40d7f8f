"""Octets whose lines of base64 are kept as what they mean, in a frame of zstd: an attachment, mostly.

zstd would spell the 64 letters by codes of six bits: as short, but they take five times as long to read.  Lines are
taken if they follow one another, all of one length, each with CRLF before it; what is before and behind stays text.

    kept          = before-octets quarters line-octets before behind meant
    before-octets = 2OCTET     ; how many octets are before the lines
    quarters      = 2OCTET     ; a quarter of how many the lines have, with the CRLF before each
    line-octets   = OCTET      ; how many each line has, without CRLF
    before        = *OCTET
    behind        = *OCTET
    meant         = *(3OCTET)  ; what the lines mean as one run of base64 (RFC 4648, section 4), in which the first two
                               ; letters of each line stand in the place of the CRLF before it, too

Numbers have their most significant octet first.  With letters in the place of CRLF no line has to be moved, so that all
is done by slices; and these letters zstd takes for as random as the others.
"""

import binascii
import struct
from typing import Final

from pybase64 import b64decode, b64encode

from mailstore.errors import Corrupt
from mailstore.sqlite.compression import DAMAGED, Packing

_NUMBERS: Final = struct.Struct(">HHB")
_CRLF: Final = b"\r\n"
_SHORTEST: Final = 40
"""Octets of a line.  Most are of 76, some of 72, 64 or 60."""
_LONGEST: Final = 252
_LEAST: Final = 1024
"""Octets of the lines that are worth it."""
LARGEST: Final = 64 << 10
"""Octets that may be kept so: what the numbers have room for."""


class Base64Packing:
    """A way to pack octets that have lines of base64; its codec is below 0, and says which frames it uses."""

    def __init__(self, frames: Packing) -> None:
        self.codec: Final = ~frames.codec
        self._frames = frames

    def pack(self, octets: bytes, level: int) -> tuple[int, bytes] | None:
        """Return the codec and the octets to keep; None if there are no lines of base64, or few."""
        kept = meaning(octets)
        return None if kept is None else (self.codec, self._frames.frame(kept, level))

    def unpack(self, octets: bytes, limit: int) -> bytes:
        """Return what was packed, at most `limit` octets; `Corrupt` if it is not that."""
        kept = self._frames.unpack(octets, limit)
        try:
            text = _spelled(kept) if len(kept) <= limit else kept
        except (struct.error, ValueError) as error:
            raise Corrupt(DAMAGED) from error
        if len(text) > limit:
            raise Corrupt(DAMAGED)
        return text


def meaning(octets: bytes) -> bytes | None:
    """Return octets with lines of base64 as what they mean; None if there are none, or few, or it is over `LARGEST`."""
    if len(octets) > LARGEST:
        return None
    for place in len(octets) // 2, len(octets) * 7 // 8:
        found = _lines(octets, place)
        if found is not None:
            return _meant(octets, *found)
    return None


def _lines(octets: bytes, place: int) -> tuple[int, int, int] | None:
    """Return where lines begin, with the CRLF before the first, and end, and the octets of one; those about a place."""
    first = octets.find(_CRLF, place, place + _LONGEST + 2)
    line = octets.find(_CRLF, first + 2, first + _LONGEST + 4) - first - 2
    if first < 0 or line < _SHORTEST or line % 4:
        return None
    period = line + 2
    start = first - (_ends(octets, first, -period) - 1) * period
    stop = first + (_ends(octets, first, period) - 1) * period
    if octets[stop - 1 : stop] == b"=":  # the end of all, in a line that is full
        stop -= period
    return (start, stop, line) if stop - start >= _LEAST else None


def _ends(octets: bytes, first: int, step: int) -> int:
    """Count the CRLF at `first`, at `first + step` and so on, up to where there is none."""
    returns, feeds = octets[first::step], octets[first + 1 :: step]
    return min(len(returns) - len(returns.lstrip(b"\r")), len(feeds) - len(feeds.lstrip(b"\n")))


def _meant(octets: bytes, start: int, stop: int, line: int) -> bytes | None:
    """Return octets with what lines of them mean; None if they are no base64."""
    stop -= (stop - start) % 4
    letters = bytearray(memoryview(octets)[start:stop])
    period = line + 2
    letters[::period] = letters[2::period]
    letters[1::period] = letters[3::period]
    try:
        meant = b64decode(letters, validate=True)
    except binascii.Error:
        return None
    kept = b"".join((_NUMBERS.pack(start, (stop - start) // 4, line), octets[:start], octets[stop:], meant))
    return kept if _spelled(kept) == octets else None  # "=" at the end is no letter


def _spelled(kept: bytes) -> bytes:
    """Return what `meaning` was given; `struct.error` or `ValueError` if these octets are not from it."""
    before, quarters, line = _NUMBERS.unpack_from(kept)
    view = memoryview(kept)[_NUMBERS.size :]
    end = len(view) - quarters * 3
    if before > end:
        raise ValueError("there is less than it says")
    lines = bytearray(b64encode(view[end:]))
    period = line + 2
    number = -(-len(lines) // period)
    lines[::period] = b"\r" * number
    lines[1::period] = b"\n" * number
    return b"".join((view[:before], lines, view[before:end]))
