"""Files and folders that only their owner can read, and that survive a power cut."""

import os
from pathlib import Path


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, and see their names to the disk; blocking."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(0o700, exist_ok=True)
    sync(path.parent)


def is_gone(path: Path, descriptor: int | None = None) -> bool:
    """Tell whether there is certainly no such file, or another than the open one that had the name; blocking.

    A disk or a folder that does not answer says nothing.
    """
    try:
        status = path.stat()
        return descriptor is not None and not os.path.samestat(status, os.fstat(descriptor))
    except OSError as error:
        return isinstance(error, FileNotFoundError)


def sync(path: Path) -> None:
    """See a file's octets, or the names in a folder, to the disk; blocking."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
