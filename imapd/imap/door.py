"""The IMAP door."""

from imapd.doors.door import Door
from imapd.imap.connection import Connection
from imapd.imap.wire import encode


class ImapDoor(Door):
    """Twisted's factory of `Connection`s."""

    def make(self) -> Connection:
        """Return a new connection."""
        return Connection(self._portal, self._config, self._tls, self._clock)

    def refusal(self, text: str) -> bytes:
        """Return the greeting of a client that cannot stay (RFC 9051, 7.1.5)."""
        return b"* BYE [UNAVAILABLE] %b\r\n" % encode.text(text)
