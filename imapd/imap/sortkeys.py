"""What SORT compares, made of a message once and kept beside it (RFC 5256, 3; RFC 5957, 3)."""

from struct import Struct
from typing import Final

from attrs import frozen

from imapd.imap.wire.basesubject import base_subject
from mailstore.mime import Header, Message
from mailstore.mime.addresses import Address, parse_addresses
from mailstore.mime.casemap import casemap
from mailstore.mime.dates import parse_date
from mailstore.mime.decode import decode_header

NO_DATE: Final = -(1 << 63)
"""Stands for the sent date of a message whose Date: field names none."""
MAX_OCTETS: Final = 1000
"""Of a text that are compared, about a line (RFC 5322, 2.1.1)."""

_DATE: Final = Struct(">q")
_FIRST: Final = 4096
"""Octets of an address list that are read for its first address."""


@frozen
class SortKeys:
    """A message's texts, folded by i;unicode-casemap and without NUL, as UTF-8: they compare as octets.

    Attributes:
        sent: seconds since 1970 UTC, or `NO_DATE`.
        texts: base subject; addr-mailbox of the first From, To and Cc address; display value of the first From and To.

    """

    sent: int
    texts: tuple[bytes, ...]


SUBJECT, FROM, TO, CC, DISPLAY_FROM, DISPLAY_TO = range(6)
"""Where each text stands in `SortKeys.texts`."""


def pack(message: Message) -> bytes:
    """Return a message's keys: eight octets of date, then the texts with a NUL between."""
    header = message.header(message.root)
    author, recipient, copied = (_first(header, name) for name in (b"from", b"to", b"cc"))
    texts = [
        base_subject(decode_header(header.get(b"subject") or b""))[0],
        *(decode_header(address.mailbox or b"") for address in (author, recipient, copied)),
        *map(_display, (author, recipient)),
    ]
    return _DATE.pack(sent_date(header)) + b"\0".join(map(collation_key, texts))


def unpack(octets: bytes) -> SortKeys:
    """Return the keys that were packed."""
    return SortKeys(_DATE.unpack_from(octets)[0], tuple(octets[_DATE.size :].split(b"\0")))


def sent_date(header: Header) -> int:
    """Return the sent date (RFC 5256, 2.2) in seconds since 1970 UTC, or `NO_DATE`."""
    sent = parse_date(header.get(b"date") or b"")
    return NO_DATE if sent is None else sent.seconds


def collation_key(text: str) -> bytes:
    """Return octets that compare as i;unicode-casemap compares `text` (RFC 5051, 2)."""
    return casemap(text).encode("utf-8", "surrogatepass").replace(b"\0", b"")[:MAX_OCTETS]


_NOBODY: Final = Address(None, None, None, None)


def _first(header: Header, name: bytes) -> Address:
    """Return the first address of a field as ENVELOPE has it; several fields of a name count as one."""
    return next(iter(parse_addresses(b",".join(header.all(name))[:_FIRST])), _NOBODY)


def _display(address: Address) -> str:
    """Return the sort value of an address (RFC 5957, 3)."""
    name = decode_header(address.name or b"")
    if name or not address.mailbox:
        return name
    return decode_header(address.mailbox + b"@" + address.host if address.host else address.mailbox)
