"""The LMTP door."""

from functools import cached_property

from imapd.delivery.delivery import Delivery
from imapd.doors.door import Door
from imapd.lmtp.connection import Connection
from imapd.lmtp.replies import Reply
from mailstore.interfaces import IMailStore


class LmtpDoor(Door):
    """Twisted's factory of `Connection`s."""

    of_agents = True

    @cached_property
    def _delivery(self) -> Delivery:
        return Delivery(self._config.recipient_delimiter)

    def open(self, store: IMailStore) -> None:
        """Deliver into `store` from here on."""
        self._delivery.open(store)

    def make(self) -> Connection:
        """Return a new connection."""
        return Connection(self._delivery, self._config, self._clock)

    def refusal(self, text: str) -> bytes:
        """Return the greeting of a client that cannot stay."""
        return Reply(421, "4.3.2", text).encode()
