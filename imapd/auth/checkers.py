"""The cred checker: names and passwords against the store's register."""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.threadpool import ThreadPool
from zope.interface import implementer

from imapd.auth.passwords import Password, UnreadableHashError, hash_password, is_outdated, unmatchable_hash, verify
from imapd.auth.verified import Verified
from mailstore.errors import NotFound, StoreError
from mailstore.interfaces import IMailStore
from mailstore.model import AccountId, User

_P = ParamSpec("_P")
_T = TypeVar("_T")

_THREADS: Final = 2
"""Hashes at one time: each takes a core and some 20 MB, and the reactor needs a core too."""

_NOBODY: Final = User("", AccountId(""))


@implementer(ICredentialsChecker)
class PasswordChecker:
    """Checks passwords in threads of its own, so that neither the reactor nor the store's writes wait for a hash.

    `start` before the first login, `stop` after the last.  An unknown name costs the time of a wrong password, so
    that nobody learns by asking who has an account.
    """

    credentialInterfaces = (IUsernamePassword,)
    _log = Logger()

    def __init__(self, store: IMailStore, reactor: IReactorFromThreads, seconds: Callable[[], float]) -> None:
        """Take the register, where hashes are answered, and what tells the seconds."""
        self._store = store
        self._reactor = reactor
        self._threads = ThreadPool(0, _THREADS, name="passwords")
        self._unmatchable = unmatchable_hash()
        self._verified = Verified(seconds)

    def start(self) -> None:
        """Begin to take logins."""
        self._threads.start()

    def stop(self) -> None:
        """Wait for the hashes that are being made, and end the threads."""
        self._threads.stop()

    def requestAvatarId(self, credentials: IUsernamePassword) -> Deferred[User]:  # type: ignore[override]  # no bytes
        """Return who logs in; `UnauthorizedLogin` if name or password are wrong."""
        return Deferred.fromCoroutine(self._check(credentials.username, Password(credentials.password)))

    async def _check(self, username: bytes, password: Password) -> User:
        user, hashed = await self._look_up(username)
        if self._verified.knows(password, hashed):
            return user
        if not await self._matches(user.name, password, hashed):
            raise UnauthorizedLogin("wrong name or password")
        self._verified.remember(password, hashed)
        if is_outdated(hashed):
            await self._rehash(user.name, password, hashed)
        return user

    async def _look_up(self, username: bytes) -> tuple[User, str]:
        try:
            return await self._store.credentials(username.decode())
        except (UnicodeDecodeError, NotFound):
            return _NOBODY, self._unmatchable

    async def _matches(self, name: str, password: Password, hashed: str) -> bool:
        try:
            return await self._in_thread(verify, password, hashed)
        except UnreadableHashError:
            self._log.warn(
                "the password hash of {name} cannot be read, so every login fails: give {name} another password by"
                " 'imapd user passwd'",
                name=name,
            )
        return await self._in_thread(verify, password, self._unmatchable)

    async def _rehash(self, name: str, password: Password, hashed: str) -> None:
        """Renew a hash, unless the password, or even the user, was changed while it took its time."""
        try:
            await self._store.set_password_hash(name, await self._in_thread(hash_password, password), hashed)
        except StoreError as error:
            self._log.warn("the password hash of {name} could not be renewed: {error}", name=name, error=error)

    def _in_thread(self, function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> Deferred[_T]:
        return deferToThreadPool(self._reactor, self._threads, function, *args, **kwargs)
