"""A file of an older program is brought up to date, and kept as it was for some weeks; everything here blocks."""

import os
import random
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import apsw

from mailstore.errors import Busy
from mailstore.sqlite import connections
from mailstore.sqlite.alone import alone
from mailstore.sqlite.committing import commit
from mailstore.sqlite.files import sync
from mailstore.sqlite.transactions import Writer

KEPT_DAYS: Final = 30
"""How long the file is kept as it was: long enough to notice that an upgrade was a mistake."""
DAMAGED: Final = ".damaged-"
"""Follows the name of a file that was kept when all that could be read of it was written anew."""
_DAY: Final = 24 * 60 * 60
_RETRY_SECONDS: Final = 0.05


def bring_up_to_date(path: Path, version: int, take_steps: Callable[[Writer], None], patience: float) -> None:
    """Take the steps that lead to a version, in one transaction, while nobody else has the file open.

    A program that knows the older version only would go on writing what the newer one no more expects.

    Raises:
        Busy: somebody has it open for longer than `patience`, in seconds.
        Unavailable: the disk has no room, say.  Then the file is as it was.

    """
    deadline = time.monotonic() + patience
    while True:
        try:
            with alone(path) as connection:
                _upgrade(connection, path, version, take_steps)
            with suppress(OSError):  # an older register has none
                os.utime(path.with_suffix(".bell"))  # there is something to index, since nobody could read it before
            return
        except Busy:
            if _version(path, patience) >= version:
                return
            if time.monotonic() > deadline:
                raise Busy("the mail store must be upgraded: stop the older program that uses it") from None
            time.sleep(random.uniform(0, _RETRY_SECONDS))  # noqa: S311  # no secret


def _version(path: Path, patience: float) -> int:
    """Return what another process has brought the file to; 0 if that cannot be read just now."""
    with suppress(Busy), closing(connections.reading(path, patience=patience)) as connection:
        return int(connection.pragma("user_version"))
    return 0


def _upgrade(connection: apsw.Connection, path: Path, version: int, take_steps: Callable[[Writer], None]) -> None:
    if connection.pragma("user_version") < version:  # else another process was here first
        _keep(connection, copy_path(path, version))
    connection.pragma("synchronous", "FULL")
    [outcome] = commit(connection, [take_steps])
    if isinstance(outcome, Exception):
        raise outcome


def copy_path(path: Path, version: int) -> Path:
    """Return where a file is kept as it was before it was brought to a version."""
    return path.with_name(f"{path.name}.before-{version:03}")


def _keep(source: apsw.Connection, target: Path) -> None:
    """Copy a file that nobody else writes to, and see the copy to the disk."""
    making = target.with_name(f"{target.name}.partial")
    making.unlink(missing_ok=True)
    making.touch(0o600)
    with closing(apsw.Connection(str(making))) as copy, copy.backup("main", source, "main") as copying:
        while not copying.done:
            copying.step(-1)
    sync(making)
    making.replace(target)
    sync(target.parent)


def forget_copies(path: Path) -> None:
    """Remove copies, and damaged files, that were kept long enough."""
    before = time.time() - KEPT_DAYS * _DAY
    for copy in _copies(path):
        with suppress(FileNotFoundError):  # another process does the same, or makes one
            if copy.stat().st_mtime < before:
                copy.unlink()


def remove_copies(path: Path) -> None:
    """Remove every copy of a file that is removed itself."""
    for copy in _copies(path):
        copy.unlink(missing_ok=True)


def _copies(path: Path) -> list[Path]:
    prefixes = f"{path.name}.before-", f"{path.name}{DAMAGED}"
    return [path.with_name(name) for name in os.listdir(path.parent) if name.startswith(prefixes)]
