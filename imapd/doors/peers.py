"""Who is at the other end of a connection."""

from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from twisted.internet.address import UNIXAddress

LOCAL: Final = "local"
"""In place of an address, of who has none."""


def host(peer: object) -> str:
    """Return the address of a peer, ``local`` for one that has none."""
    return str(getattr(peer, "host", LOCAL))


def is_local(peer: object) -> bool:
    """Tell whether a peer is on this machine."""
    return isinstance(peer, UNIXAddress) or is_loopback(getattr(peer, "host", ""))


@lru_cache  # it is asked some times for each login, and mostly of a few hosts
def is_loopback(host: str) -> bool:
    """Tell whether an address is this machine's own, as `LOCAL` is."""
    try:
        return host == LOCAL or ip_address(host).is_loopback
    except ValueError:
        return False
