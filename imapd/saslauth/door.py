"""The authentication door."""

from itertools import count
from typing import Final

from imapd.doors.door import Door
from imapd.saslauth.connection import Connection


class AuthDoor(Door):
    """Twisted's factory of `Connection`s."""

    of_agents = True

    _numbers: Final = count(1)
    """One for each connection of the process."""

    def make(self) -> Connection:
        """Return a new connection."""
        plaintext = self._config.plaintext_on_loopback
        return Connection(self._portal, next(self._numbers), plaintext_on_loopback=plaintext)

    def refusal(self, text: str) -> bytes:
        """Say nothing: the protocol has no words for it, and agents try again."""
        return b""
