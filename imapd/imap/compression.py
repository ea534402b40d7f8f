"""The two streams of COMPRESS=DEFLATE (RFC 4978; RFC 1951, without the header of zlib): above TLS, below commands."""

import zlib

from imapd import limits
from imapd.imap.errors import Bye


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

    __slots__ = ("_received", "_stream", "pending")

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        self._received = b""
        self.pending = False
        """Whether there may be something to inflate."""

    def receive(self, data: bytes) -> None:
        """Take what the client sent."""
        self._received += data
        self.pending = True

    def inflate(self) -> bytes:
        """Return the next octets, at most `limits.INFLATED_OCTETS`.

        Raises:
            Bye: this is no deflate stream, or its end; nothing can be read any more.

        """
        self.pending = False
        try:
            octets = self._stream.decompress(self._received, limits.INFLATED_OCTETS)
        except zlib.error:
            raise Bye("what came is not compressed by DEFLATE") from None
        if self._stream.unused_data:
            raise Bye("more came behind the end of the compressed stream")
        self._received = self._stream.unconsumed_tail
        self.pending = bool(self._received) or len(octets) == limits.INFLATED_OCTETS
        return octets
