"""The two streams of COMPRESS=DEFLATE (RFC 4978; RFC 1951, without the header of zlib): above TLS, below commands."""

import zlib
from typing import Final

from imapd import limits
from imapd.imap.errors import Bye

_FLUSHED: Final = b"\0\0\xff\xff"
"""What a flush ends with: an empty block (RFC 1951, 3.2.4), behind which octets may be of no stream any more."""

_FINISHING: Final = b"\3"
"""What a stream that was flushed is finished with: the first octet of a last and empty block.  No command begins so."""


class Deflater:
    """What a client is sent, deflated."""

    __slots__ = ("_stream",)

    def __init__(self) -> None:
        self._stream = zlib.compressobj(
            limits.DEFLATE_LEVEL, zlib.DEFLATED, -limits.DEFLATE_WINDOW_BITS, limits.DEFLATE_MEMORY_LEVEL
        )

    def deflate(self, octets: bytes) -> bytes:
        """Return the next octets of the stream; the client can read all of `octets` from what it has then."""
        return self._stream.compress(octets) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class Inflater:
    """What a client sends, inflated piece by piece, since a few octets may stand for a thousand times as many."""

    __slots__ = ("_before", "_received", "_stream", "pending")

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        self._received = b""
        self._before = b""  # the last few octets inflated
        self.pending = False
        """Whether there may be something to inflate."""

    def receive(self, data: bytes) -> None:
        """Take what the client sent."""
        self._received += data
        self.pending = True

    def inflate(self) -> bytes:
        """Return the next octets, at most `limits.INFLATED_OCTETS`, and at most up to where the client has flushed.

        Raises:
            Bye: this is no deflate stream, or comes behind its end; nothing can be read any more.

        """
        self.pending = False
        if self._stream.eof and self._received:
            raise Bye("more came behind the end of the compressed stream")
        piece = self._piece()
        try:
            octets = self._stream.decompress(piece, limits.INFLATED_OCTETS)
        except zlib.error:
            raise Bye("what came is not compressed by DEFLATE") from None
        left = self._stream.unused_data or self._stream.unconsumed_tail
        self._before = (self._before + piece[: len(piece) - len(left)])[-len(_FLUSHED) :]
        self._received = left + self._received[len(piece) :]
        self.pending = bool(self._received) or len(octets) == limits.INFLATED_OCTETS
        return octets

    def _piece(self) -> bytes:
        """Return what was received up to where the client has flushed."""
        begun = self._before[1:]
        flushed = (begun + self._received).find(_FLUSHED)
        return self._received if flushed < 0 else self._received[: flushed + len(_FLUSHED) - len(begun)]

    def behind(self, data: bytes = b"") -> bytes | None:
        """Return what is of the stream no more, with `data` behind what was received; None if its end has not come.

        The stream ends where the client has flushed or finished it; both may come behind all that was compressed.
        """
        octets, self._received = self._received + data, b""
        for at in range(len(octets)):
            octet = octets[at : at + 1]
            if self._stream.eof or (self._before == _FLUSHED and octet != _FINISHING):
                return octets[at:]
            try:
                self._stream.decompress(octet)
            except zlib.error:
                return octets[at:]
            self._before = (self._before + octet)[-len(_FLUSHED) :]
        return b"" if self._stream.eof else None
