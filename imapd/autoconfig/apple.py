"""Apple's configuration profile for one address, which iPhones, iPads and Macs install (``com.apple.mail.managed``)."""

import plistlib
from collections.abc import Sequence
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from imapd.autoconfig.address import Address
from imapd.mailserver import Server

PATH: Final = "mail.mobileconfig"
TYPE: Final = "application/x-apple-aspen-config"


def profile(address: Address, servers: Sequence[Server], *, whole_address: bool) -> bytes:
    """Return the profile.

    Installed again, it takes the place of the one before: its identifiers are made of the address.  The device asks for
    the password.

    Args:
        address: whose account it sets up.
        servers: the best first, among them one to fetch mail from and one to send it by.
        whole_address: whether one logs in with it, or with what stands before the @.

    """
    incoming, outgoing = _best(servers, "imap", "pop3"), _best(servers, "submission")
    login = address.login(whole_address)
    account = {
        **_payload("com.apple.mail.managed", address, "account"),
        "EmailAccountType": "EmailTypeIMAP" if incoming.protocol == "imap" else "EmailTypePOP",
        "EmailAccountDescription": str(address),
        "EmailAddress": str(address),
        **_server("Incoming", incoming, login),
        **_server("Outgoing", outgoing, login),
        "OutgoingPasswordSameAsIncomingPassword": True,
    }
    return plistlib.dumps({**_payload("Configuration", address, "profile"), "PayloadContent": [account]})


def _best(servers: Sequence[Server], *protocols: str) -> Server:
    return next(server for protocol in protocols for server in servers if server.protocol == protocol)


def _server(direction: str, server: Server, login: str) -> dict[str, object]:
    """Return the keys of a server.  Their SSL stands for STARTTLS too, which the device finds out by the port."""
    return {
        f"{direction}MailServerHostName": server.host,
        f"{direction}MailServerPortNumber": server.port,
        f"{direction}MailServerUseSSL": True,
        f"{direction}MailServerAuthentication": "EmailAuthPassword",
        f"{direction}MailServerUsername": login,
    }


def _payload(kind: str, address: Address, part: str) -> dict[str, object]:
    identifier = ".".join([*reversed(address.domain.split(".")), "imapd", part, address.local_part])
    return {
        "PayloadType": kind,
        "PayloadVersion": 1,
        "PayloadIdentifier": identifier,
        "PayloadUUID": str(uuid5(NAMESPACE_URL, f"mailto:{address}#{part}")).upper(),
        "PayloadDisplayName": f"Mail of {address}",
        "PayloadOrganization": address.domain,
    }
