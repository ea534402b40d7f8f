"""Sorting more keys than memory should hold: sorted runs in a temporary file, merged as they are read."""

from array import array
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import accumulate, pairwise
from tempfile import SpooledTemporaryFile
from typing import Final

from mailstore.errors import Unavailable

RUN: Final = 20_000
"""Keys that are sorted at once: some milliseconds."""
RUN_OCTETS: Final = 4 << 20
"""Octets that they have at most, but for the last ones added."""
BLOCK: Final = 500
"""Keys of a run that are read at once: a million messages make 50 runs, each with a block in memory."""
MEMORY: Final = 1 << 20
"""Octets that are kept before there is a file."""

Block = tuple[int, int]
"""Where keys stand in the file, and how many; their lengths come first."""


class SortedRuns:
    """Octet strings of at most 64 KiB, given in any order and returned in ascending order, equal ones all."""

    def __init__(self) -> None:
        self._gathered: list[bytes] = []
        self._octets = 0
        self._runs: list[list[Block]] = []
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=MEMORY)  # noqa: SIM115  # close()

    def __enter__(self) -> "SortedRuns":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        """Yield every key; nothing may be added meanwhile."""
        self._gathered.sort()
        return merge(*map(self._read, self._runs), self._gathered) if self._runs else iter(self._gathered)

    def add(self, keys: Sequence[bytes]) -> None:
        """Take some hundred keys, none of them empty; `Unavailable` when the disk is full."""
        self._gathered += keys
        self._octets += sum(map(len, keys))
        if len(self._gathered) >= RUN or self._octets >= RUN_OCTETS:
            try:
                self._runs.append(self._written())
            except OSError as error:
                raise Unavailable("no room to sort in") from error
            self._gathered, self._octets = [], 0

    def _written(self) -> list[Block]:
        self._gathered.sort()
        blocks = []
        for start in range(0, len(self._gathered), BLOCK):
            keys = self._gathered[start : start + BLOCK]
            blocks.append((self._file.tell(), len(keys)))
            self._file.write(array("H", map(len, keys)).tobytes() + b"".join(keys))
        return blocks

    def _read(self, run: list[Block]) -> Iterator[bytes]:
        for start, count in run:
            self._file.seek(start)
            lengths = array("H", self._file.read(2 * count))
            octets = self._file.read(sum(lengths))
            yield from [octets[first:stop] for first, stop in pairwise(accumulate(lengths, initial=0))]
