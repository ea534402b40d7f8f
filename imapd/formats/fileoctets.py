"""The octets of a file that may be larger than memory, and may change while it is read."""

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from weakref import finalize

from imapd.formats.found import HEAD, PIECE

MARGIN: Final = HEAD
"""Octets behind a piece that are read with it: what begins in one piece and ends in the next is not cut."""


class FileOctets:
    """As many octets as the file had when it was opened; all that reads them may raise `OSError`.

    They are read in pieces and not mapped into memory, since a file that somebody else makes shorter would then end the
    process.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; `OSError`."""
        self._path = path
        self._descriptor = os.open(path, os.O_RDONLY)
        finalize(self, os.close, self._descriptor)  # messages are read from it long after they were found
        self._size = os.fstat(self._descriptor).st_size
        self._held: tuple[int, bytes] = (0, b"")

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, wanted: slice) -> bytes:
        start, stop, _ = wanted.indices(self._size)
        if stop - start > MARGIN:
            return self._read(start, stop)
        first, octets = self._around(start)
        return octets[start - first : max(stop, start) - first]

    def search(self, pattern: re.Pattern[bytes], start: int, stop: int) -> Iterator[int]:
        """Yield where the matches in a range begin; of a pattern that matches more than `MARGIN` octets not all."""
        while start < stop:
            first, octets = self._around(start)
            for match in pattern.finditer(octets, start - first, stop - first):
                if match.start() >= PIECE:
                    break
                yield first + match.start()
            start = first + PIECE

    def _around(self, at: int) -> tuple[int, bytes]:
        """Return where the piece begins that has the octet at `at`, and its octets with those of the margin."""
        first = at // PIECE * PIECE
        if self._held[0] != first or not self._held[1]:
            self._held = first, self._read(first, min(first + PIECE + MARGIN, self._size))
        return self._held

    def _read(self, start: int, stop: int) -> bytes:
        octets = os.pread(self._descriptor, stop - start, start)
        if len(octets) < stop - start:
            raise OSError(errno.EIO, "it became shorter while it was read; import it again", os.fspath(self._path))
        return octets
