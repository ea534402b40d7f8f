"""The portal of every door: logins are checked, and slowed down when they fail too often."""

from collections.abc import Iterable
from typing import Any

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import ICredentials, IUsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import IRealm, Portal
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from zope.interface import Interface

from imapd.auth.books import Books
from imapd.auth.throttle import Throttle, address_key, name_key


class ThrottledPortal(Portal):
    """A portal that nobody can pass before `open`, and that slows down those who fail too often."""

    def __init__(self, clock: IReactorTime, books: Books) -> None:
        """Take the clock by which they wait, and where failures are remembered."""
        super().__init__(None)  # type: ignore[arg-type]  # the realm comes with open()
        self._clock = clock
        self._throttle = Throttle(clock.seconds, books)

    def open(self, realm: IRealm, checkers: Iterable[ICredentialsChecker]) -> None:
        """Let everyone in whom one of `checkers` knows."""
        self.realm = realm
        for checker in checkers:
            self.registerChecker(checker)

    def login(self, credentials: ICredentials, mind: object, *interfaces: type[Interface]) -> Deferred[Any]:
        """Log in; `mind` is the host that the client connects from, a `str`.

        Cancelling the result ends the wait, when the client went away meanwhile; a check that had begun has failed.
        """
        return Deferred.fromCoroutine(self._login(credentials, mind, *interfaces))

    async def _login(self, credentials: ICredentials, mind: object, *interfaces: type[Interface]) -> Any:  # noqa: ANN401  # as Portal
        name = credentials.username if IUsernamePassword.providedBy(credentials) else b""
        keys = address_key(str(mind)), name_key(name)
        if wait := self._throttle.wait(*keys):
            await deferLater(self._clock, wait)
        try:
            avatar = await super().login(credentials, mind, *interfaces)
        except (UnauthorizedLogin, CancelledError):  # who goes away has cost a hash too
            self._throttle.failed(*keys)
            raise
        self._throttle.succeeded(*keys)
        return avatar
