"""What mail programs are told to connect to: by the autoconfiguration door, and by the DNS records to publish."""

import re
from collections.abc import Iterable
from typing import Final

from imapd.config import Config
from imapd.mailserver import SCHEMES, Server, server

_PORT: Final = re.compile(r"tcp6?:(?:port=)?([0-9]+)(?![^:])")
_LOCAL: Final = re.compile(r":interface=(127\.|localhost|\\:\\:1)")
"""In an endpoint that only this machine itself can reach."""


def servers(config: Config) -> tuple[Server, ...]:
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


def _reachable(config: Config) -> list[Server]:
    return [
        Server(scheme, config.host_name, int(found[1]))
        for scheme in ("imaps", "imap", "pop3s", "pop3")
        for endpoint in getattr(config, scheme, ())
        if not _LOCAL.search(endpoint) and (found := _PORT.match(endpoint))
    ]


def domains(config: Config) -> tuple[str, ...]:
    """Return the domains of the users' addresses: those that are set, else that which the server's own name lies in."""
    if config.mail_domains:
        return config.mail_domains
    _, dot, above = config.host_name.partition(".")
    return (above if dot and "." in above else config.host_name,)
