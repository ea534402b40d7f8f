"""The POP3 door."""

from imapd.doors.door import Door
from imapd.pop3.connection import Connection
from imapd.pop3.errors import TEMPORARY, Refused


class Pop3Door(Door):
    """Twisted's factory of `Connection`s."""

    def make(self) -> Connection:
        """Return a new connection."""
        return Connection(self._portal, self._config, self._tls, self._clock)

    def refusal(self, text: str) -> bytes:
        """Return the greeting of a client that cannot stay."""
        return b"-ERR %b\r\n" % Refused(text, TEMPORARY).line()
