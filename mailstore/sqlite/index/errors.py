"""What may go wrong with an index: never anybody's loss but its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import apsw

from mailstore.errors import Corrupt

FAILURES: Final = (apsw.Error, OSError, Corrupt, LookupError, ValueError, TypeError, OverflowError)
"""What reading an index may raise, damaged as it may be."""
_PASSING: Final = (
    OSError, apsw.BusyError, apsw.LockedError, apsw.FullError, apsw.IOError, apsw.NoMemError, apsw.CantOpenError
)  # fmt: skip


class Inconsistent(ValueError):
    """Something is missing that the rest of the index speaks of."""


class IndexLost(Exception):
    """The index cannot be used now; whoever asked it asks again without."""


class NotNow(IndexLost):
    """Nothing can be done for the index before something happens to the account."""


class IndexDamaged(IndexLost):
    """The index is wrong, and can never be used again."""


def lost(error: Exception) -> IndexLost:
    """Return what a failure means."""
    return IndexLost() if isinstance(error, _PASSING) else IndexDamaged()


@contextmanager
def guarded() -> Iterator[None]:
    """Raise what goes wrong with an index as `IndexLost`."""
    try:
        yield
    except FAILURES as error:
        raise lost(error) from error
