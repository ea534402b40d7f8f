"""Where the other server is: ``imaps://user@host:port/``."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote, urlsplit

from attrs import frozen

_PORTS: Final = {"imaps": 993, "imap": 143, "pop3s": 995, "pop3": 110}


@frozen
class Address:
    """A server.

    Attributes:
        scheme: ``imaps``, ``imap``, ``pop3s`` or ``pop3``.
        host: a name or an address.
        port: of TCP.
        user: whose mail it is; None if the URL does not say.

    """

    scheme: str
    host: str
    port: int
    user: str | None = None

    @property
    def tls_at_once(self) -> bool:
        """Whether TLS comes first of all; otherwise the protocol must ask for it."""
        return self.scheme.endswith("s")

    @property
    def is_local(self) -> bool:
        """Whether nobody can listen on the way, since it is this machine."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


def is_url(text: str) -> bool:
    """Tell whether `text` is meant to be an address of another server."""
    scheme, mark, _ = text.partition("://")
    return bool(mark) and scheme.lower() in _PORTS


def address(url: str) -> Address:
    """Return what a URL says.

    Raises:
        ValueError: it is none, or says what it must not; the text says what to do.

    """
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"it must be like imaps://user@host/, and begin with one of {', '.join(_PORTS)}")
    if parts.password is not None:
        raise ValueError("a password does not belong on a command line; it is asked for, or give --password-file")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("nothing may follow the host and the port")
    user = unquote(parts.username) if parts.username else None
    return Address(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme], user)
