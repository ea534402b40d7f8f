"""The URL of a server that mail programs are told to connect to."""

import re
from typing import Final

from attrs import frozen

SCHEMES: Final = {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995, "submission": 587, "submissions": 465}
"""How a program may connect, by the services of RFC 6186 and RFC 8314, and the usual ports.  Those that end with s
speak TLS from the first octet, the others STARTTLS."""

_URL: Final = re.compile(rf"(?P<scheme>{'|'.join(SCHEMES)})://(?P<host>[^\s:/@?#]+)(:(?P<port>[0-9]{{1,5}}))?/?")


@frozen
class Server:
    """A place that a mail program may connect to.

    Attributes:
        scheme: one of `SCHEMES`.
        host: its name.
        port: 1 to 65535.

    """

    scheme: str
    host: str
    port: int

    @property
    def protocol(self) -> str:
        """``imap``, ``pop3`` or ``submission``."""
        return self.scheme.removesuffix("s")

    @property
    def tls_first(self) -> bool:
        """Whether TLS is spoken from the first octet; if not, STARTTLS is."""
        return self.scheme.endswith("s")


def server(url: str) -> Server:
    """Return the server that a URL such as ``imaps://mail.example.org:993`` names; the port may be left out.

    Raises:
        ValueError: it is none of `SCHEMES`, or not of this form.

    """
    found = _URL.fullmatch(url)
    if found is None or not 0 < int(found["port"] or SCHEMES[found["scheme"]]) < 1 << 16:
        raise ValueError(f"{url!r} is no mail server")
    return Server(found["scheme"], found["host"], int(found["port"] or SCHEMES[found["scheme"]]))


def is_server(url: str) -> bool:
    """Tell whether `server` takes it."""
    try:
        server(url)
    except ValueError:
        return False
    return True
