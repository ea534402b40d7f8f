"""What mail programs are told to connect to: by the autoconfiguration door, and by the DNS records to publish."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from attrs import frozen

if TYPE_CHECKING:
    from imapd.config import Config

SCHEMES: Final = {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995, "submission": 587, "submissions": 465}
"""How a program may connect, by the services of RFC 6186 and RFC 8314, and the usual ports.  Those that end with s
speak TLS from the first octet, the others STARTTLS."""

_URL: Final = re.compile(rf"(?P<scheme>{'|'.join(SCHEMES)})://(?P<host>[^\s:/@?#]+)(:(?P<port>[0-9]{{1,5}}))?/?")
_PORT: Final = re.compile(r"tcp6?:(?:port=)?([0-9]+)(?![^:])")
_LOCAL: Final = re.compile(r":interface=(127\.|localhost|\\:\\:1)")
"""In an endpoint that only this machine itself can reach."""


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


def servers(config: "Config") -> tuple[Server, ...]:
    """Return what programs are told to use, the best first: one at least to fetch mail from, and one to send it by.

    It is what ``mail_servers`` says; where that is silent, the doors that can be reached from elsewhere, and submission
    at the usual ports; if no door can be reached, IMAP at the usual port.
    """
    named = [server(url) for url in config.mail_servers]
    if not _incoming(named):
        named += dict.fromkeys(_reachable(config)) or [Server("imaps", config.host_name, SCHEMES["imaps"])]
    if len(_incoming(named)) == len(named):
        named += [Server(scheme, config.host_name, SCHEMES[scheme]) for scheme in ("submissions", "submission")]
    return tuple(named)


def _incoming(among: Iterable[Server]) -> list[Server]:
    return [each for each in among if each.protocol != "submission"]


def _reachable(config: "Config") -> list[Server]:
    return [
        Server(scheme, config.host_name, int(found[1]))
        for scheme in ("imaps", "imap", "pop3s", "pop3")
        for endpoint in getattr(config, scheme, ())
        if not _LOCAL.search(endpoint) and (found := _PORT.match(endpoint))
    ]


def domains(config: "Config") -> tuple[str, ...]:
    """Return the domains of the users' addresses: those that are set, else that which the server's own name lies in."""
    if config.mail_domains:
        return config.mail_domains
    _, dot, above = config.host_name.partition(".")
    return (above if dot and "." in above else config.host_name,)
