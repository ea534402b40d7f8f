"""A database file takes the name of another; everything here blocks."""

from pathlib import Path

from mailstore.errors import Corrupt
from mailstore.sqlite import connections
from mailstore.sqlite.alone import alone
from mailstore.sqlite.files import sync


@connections.translated()
def put_in_place(making: Path, target: Path) -> None:
    """Give a file that is whole, and that nobody has open, the name of the target, in place of what has it; `Busy`."""
    sync(making)
    if target.exists():
        _displace(target, making)
    else:
        making.rename(target)
    sync(target.parent)


def _displace(target: Path, making: Path) -> None:
    try:
        with alone(target) as connection:
            connection.pragma("journal_mode", "DELETE")  # or closing it would remove the log of what has its name then
            making.rename(target)
    except Corrupt:
        remove(target)
        making.rename(target)


@connections.translated()
def remove(path: Path) -> None:
    """Remove a database that nobody has open, the log last: without the file it is nothing."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
