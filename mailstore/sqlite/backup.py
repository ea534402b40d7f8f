"""A folder into which a store is backed up: laid out as a store, and so opened, checked and restored from as one."""

import fcntl
import os
from pathlib import Path
from typing import Final

from zope.interface import implementer

from mailstore.errors import Conflict
from mailstore.interfaces import IBackup, Progress
from mailstore.model import NO_QUOTA, User
from mailstore.sqlite import accountcopy, opening, swapping
from mailstore.sqlite.connections import translated
from mailstore.sqlite.files import make_folder
from mailstore.sqlite.registry import Registry
from mailstore.sqlite.threads import Threads


@implementer(IBackup)
class Backup:
    """The folder, and the store that is backed up into it; see `IBackup`."""

    def __init__(self, store: Path, registry: Registry, root: Path, threads: Threads) -> None:
        """Open the folder `root`, made if it is not there, for this process alone; blocking; `Conflict`."""
        if root.resolve() == store.resolve():
            raise Conflict("a mail store cannot be backed up into itself")
        self._store: Final = store
        self._registry: Final = registry
        self._root: Final = root
        self._threads: Final = threads
        self._lock: Final = _locked(root)
        self._kept = Registry(root, threads, NO_QUOTA)

    async def update(self, user: User, progress: Progress, *, whole: bool = False) -> bool:
        """Bring one account up to date; return whether anything had changed; `Corrupt`, `Busy`, `Unavailable`."""
        source, target = (opening.account_path(root, user.account) for root in (self._store, self._root))
        await self._threads.to_read(lambda: opening.require(source))
        await self._threads.to_read(lambda: make_folder(target.parent))
        copied = await accountcopy.copy(self._threads, source, target, progress, whole=whole)
        line = await self._registry.line(user.name)
        await self._kept.put(line)
        return copied

    async def users(self) -> list[User]:
        """Return every user of whom there is a backup, by name."""
        return await self._kept.users()

    async def drop(self, user: User) -> None:
        """Remove the backup of an account; `NotFound`."""
        await self._kept.delete(user.name)
        path = opening.account_path(self._root, user.account)
        await self._threads.to_read(lambda: opening.remove(path))
        await self._threads.to_read(lambda: swapping.remove(accountcopy.partial_path(path)))

    async def close(self) -> None:
        """Let go of the folder."""
        await self._kept.close()
        os.close(self._lock)


@translated()
def _locked(root: Path) -> int:
    """Return a descriptor that holds the folder for this process, until it is closed; `Conflict`."""
    make_folder(root)
    descriptor = os.open(root / "backup.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise Conflict("another backup into this folder is under way") from None
    return descriptor
