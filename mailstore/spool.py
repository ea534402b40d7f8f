"""A message on its way in: octets as they come, in memory while they are few, else in an unlinked temporary file."""

import mmap
from tempfile import SpooledTemporaryFile
from typing import Final

MEMORY: Final = 1 << 20
"""Octets kept in memory: above almost every message without attachments, and small beside what a session may use."""

Octets = bytes | mmap.mmap
"""What a scanner reads: supports slices (always `bytes`), `find` and `len`."""


class Spool:
    """Octets written in order, then read as one buffer.  Not to be shared between threads at the same time."""

    def __init__(self, octets: bytes = b"") -> None:
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=MEMORY)  # noqa: SIM115  # closed by close()
        self._size = 0
        self._map: mmap.mmap | None = None
        if octets:
            self.write(octets)

    def __len__(self) -> int:
        return self._size

    def write(self, octets: bytes) -> None:
        """Add `octets` at the end; may raise `OSError` when the disk is full."""
        self._file.write(octets)
        self._size += len(octets)

    def octets(self) -> Octets:
        """Return everything written so far; valid until `close`."""
        self._file.flush()
        if self._size <= MEMORY:
            self._file.seek(0)
            return self._file.read()
        if self._map is None:
            self._map = mmap.mmap(self._file.fileno(), self._size, access=mmap.ACCESS_READ)
        return self._map

    def close(self) -> None:
        """Let go of the octets."""
        if self._map is not None:
            self._map.close()
        self._file.close()
