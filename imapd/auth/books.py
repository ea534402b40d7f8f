"""What all workers know together: how many connections there are, and which logins failed of late.

It lies in memory that they share.  Each counts its own connections in a column of its own and reads those of all; what
one leaves behind that was killed, their parent wipes out.  The failures are in one table, which they write in turn.
"""

import fcntl
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from mmap import mmap
from secrets import token_bytes
from struct import Struct
from typing import Final

from imapd.auth.table import Digests, Table

COUNTED: Final = 1 << 15
"""Users and addresses that one worker counts, in 400 KB: more than it has connections."""
FAILURES: Final = 1 << 15
"""Names and addresses whose failures are remembered, in 1 MB."""

_SECRET_OCTETS: Final = 64
_COUNT: Final = Struct("=I")
_FAILURE: Final = Struct("=ddI")
_FAILURES_OCTETS: Final = Table.octets(FAILURES, _FAILURE)
_LOAD_OCTETS: Final = 4
_COLUMN_OCTETS: Final = Table.octets(COUNTED, _COUNT)


class Tally:
    """How many of each key there are among all workers.

    Two that count at the same moment do not see each other: a limit may be passed by one for each other worker.
    """

    def __init__(self, digests: Digests, own: Table, others: Sequence[Table]) -> None:
        """Take what makes keys short, the table to count in, and those of the other workers."""
        self._digests = digests
        self._own, self._others = own, others
        self.counts: Final[Counter[str]] = Counter()
        """What this process has counted."""

    def total(self, key: str) -> int:
        """Return how many there are."""
        digest = self._digests.of(key)
        return self.counts[key] + sum(int(found[0]) for other in self._others if (found := other.get(digest)))

    def add(self, key: str, number: int) -> None:
        """Count `number` more, or fewer if it is below 0."""
        self.counts[key] += number
        if self.counts[key] > 0:
            self._own.put(self._digests.of(key), self.counts[key])
        else:
            del self.counts[key]
            self._own.remove(self._digests.of(key))


class Loads:
    """How many connections each worker has that takes clients."""

    def __init__(self, memory: memoryview, own: int) -> None:
        """Take a number for each column, 0 where no clients are taken, else one more than the connections; our own."""
        self._numbers, self._own = memory.cast("I"), own
        self._connections = 0

    def begin(self) -> None:
        """Say that clients are taken from here on."""
        self._numbers[self._own] = 1 + self._connections

    def end(self) -> None:
        """Say that none are taken any more."""
        self._numbers[self._own] = 0

    def add(self, number: int) -> None:
        """Count `number` more, or fewer if it is below 0."""
        self._connections += number
        if self._numbers[self._own]:
            self.begin()

    def another_has_less(self) -> bool:
        """Tell whether another one has fewer, so that the next client is better off there."""
        numbers = self._numbers.tolist()
        return any(0 < number < numbers[self._own] for number in numbers)


class Books:
    """The memory, and the tables in it."""

    def __init__(self, columns: int = 1, own: int = 0, file: int | None = None) -> None:
        """Open the books that are in a file, or without one those of a process alone.

        Args:
            columns: how many processes may count at one time, the same for all.
            own: which of them this one is.
            file: its descriptor; an empty one is made ready.

        """
        self._file = file
        sizes = [_SECRET_OCTETS, _FAILURES_OCTETS, _LOAD_OCTETS * columns, *[_COLUMN_OCTETS] * columns]
        secret, failures, self._loads, *self._columns = _cut(memoryview(_mapped(file, sum(sizes))), sizes)
        if not any(secret):
            secret[:] = token_bytes(_SECRET_OCTETS)
        tables = [Table(column, _COUNT) for column in self._columns]
        self.digests: Final = Digests(bytes(secret))
        self.failures: Final = Table(failures, _FAILURE)
        self.loads: Final = Loads(self._loads, own)
        self.tally: Final = Tally(self.digests, tables.pop(own), tables)

    def wipe(self, column: int) -> None:
        """Forget what a process counted that has ended."""
        self._loads[column * _LOAD_OCTETS : (column + 1) * _LOAD_OCTETS] = bytes(_LOAD_OCTETS)
        self._columns[column][:] = bytes(_COLUMN_OCTETS)

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Let no other process write the failures meanwhile; one that dies gives up its turn."""
        if self._file is None:
            yield
            return
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)


def _mapped(file: int | None, octets: int) -> mmap:
    if file is None:
        return mmap(-1, octets)
    os.ftruncate(file, octets)
    return mmap(file, octets)


def _cut(memory: memoryview, sizes: Sequence[int]) -> Iterator[memoryview]:
    """Yield pieces of these sizes."""
    for size in sizes:
        yield memory[:size]
        memory = memory[size:]
