"""What the system says of a database that is written to, so that nobody has to open it to see that nothing came."""

import time
from pathlib import Path
from typing import Final

Marks = tuple[tuple[int, int], ...]
"""Octets and nanoseconds since 1970 UTC, of the database and of its log."""

_YOUNG_NANOSECONDS: Final = 2_000_000_000
"""Within which two changes may bear the same time: on most systems some milliseconds."""


def marks(path: Path) -> Marks:
    """Return what is another with each commit; an empty log is as good as none."""
    return _mark(path), _mark(path.with_name(f"{path.name}-wal"))


def is_young(found: Marks) -> bool:
    """Tell whether one more change could leave the same marks."""
    return any(time.time_ns() - nanoseconds < _YOUNG_NANOSECONDS for _, nanoseconds in found)


def _mark(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return (status.st_size, status.st_mtime_ns) if status.st_size else (0, 0)
