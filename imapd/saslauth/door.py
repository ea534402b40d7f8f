"""The authentication door."""

from itertools import count
from typing import Final

from twisted.cred.portal import Portal
from twisted.internet.interfaces import IOpenSSLContextFactory, IReactorTime

from imapd.auth.books import Books
from imapd.config import Config
from imapd.doors.door import Door
from imapd.saslauth.connection import Connection


class AuthDoor(Door):
    """Twisted's factory of `Connection`s."""

    of_agents = True

    def __init__(
        self,
        portal: Portal,
        config: Config,
        tls: IOpenSSLContextFactory | None,
        clock: IReactorTime,
        books: Books | None = None,
    ) -> None:
        """Take what every door does."""
        super().__init__(portal, config, tls, clock, books)
        self._numbers: Final = count(1)

    def make(self) -> Connection:
        """Return a new connection."""
        plaintext = self._config.plaintext_on_loopback
        return Connection(self._portal, next(self._numbers), plaintext_on_loopback=plaintext)

    def refusal(self, text: str) -> bytes:
        """Say nothing: the protocol has no words for it, and agents try again."""
        return b""
