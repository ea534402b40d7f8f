"""What a login gives: who acts, on which account."""

from collections.abc import Callable

from attrs import frozen
from twisted.cred.portal import IRealm
from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from zope.interface import Attribute, Interface, implementer

from mailstore.interfaces import IMailAccount, IMailStore
from mailstore.model import User

_log = Logger()


def nothing() -> None:
    """End what needs no ending."""


_Avatar = tuple[type[Interface], object, Callable[[], None]]


class ILogin(Interface):
    """The avatar of every door.  See `Login`."""

    user: str = Attribute("the canonical name of who acts")
    account: IMailAccount = Attribute("what is acted on, held open until `end`")

    async def end() -> None:
        """Release the account."""


class IUser(Interface):
    """The avatar of who wants only to know who that is.  See `KnownUser`."""

    name: str = Attribute("the canonical name")


@implementer(IUser)
@frozen
class KnownUser:
    """Someone whose password was right; there is nothing to be ended."""

    name: str


@implementer(ILogin)
@frozen
class Login:
    """Someone who came in: the name of who acts, and the account that is acted on.

    The two are kept apart, since with shared folders (RFC 4314) one acts on another's account.
    """

    user: str
    account: IMailAccount

    async def end(self) -> None:
        """Release the account; to be called once."""
        await self.account.release()


@implementer(IRealm)
class MailRealm:
    """Turns those whom a checker vouched for into logins: users, or names from checkers that know no more."""

    def __init__(self, store: IMailStore) -> None:
        self._store = store

    def requestAvatar(
        self,
        avatarId: User | bytes | tuple[()],  # noqa: N803  # Twisted's name
        mind: object,
        *interfaces: type[Interface],
    ) -> Deferred[_Avatar]:
        """Open the account of `avatarId`; the third value is `Login.end` for those who do not wait for it."""
        if IUser in interfaces:
            return succeed((IUser, KnownUser(_name(avatarId)), nothing))
        if ILogin not in interfaces:
            raise NotImplementedError("this realm gives only ILogin and IUser")
        return Deferred.fromCoroutine(self._avatar(avatarId))

    async def _avatar(self, who: User | bytes | tuple[()]) -> _Avatar:
        user = who if isinstance(who, User) else await self._store.user(_name(who))
        login = Login(user.name, await self._store.account(user.account))

        def log_out() -> None:
            Deferred.fromCoroutine(login.end()).addErrback(lambda failure: _log.failure("log out", failure))

        return ILogin, login, log_out


def _name(who: User | bytes | tuple[()]) -> str:
    return who.name if isinstance(who, User) else bytes(who).decode()
