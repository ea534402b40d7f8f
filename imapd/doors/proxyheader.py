"""The header by which a proxy says who its client is: the PROXY protocol, versions 1 and 2 (sans-IO)."""

from ipaddress import ip_address
from typing import Final

from attrs import frozen
from twisted.internet.address import IPv4Address, IPv6Address

Source = IPv4Address | IPv6Address

_BEGINS_1: Final = b"PROXY "
_LONGEST_1: Final = 107
_BEGINS_2: Final = b"\r\n\r\n\0\r\nQUIT\n"
_FIXED_2: Final = 16
_LOCAL, _PROXIED = 0x20, 0x21
_ADDRESS_OCTETS: Final = {0x11: 4, 0x21: 16}
"""By family and transport, TCP being the only one that comes here."""


@frozen
class Header:
    """What a proxy said.

    Attributes:
        source: where its client connects from; None if it has none, or cannot tell: it stands for itself.
        rest: the octets that came behind it.

    """

    source: Source | None
    rest: bytes


def header(octets: bytes) -> Header | None:
    """Return the header that `octets` begin with; None until it is whole.

    Raises:
        ValueError: whoever sent this is no proxy.

    """
    if octets.startswith(_BEGINS_1[: len(octets)]):
        return _version_1(octets)
    if octets.startswith(_BEGINS_2[: len(octets)]):
        return _version_2(octets)
    raise ValueError("it begins like none")


def _version_1(octets: bytes) -> Header | None:
    """``header = "PROXY " ("UNKNOWN" *octet / ("TCP4" / "TCP6") SP source SP destination SP port SP port) CRLF``"""
    line, end, _ = octets[:_LONGEST_1].partition(b"\r\n")
    if not end:
        if len(line) == _LONGEST_1:
            raise ValueError("it has no end")
        return None
    _, family, *words = line.split(b" ")
    rest = octets[len(line + end) :]
    if family == b"UNKNOWN":
        return Header(None, rest)
    if family not in {b"TCP4", b"TCP6"} or len(words) != 4:
        raise ValueError("it has other words")
    source, _, port, _ = words
    return Header(_source(source.decode(), int(port)), rest)


def _version_2(octets: bytes) -> Header | None:
    """``header = begin version-and-command family-and-transport length source destination port port *octet``"""
    whole = _FIXED_2 + int.from_bytes(octets[14:_FIXED_2])
    if len(octets) < max(_FIXED_2, whole):
        return None
    command, kind, rest = octets[12], octets[13], octets[whole:]
    if command not in {_LOCAL, _PROXIED}:
        raise ValueError("it is of another version")
    size = _ADDRESS_OCTETS.get(kind)
    if command == _LOCAL or size is None:
        return Header(None, rest)
    addresses = octets[_FIXED_2:whole]
    if len(addresses) < 2 * size + 4:
        raise ValueError("it is too short for its addresses")
    return Header(_source(addresses[:size], int.from_bytes(addresses[2 * size : 2 * size + 2])), rest)


def _source(address: str | bytes, port: int) -> Source:
    found = ip_address(address)
    return (IPv6Address if found.version == 6 else IPv4Address)("TCP", str(found), port)
