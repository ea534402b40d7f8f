"""All accounts of one folder, and the register of who may use them."""

import secrets
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from mailstore.aliases import Alias
from mailstore.errors import AlreadyExists, NotFound, StoreError
from mailstore.interfaces import IMailStore, Progress
from mailstore.model import AccountId, OwnQuota, User
from mailstore.policy import Policy
from mailstore.renderings import Rendering
from mailstore.sqlite import opening
from mailstore.sqlite.account import Account
from mailstore.sqlite.accounts import TIDY_SECONDS, Accounts
from mailstore.sqlite.backup import Backup
from mailstore.sqlite.bell import Hearing
from mailstore.sqlite.damage import Damage
from mailstore.sqlite.inspecting import Inspection
from mailstore.sqlite.registry import Registry, user_name
from mailstore.sqlite.restoring import Restoring
from mailstore.sqlite.threads import IReactor, Threads

POLL_SECONDS: Final = 5.0
"""Between looks at the register and every open account, for a change by another process of which no bell was heard."""
LOOKS_AT_ONCE: Final = 100
"""A millisecond, before others have the reactor."""
REST_SECONDS: Final = 10.0
"""Without a question or a write, until an account lets go of its connections; at most twice as long."""

_log = Logger()


@implementer(IMailStore)
class Store:
    """The accounts in a folder; see `IMailStore`."""

    def __init__(
        self, root: Path, renderings: Sequence[Rendering], reactor: IReactor, policy: Policy, *, at_rest: bool
    ) -> None:
        """Open the folder, made if it is not there; blocking; `Unavailable`, `Corrupt`.

        One `at_rest` must be there (`NotFound`), and is not tidied.
        """
        self._root = root
        self._threads = Threads(reactor)
        self._registry = Registry(root, self._threads, policy.quota, at_rest=at_rest)
        self._hearing = Hearing(reactor)
        self._renderings = renderings
        self._inspection = Inspection(root, renderings, self._threads, self._registry)
        self._accounts = Accounts(
            root,
            renderings,
            self._threads,
            self._hearing,
            registry=self._registry,
            policy=policy,
            damaged=Damage(reactor, root, self._registry).found,
            tidied=not at_rest,
        )
        self._threads.start()
        self._calls = [self._repeat(self._look, POLL_SECONDS)]
        if not at_rest:
            self._calls.append(self._repeat(self._rest, REST_SECONDS))
            self._calls.append(self._repeat(self._tidy, TIDY_SECONDS))

    async def add_user(self, name: str, password_hash: str) -> User:
        """Make a user and an account; `AlreadyExists`, `InvalidName`."""
        name = user_name(name)
        await self._refuse_known(name)
        account_id = AccountId(secrets.token_hex(16))
        path = opening.account_path(self._root, account_id)
        await self._threads.to_read(lambda: opening.create(path, self._renderings))
        try:
            return await self._registry.add(name, account_id, password_hash)
        except StoreError:
            await self._remove_unknown(account_id)
            raise

    async def _remove_unknown(self, account_id: AccountId) -> None:
        """Remove an account that was made for nothing; if nobody can say whether it was, it stays."""
        with suppress(StoreError):
            if not any(user.account == account_id for user in await self._registry.users()):
                await self._accounts.remove(account_id)

    async def _refuse_known(self, name: str) -> None:
        try:
            await self._registry.user(name)
        except NotFound:
            return
        raise AlreadyExists("there is such a user already")

    async def users(self) -> list[User]:
        """Return every user, by name."""
        return await self._registry.users()

    async def user(self, name: str) -> User:
        """Return the user whose name this is; `NotFound`."""
        return await self._registry.user(name)

    async def addressee(self, *names: str) -> tuple[User, str]:
        """Return whose the first of `names` is that is a user's name or alias, and which it is; `NotFound`."""
        return await self._registry.addressee(names)

    async def aliases(self, name: str | None = None) -> list[Alias]:
        """Return the aliases of a user, or of all, by name; `NotFound`."""
        return await self._registry.aliases(name)

    async def add_alias(self, name: str, alias: str) -> None:
        """Give a user an alias; `NotFound`, `AlreadyExists`, `InvalidName`, `TooBig`."""
        await self._registry.add_alias(name, alias)

    async def remove_alias(self, name: str, alias: str) -> None:
        """Take an alias from a user; `NotFound`."""
        await self._registry.remove_alias(name, alias)

    async def credentials(self, name: str) -> tuple[User, str]:
        """Return the user whose name this is, and the hash of the password; `NotFound`."""
        return await self._registry.credentials(name)

    async def set_password_hash(self, name: str, password_hash: str, instead_of: str | None = None) -> None:
        """Replace the user's hash, or only the one that is named; `NotFound`, also if it is another."""
        await self._registry.set_password_hash(name, password_hash, instead_of)

    async def set_quota(self, name: str, quota: OwnQuota) -> None:
        """Replace the user's own limits; `NotFound`."""
        await self._registry.set_quota(name, quota)

    async def delete_user(self, name: str) -> None:
        """Remove a user, the account and all its mail; `NotFound`."""
        user = await self._registry.delete(name)
        await self._accounts.remove(user.account)

    async def account(self, account_id: AccountId) -> Account:
        """Open an account, or hand out the open one; `NotFound`, `Unavailable`, `Corrupt`."""
        return await self._accounts.hold(account_id)

    async def check(self, account_id: AccountId, progress: Progress) -> list[str]:
        """Return what does not agree in an account, in words for an administrator; `NotFound`, `Unavailable`."""
        return await self._inspection.check(account_id, progress)

    async def repair(self, account_id: AccountId, progress: Progress) -> list[str]:
        """Put right what can be put right; return what was done; `NotFound`, `Unavailable`."""
        return await self._inspection.repair(account_id, progress)

    async def check_register(self) -> list[str]:
        """Return what is wrong with the register of users and their accounts."""
        return await self._inspection.check_register()

    async def backup(self, place: str) -> Backup:
        """Open a folder to back the accounts up into; `Conflict`, `Unavailable`, `Corrupt`."""
        return await self._threads.to_read(lambda: Backup(self._root, self._registry, _absolute(place), self._threads))

    async def restore(
        self, place: str, name: str, new_name: str, progress: Progress, *, replace: bool = False
    ) -> User:
        """Bring a whole account back from a backup; `NotFound`, `AlreadyExists`, `Conflict`, `Corrupt`."""
        restoring = Restoring(self._threads, self._root, self._registry)
        return await restoring.restore(_absolute(place), name, new_name, progress, replace=replace)

    async def close(self) -> None:
        """Finish what is being written, close every account."""
        for call in self._calls:
            call.stop()
        await self._accounts.close()
        await self._registry.close()
        self._hearing.stop()
        self._threads.stop()

    def _repeat(self, work: Callable[[], Coroutine[Any, Any, None]], seconds: float) -> LoopingCall:
        """Work again and again, whatever becomes of it."""
        call = LoopingCall(lambda: Deferred.fromCoroutine(work()).addErrback(_log_failure))
        call.clock = self._threads.reactor
        call.start(seconds, now=False)
        return call

    async def _look(self) -> None:
        """Look at the register, and at the accounts, a few at a time."""
        self._registry.look_again()
        for number, account in enumerate(self._accounts.open_ones(), 1):
            account.look_again()
            if account.database.is_alone:
                await account.rest()  # others may wait for it
            if not number % LOOKS_AT_ONCE:
                await self._threads.pause()

    async def _rest(self) -> None:
        for number, account in enumerate(self._accounts.open_ones(), 1):
            await account.rest()
            if not number % LOOKS_AT_ONCE:
                await self._threads.pause()

    async def _tidy(self) -> None:
        for account in self._accounts.open_ones():
            await account.tidy()


def _log_failure(failure: Failure) -> None:
    _log.failure("looking after the accounts", failure)


def _absolute(place: str) -> Path:
    return Path(place).absolute()
