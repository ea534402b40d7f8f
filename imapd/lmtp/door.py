"""The LMTP door."""

from typing import Final

from twisted.cred.portal import Portal
from twisted.internet.interfaces import IOpenSSLContextFactory, IReactorTime

from imapd.auth.books import Books
from imapd.config import Config
from imapd.delivery.delivery import Delivery
from imapd.doors.door import Door
from imapd.lmtp.connection import Connection
from imapd.lmtp.replies import Reply
from mailstore.interfaces import IMailStore


class LmtpDoor(Door):
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
        """Take what every door does; nobody logs in here."""
        super().__init__(portal, config, tls, clock, books)
        self._delivery: Final = Delivery(config.recipient_delimiter)

    def open(self, store: IMailStore) -> None:
        """Deliver into `store` from here on."""
        self._delivery.open(store)

    def make(self) -> Connection:
        """Return a new connection."""
        return Connection(self._delivery, self._config, self._clock)

    def refusal(self, text: str) -> bytes:
        """Return the greeting of a client that cannot stay."""
        return Reply(421, "4.3.2", text).encode()
