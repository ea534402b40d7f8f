"""``imapd dns``: the records by which mail programs find the server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from imapd import advertised
from imapd.admin.stores import configuration
from imapd.config import Config
from imapd.mailserver import SCHEMES, Server

_PRIORITY: Final = {"imaps": 0, "imap": 10, "pop3s": 20, "pop3": 30, "submissions": 0, "submission": 10}
"""The least is the best: TLS from the first octet (RFC 8314, 5.1), and IMAP before POP3 (RFC 6186, 3.4)."""


@click.command("dns")
@click.argument("domains", metavar="[DOMAIN]...", nargs=-1)
@click.pass_obj
def dns(data: Path, domains: tuple[str, ...]) -> None:
    """Print the DNS records that let mail programs set themselves up, as lines for a zone file.

    A DOMAIN is what stands behind the @ in your users' addresses; without one, those of the setting mail_domains.

    The SRV records say where IMAP, POP3 and submission are (RFC 6186 and RFC 8314), or that a service is not offered.
    The name autoconfig is where Thunderbird and others ask, if the http or https door is open.  They say nothing about
    how mail comes to you: the MX record is that of your MTA.
    """
    config = configuration(data)
    for domain in domains or advertised.domains(config):
        click.echo("\n".join(_records(domain.rstrip("."), config)))


def _records(domain: str, config: Config) -> Iterator[str]:
    servers = advertised.servers(config)
    if config.http or config.https:
        yield f"autoconfig.{domain}. IN CNAME {config.host_name}."
    for scheme in SCHEMES:
        offered = [server for server in servers if server.scheme == scheme]
        for server in offered:
            yield _srv(scheme, domain, server)
        if not offered:
            yield f"_{scheme}._tcp.{domain}. IN SRV 0 0 0 ."  # RFC 6186, 3.4: not offered


def _srv(scheme: str, domain: str, server: Server) -> str:
    return f"_{scheme}._tcp.{domain}. IN SRV {_PRIORITY[scheme]} 1 {server.port} {server.host}."
