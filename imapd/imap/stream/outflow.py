"""Octets on their way to a client, compressed if it asked for that."""

from collections.abc import Callable

from imapd.doors.outflow import ITwoWays, Outflow
from imapd.imap.stream.compression import Deflater


class CompressibleOutflow(Outflow):
    """What one IMAP connection sends."""

    __slots__ = ("_deflater",)

    def __init__(self, transport: ITwoWays, room: Callable[[], None]) -> None:
        """Take what `Outflow` takes."""
        super().__init__(transport, room)
        self._deflater: Deflater | None = None

    def compress(self) -> None:
        """Send everything behind what was written so far compressed (RFC 4978)."""
        self.flush()
        self._deflater = Deflater()

    def end_compression(self) -> None:
        """Send everything behind what was written so far as it is (RFC 8437, 4.1)."""
        self.flush()
        self._deflater = None

    def _encoded(self, pieces: list[bytes]) -> list[bytes]:
        return pieces if self._deflater is None else [self._deflater.deflate(b"".join(pieces))]
