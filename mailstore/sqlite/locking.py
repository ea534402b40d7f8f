"""The lock on an account's maildrop: of a file beside the account, so that it ends with the process that holds it."""

import fcntl
import os
from pathlib import Path

from mailstore.errors import Conflict
from mailstore.sqlite.connections import translated
from mailstore.sqlite.threads import Threads


class MaildropLock:
    """See `mailstore.interfaces.ILock`."""

    def __init__(self, descriptor: int, threads: Threads) -> None:
        """Take the open file, which is locked, and where it is written to."""
        self._descriptor = descriptor
        self._threads = threads

    @property
    def last(self) -> float:
        """When `note` was called last, in seconds since 1970 UTC; 0 if never."""
        stat = os.fstat(self._descriptor)
        return stat.st_mtime if stat.st_size else 0.0

    async def note(self) -> None:
        """Note that somebody has the lock now."""
        await self._threads.to_read(lambda: os.pwrite(self._descriptor, b"1", 0))

    async def release(self) -> None:
        """Let others take the lock; to be called once."""
        os.close(self._descriptor)  # nothing is written, so here and at once: who was lost may come back at once


async def lock(path: Path, threads: Threads) -> MaildropLock:
    """Lock a file, made if it is not there; `Conflict` if it is locked, in this process or another."""
    return MaildropLock(await threads.to_read(lambda: _locked(path)), threads)


async def is_locked(path: Path, threads: Threads) -> bool:
    """Tell whether somebody has the lock of a file; who asks for it at this very moment may be refused."""
    return await threads.to_read(lambda: _is_locked(path))


@translated()
def _is_locked(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@translated()
def _locked(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise Conflict("another session has the maildrop") from None
        raise
    return descriptor
