"""Whole accounts come back from a backup.

The account's file is made anew, under an id that no file in the store has, and only then the register is told.  So
nothing that is there is ever written over, and no process takes one file for another.
"""

import secrets
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from attrs import frozen

from mailstore.errors import AlreadyExists, Busy, Conflict, Corrupt, NotFound
from mailstore.interfaces import Progress
from mailstore.model import NO_QUOTA, AccountId, User
from mailstore.sqlite import accountcopy, opening, swapping
from mailstore.sqlite.alone import alone
from mailstore.sqlite.files import is_gone, make_folder
from mailstore.sqlite.registry import Line, Registry, user_name
from mailstore.sqlite.threads import Threads

PATIENCE_SECONDS: Final = 1.0
"""How long the indexer may have an account open that nobody else has."""


@frozen
class Restoring:
    """The store that accounts come back to."""

    threads: Threads
    root: Path
    registry: Registry

    async def restore(self, backup: Path, name: str, new_name: str, progress: Progress, *, replace: bool) -> User:
        """Bring an account back; see `IMailStore.restore`."""
        line, source = await self._find(backup, name)
        new_name = user_name(new_name)
        there = await self._user(new_name)
        if there and not replace:
            raise AlreadyExists("there is such a user already")
        path = await self.threads.to_read(lambda: _free_path(self.root, source))
        try:
            await accountcopy.copy(self.threads, source, path, progress)
        except BaseException:
            await self.threads.to_read(lambda: swapping.remove(accountcopy.partial_path(path)))
            raise
        try:
            await self._register(line, new_name, there, AccountId(path.stem))
        except (AlreadyExists, NotFound, Conflict):  # after other errors nobody can say whether the register has it
            await self.threads.to_read(lambda: opening.remove(path))
            raise
        return await self.registry.user(new_name)

    async def _register(self, line: Line, name: str, there: User | None, account_id: AccountId) -> None:
        """Give an account to the user, who is added if not there."""
        if there is None:
            await self.registry.add_line(line, name, account_id)
        else:
            await self._exchange(there, account_id)

    async def _find(self, backup: Path, name: str) -> tuple[Line, Path]:
        """Return what the backup knows of a user, and where the account is; `NotFound`."""
        registry = await self.threads.to_read(lambda: Registry(backup, self.threads, NO_QUOTA, at_rest=True))
        try:
            user = await registry.user(name)
            return await registry.line(name), opening.account_path(backup, user.account)
        finally:
            await registry.close()

    async def _user(self, name: str) -> User | None:
        try:
            return await self.registry.user(name)
        except NotFound:
            return None

    async def _exchange(self, user: User, account_id: AccountId) -> None:
        """Give a user another account, and remove the old one, while nobody can open that; `Conflict`."""
        old = opening.account_path(self.root, user.account)
        held = ExitStack()
        try:
            await self.threads.to_read(lambda: _hold(held, old))
            await self.registry.set_account(user, account_id)
            await self.threads.to_read(lambda: opening.remove(old))
        finally:
            await self.threads.to_read(held.close)


def _free_path(root: Path, source: Path) -> Path:
    """Return where the account goes: under its own id if nothing is left of it here, or else under a new one."""
    path = opening.account_path(root, AccountId(source.stem))
    while not opening.is_free(path):
        path = opening.account_path(root, AccountId(secrets.token_hex(16)))
    make_folder(path.parent)
    return path


def _hold(held: ExitStack, old: Path) -> None:
    """Keep everybody from opening an account; one that is missing or damaged nobody can use."""
    try:
        if not is_gone(old):
            held.enter_context(alone(old, PATIENCE_SECONDS))
    except Busy:
        raise Conflict("the account is in use") from None
    except Corrupt:
        return
