"""Thunderbird's ``config-v1.1.xml``, which Evolution, KMail, K-9 and others read too.

Its format: https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat
"""

from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring  # it writes, and reads nothing

from imapd.mailserver import Server

PATHS: Final = ("mail/config-v1.1.xml", ".well-known/autoconfig/mail/config-v1.1.xml")
"""Where programs look for it: at autoconfig.DOMAIN, and at DOMAIN itself."""


def config(domains: Iterable[str], servers: Iterable[Server], *, whole_address: bool) -> bytes:
    """Return the file: UTF-8, the same for all users, who are told by placeholders.

    Args:
        domains: of the addresses that it is for; the first names it.
        servers: the best first, which is what Thunderbird takes.
        whole_address: whether one logs in with it, or with what stands before the @.

    """
    names = list(domains)
    root = Element("clientConfig", version="1.1")
    provider = SubElement(root, "emailProvider", id=names[0])
    for name in names:
        _add(provider, "domain", name)
    _add(provider, "displayName", names[0])
    _add(provider, "displayShortName", names[0])
    for server in servers:
        _add_server(provider, server, "%EMAILADDRESS%" if whole_address else "%EMAILLOCALPART%")
    indent(root)
    octets: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return octets


def _add_server(provider: Element, server: Server, login: str) -> None:
    if server.protocol == "submission":
        element = SubElement(provider, "outgoingServer", type="smtp")
    else:
        element = SubElement(provider, "incomingServer", type=server.protocol)
    _add(element, "hostname", server.host)
    _add(element, "port", str(server.port))
    _add(element, "socketType", "SSL" if server.tls_first else "STARTTLS")
    _add(element, "authentication", "password-cleartext")
    _add(element, "username", login)


def _add(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = text
