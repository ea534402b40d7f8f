"""Who is at the other end of a connection."""

from ipaddress import ip_address

from twisted.internet.address import UNIXAddress


def host(peer: object) -> str:
    """Return the address of a peer, ``local`` for one that has none."""
    return str(getattr(peer, "host", "local"))


def is_local(peer: object) -> bool:
    """Tell whether a peer is on this machine."""
    if isinstance(peer, UNIXAddress):
        return True
    try:
        return ip_address(getattr(peer, "host", "")).is_loopback
    except ValueError:
        return False
