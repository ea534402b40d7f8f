"""A login that the portal is asked about, and that ends when its client goes."""

from typing import Any

from twisted.cred.credentials import ICredentials
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import Portal
from twisted.internet.defer import CancelledError, Deferred

from imapd.auth.realm import ILogin, Login
from imapd.doors.journal import Journal
from imapd.doors.outflow import Disconnected


class WrongCredentials(Exception):
    """There is no user of this name and password."""


class Attempt:
    """The one login of a connection that is being checked, or none."""

    __slots__ = ("_asked", "_journal")

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._asked: Deferred[Any] | None = None

    async def log_in(self, portal: Portal, credentials: ICredentials, host: str) -> Login:
        """Ask Twisted's portal who this is, who connects from `host`.

        Raises:
            WrongCredentials: nobody.
            Disconnected: it was given up.

        """
        login: Login
        asked: Deferred[Any] = portal.login(credentials, host, ILogin)
        self._asked = asked
        try:
            _, login, _ = await asked
        except CancelledError:
            raise Disconnected from None
        except UnauthorizedLogin:
            self._journal.login_failed(getattr(credentials, "username", b""), host)
            raise WrongCredentials from None
        finally:
            self._asked = None
        return login

    def give_up(self) -> None:
        """Wait no longer: guessers are made to wait long, and nobody waits with them."""
        if self._asked is not None:
            self._asked.cancel()
