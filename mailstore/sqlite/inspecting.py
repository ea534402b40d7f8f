"""The files of accounts are looked at and mended as they are, open or not, and however damaged."""

import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from mailstore.errors import Busy, Corrupt
from mailstore.interfaces import Progress
from mailstore.model import AccountId
from mailstore.renderings import Rendering
from mailstore.sqlite import opening
from mailstore.sqlite.check import check
from mailstore.sqlite.database import Database
from mailstore.sqlite.registry import Registry
from mailstore.sqlite.repair import repair
from mailstore.sqlite.rescuing import rescue
from mailstore.sqlite.salvaging import RowsLost
from mailstore.sqlite.threads import Threads

T = TypeVar("T")

IN_USE: Final = (
    "pages are damaged that hold what is nowhere else, and the account is in use: end its sessions, or stop the server,"
    " and repair it again; nothing was changed"
)
YOUNG_SECONDS: Final = 60.0
"""A file of which nobody is the owner, and that is younger, may be about to be somebody's."""


class Inspection:
    """What an administrator may want to know of the files."""

    def __init__(self, root: Path, renderings: Sequence[Rendering], threads: Threads, registry: Registry) -> None:
        self._root = root
        self._renderings = renderings
        self._threads = threads
        self._registry = registry

    async def check(self, account_id: AccountId, progress: Progress) -> list[str]:
        """Return what does not agree in an account, in words for an administrator; `NotFound`, `Unavailable`."""
        try:
            return await self._with(account_id, partial(check, registered=self._renderings, progress=progress))
        except Corrupt:
            return ["the file is no database, or its first page is damaged; restore it from a backup"]

    async def repair(self, account_id: AccountId, progress: Progress) -> list[str]:
        """Put right what can be put right; return what was done; `NotFound`, `Unavailable`."""
        mend = partial(repair, registered=self._renderings, progress=progress)
        try:
            return await self._with(account_id, mend)
        except RowsLost:
            path = opening.account_path(self._root, account_id)
        except Corrupt:  # not even a database
            return []
        try:
            saved = await self._threads.to_read(lambda: rescue(path))
        except Busy:
            return [IN_USE]
        return saved + await self._with(account_id, mend)

    async def _with(self, account_id: AccountId, work: Callable[[Database], Awaitable[T]]) -> T:
        path = opening.account_path(self._root, account_id)
        bell, reading = await self._threads.to_read(lambda: opening.open_bare(path))
        database = Database(path, reading, self._threads, ring=bell.ring)
        try:
            return await work(database)
        finally:
            await database.close()
            bell.close()

    async def check_register(self) -> list[str]:
        """Return what is wrong with the register, and which accounts are nobody's or are not there."""
        problems = await self._registry.check()
        there = await self._threads.to_read(self._files)
        owners = {opening.account_path(self._root, user.account): user.name for user in await self._registry.users()}
        problems += (
            f"the account of {owner} is not there ({path}); restore it from a backup"
            for path, owner in owners.items()
            if path not in there
        )
        problems += (
            f"{path} is nobody's account: a user was being made or deleted when the machine stopped;"
            " remove it, unless the register is older than it"
            for path, changed in there.items()
            if path not in owners and changed < time.time() - YOUNG_SECONDS
        )
        return problems

    def _files(self) -> dict[Path, float]:
        return {path: path.stat().st_mtime for path in sorted(self._root.glob("accounts/*/*.db"))}
