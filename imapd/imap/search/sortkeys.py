"""What SORT compares, made of a message once and kept beside it (RFC 5256, 3; RFC 5957, 3)."""

from collections.abc import Iterable
from struct import Struct
from typing import Final

from imapd.imap.wire.basesubject import base_subject
from mailstore.mime import Message
from mailstore.mime.addresses import Address
from mailstore.mime.casemap import casemap
from mailstore.mime.decode import decode_header

NO_DATE: Final = -(1 << 63)
"""Stands for the sent date of a message whose Date: field names none."""
MAX_OCTETS: Final = 1000
"""Of a text that are compared, about a line (RFC 5322, 2.1.1)."""

_DATE: Final = Struct(">q")


SUBJECT, FROM, TO, CC, DISPLAY_FROM, DISPLAY_TO = range(6)
"""The texts, in this order: base subject; addr-mailbox of the first From, To and Cc address; display value of the first
From and To.  They are folded by i;unicode-casemap and without NUL, as UTF-8, so that they compare as octets."""


def pack(message: Message) -> bytes:
    """Return a message's keys: eight octets of date, then the texts with a NUL between."""
    header = message.header(message.root)
    author, recipient, copied = (next(iter(header.addresses(name)), _NOBODY) for name in (b"from", b"to", b"cc"))
    texts = [
        *(decode_header(address.mailbox or b"") for address in (author, recipient, copied)),
        *map(_display, (author, recipient)),
    ]
    return _DATE.pack(sent_date(message)) + b"\0".join([message.once(subject_key)[0], *map(collation_key, texts)])


def packed_dates(keys: Iterable[bytes]) -> list[int]:
    """Return the sent date of each message, in seconds since 1970 UTC, or `NO_DATE`."""
    return [date for (date,) in map(_DATE.unpack_from, keys)]


def packed_text(keys: bytes, which: int) -> bytes:
    """Return one of the texts."""
    return keys[_DATE.size :].split(b"\0")[which]


def sent_date(message: Message) -> int:
    """Return the sent date (RFC 5256, 2.2) in seconds since 1970 UTC, or `NO_DATE`."""
    sent = message.header(message.root).date
    return NO_DATE if sent is None else sent.seconds


def subject_key(message: Message) -> tuple[bytes, bool]:
    """Return the key of the base subject, and whether the subject is of a reply or forward (RFC 5256, 2.1 and 3)."""
    base, is_reply = base_subject(message.header(message.root).subject)
    return collation_key(base), is_reply


def collation_key(text: str) -> bytes:
    """Return octets that compare as i;unicode-casemap compares `text` (RFC 5051, 2)."""
    return casemap(text).encode("utf-8", "surrogatepass").replace(b"\0", b"")[:MAX_OCTETS]


_NOBODY: Final = Address(None, None, None, None)


def _display(address: Address) -> str:
    """Return the sort value of an address (RFC 5957, 3)."""
    name = decode_header(address.name or b"")
    if name or not address.mailbox:
        return name
    return decode_header(address.mailbox + b"@" + address.host if address.host else address.mailbox)
