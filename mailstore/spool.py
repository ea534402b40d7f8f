"""A message on its way in: octets as they come, in memory while they are few, else in an unlinked temporary file."""

import mmap
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import Final

MEMORY: Final = 1 << 20
"""Octets kept in memory: above almost every message without attachments, and small beside what a session may use."""

Octets = bytes | mmap.mmap
"""What a scanner reads: supports slices (always `bytes`), `find` and `len`."""


def laid_out(pieces: Iterable[bytes]) -> Octets:
    """Return what comes in pieces as one buffer, which holds no memory of its own where it is large; `OSError`."""
    with SpooledTemporaryFile(max_size=MEMORY) as file:
        for piece in pieces:  # writelines() would take all into memory before it looks at how many they are
            file.write(piece)
        size = file.tell()
        if size <= MEMORY:
            file.seek(0)
            return file.read()
        file.flush()
        return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)


class Spool:
    """Octets written in order, then read as one buffer.  Not to be shared between threads at the same time."""

    def __init__(self, octets: bytes = b"", *, behind: "Spool | None" = None) -> None:
        """Take the first `octets`, and the spool of the message `behind` which this one comes in.

        Messages of one command share a file and its memory, each from the beginning of a page, where a map may begin;
        the earlier one must be written to its end, and all are closed together.
        """
        self._size = self._start = 0
        self._ordinal = 1 if behind is None else behind.ordinal + 1
        self._before = 0 if behind is None else behind.total
        if behind is None:
            self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=MEMORY)  # noqa: SIM115  # closed by close()
        else:
            self._file = behind._file
            self._start = -(-(behind._start + behind._size) // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
            self._file.seek(self._start)
        self._map: mmap.mmap | None = None
        if octets:
            self.write(octets)

    def __len__(self) -> int:
        return self._size

    @property
    def ordinal(self) -> int:
        """Which it is of those that share a file, counted from 1."""
        return self._ordinal

    @property
    def total(self) -> int:
        """Octets in it and in those that it came behind."""
        return self._before + self._size

    def write(self, octets: bytes) -> None:
        """Add `octets` at the end; may raise `OSError` when the disk is full."""
        self._file.write(octets)
        self._size += len(octets)

    def octets(self) -> Octets:
        """Return everything written so far; valid until `close`."""
        self._file.flush()
        if self._size <= MEMORY:
            self._file.seek(self._start)
            return self._file.read(self._size)
        if self._map is None:
            self._map = mmap.mmap(self._file.fileno(), self._size, access=mmap.ACCESS_READ, offset=self._start)
        return self._map

    def close(self) -> None:
        """Let go of the octets."""
        if self._map is not None:
            self._map.close()
        self._file.close()
