"""A message on its way in: octets as they come, in memory while they are few, else in an unlinked temporary file."""

import mmap
import os
from collections.abc import Iterable
from io import BytesIO
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO, Final

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
    """Octets written in order, then read as one buffer.  Not to be shared between threads at the same time.

    (Not a `SpooledTemporaryFile`: what comes in one piece, as most messages do, is read as that piece, never copied.)
    """

    def __init__(self, octets: bytes = b"", *, behind: "Spool | None" = None) -> None:
        """Take the first `octets`, and the spool of the message `behind` which this one comes in.

        Messages of one command share a file and its memory; the earlier one must be written to its end, and all are
        closed together.
        """
        self._size = 0
        self._ordinal = 1 if behind is None else behind.ordinal + 1
        self._before = 0 if behind is None else behind.total
        self._file: _File = _File() if behind is None else behind._file
        self._memory: BytesIO | None = BytesIO()
        self._start = 0  # in the file, once it is not in memory
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
        if self._memory is not None and self.total + len(octets) > MEMORY:
            self._start = self._file.begin()
            self._file.open.write(self._memory.getvalue())
            self._memory = None
        if self._memory is None:
            self._file.open.write(octets)
        elif self._size:
            self._memory.seek(self._size)
            self._memory.write(octets)
        else:
            self._memory = BytesIO(octets)
        self._size += len(octets)

    def octets(self) -> Octets:
        """Return everything written so far; valid until `close`."""
        if self._memory is not None:
            return self._memory.getvalue()
        file = self._file.open
        file.flush()
        if self._size <= MEMORY:
            file.seek(self._start)
            return file.read(self._size)
        if self._map is None:
            self._map = mmap.mmap(file.fileno(), self._size, access=mmap.ACCESS_READ, offset=self._start)
        return self._map

    def close(self) -> None:
        """Let go of the octets."""
        if self._memory is not None:
            self._memory.close()
        if self._map is not None:
            self._map.close()
        self._file.close()


class _File:
    """Where those of a command's messages lie that are too much for memory."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None

    @property
    def open(self) -> IO[bytes]:
        """The file, which is made when it is needed."""
        if self._file is None:
            self._file = TemporaryFile()  # noqa: SIM115  # closed by close()
        return self._file

    def begin(self) -> int:
        """Go to where another message is written, and return that: the beginning of a page, where a map may begin."""
        end = self.open.seek(0, os.SEEK_END)
        return self.open.seek(-(-end // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
