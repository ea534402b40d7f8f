"""Headers beyond ASCII, for who can read nothing else: what people read, in encoded words (RFC 6857).

A field that is ASCII stays as it is, octet by octet.  Of the others, texts become encoded words, parameters are
percent-encoded, domains become A-labels; an address that cannot be spelled becomes the name of an empty group, which
nobody can write to by mistake; and what only programs compare goes into a field named ``Downgraded-...``.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from mailstore.mime.addresses import END_OF_GROUP, Address, parse_addresses
from mailstore.mime.charsets import decode
from mailstore.mime.decode import decode_header
from mailstore.mime.headers import Field, field_runs, fields
from mailstore.mime.parameters import Parameters, parse_content_type, parse_disposition

_ADDRESSES: Final = frozenset(
    prefix + name for prefix in (b"", b"resent-") for name in (b"from", b"sender", b"to", b"cc", b"bcc", b"reply-to")
)
_COMPARED: Final = frozenset(
    {
        *(b"message-id", b"resent-message-id", b"in-reply-to", b"references", b"return-path", b"date", b"resent-date"),
        *(b"mime-version", b"content-transfer-encoding", b"content-id", b"original-recipient", b"final-recipient"),
    }
)
"""Fields that mean something to programs only as they were written (RFC 6857, 3.1.10)."""

_WORD_OCTETS: Final = 45
"""Of UTF-8 in one encoded word, which has at most 75 characters (RFC 2047, 2)."""
_ATOMS: Final = re.compile(rb"[!#-'*+\-/-9=?A-Z^-~]+(?: [!#-'*+\-/-9=?A-Z^-~]+)*").fullmatch
_DOT_ATOM: Final = re.compile(rb"[!#-'*+\-/-9=?A-Z^-~]+(?:\.[!#-'*+\-/-9=?A-Z^-~]+)*").fullmatch
_TOKEN: Final = re.compile(rb"[!#-'*+\-.0-9A-Z^-~]+").fullmatch
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]+").sub
_BEYOND: Final = re.compile(rb"[\x80-\xff]").sub
_FOR: Final = re.compile(rb"(?i)\bfor\s++[^\s;]++").sub
_WORD: Final = re.compile(rb"[^\s()]++").sub


def downgraded(header: bytes) -> bytes:
    """Return a header block with the same fields in ASCII; one that is ASCII already is returned as it is."""
    if header.isascii():
        return header
    return b"".join([piece if piece.isascii() else _downgraded(piece) for piece in field_runs(header)])


def _downgraded(header: bytes) -> bytes:
    return b"".join([field.raw if field.raw.isascii() else _field(field) for field in fields(header)])


def _field(field: Field) -> bytes:
    name = field.raw.partition(b":")[0].rstrip(b" \t")
    if not field.name or not name.isascii():
        return _BEYOND(b"?", field.raw)
    if field.name in _COMPARED:
        name = b"Downgraded-" + name
    return _BEYOND(b"?", b"%b: %b\r\n" % (name, _value(field)))


def _value(field: Field) -> bytes:
    spelled: bytes | None = None
    if field.name in _ADDRESSES:
        spelled = _addresses(parse_addresses(field.value))
    elif field.name == b"content-type" and (media := parse_content_type(field.value)):
        spelled = b"%b/%b%b" % (media.type, media.subtype, _parameters(media.parameters))
    elif field.name == b"content-disposition" and (disposition := parse_disposition(field.value)):
        spelled = disposition.type + _parameters(disposition.parameters)
    elif field.name == b"received":
        spelled = _WORD(_word, _FOR(lambda found: found[0] if found[0].isascii() else b"", field.value))
    return _words(decode_header(field.value)) if spelled is None else spelled


def _word(found: re.Match[bytes]) -> bytes:
    return found[0] if found[0].isascii() else _words(decode(found[0]))


def _words(text: str) -> bytes:
    """Return a text as encoded words, folded: ``"=?" charset "?" encoding "?" encoded-text "?="``  (RFC 2047, 2)"""
    octets = _CONTROLS(" ", text).encode("utf-8", "replace")
    return b"\r\n ".join(b"=?utf-8?B?%b?=" % b64encode(piece) for piece in _pieces(octets))


def _pieces(octets: bytes) -> Iterator[bytes]:
    """Yield UTF-8 in pieces of whole characters."""
    start = 0
    while start < len(octets):
        stop = start + _WORD_OCTETS
        while stop < len(octets) and octets[stop] & 0xC0 == 0x80:
            stop -= 1
        yield octets[start:stop]
        start = stop


# Addresses (RFC 6857, 3.1.6 to 3.1.9)


def _addresses(addresses: list[Address]) -> bytes:
    """``address-list = address *("," address)``, a line each"""
    spelled: list[bytes] = []
    remaining = iter(addresses)
    for address in remaining:
        if address.host is None and address.mailbox is not None:
            spelled.append(_group(address.mailbox, list(iter(remaining.__next__, END_OF_GROUP))))
        else:
            spelled.append(_mailbox(address) or _nobody(_readable(address)))
    return b",\r\n ".join(spelled)


def _group(name: bytes, members: list[Address]) -> bytes:
    spelled = [_mailbox(member) for member in members]
    if None in spelled:
        return _nobody(f"{decode_header(name)} {', '.join(map(_readable, members))}")
    return b"%b:%b;" % (_phrase(name), b",\r\n ".join(filter(None, spelled)))


def _nobody(text: str) -> bytes:
    """Return an empty group of this name."""
    return _words(text) + b":;"


def _readable(address: Address) -> str:
    """Return an address as people write it."""
    spec = decode(b"@".join(filter(None, (address.mailbox, address.host))))
    return f"{decode_header(address.name)} <{spec}>" if address.name else spec


def _mailbox(address: Address) -> bytes | None:
    """``mailbox = name-addr / addr-spec``; None if the address has no spelling in ASCII"""
    local, host = address.mailbox or b"", _domain(address.host or b"")
    if host is None or not local.isascii():
        return None
    spec = (local if _DOT_ATOM(local) else _quoted(local)) + (b"@" + host if host else b"")
    return b"%b <%b>" % (_phrase(address.name), spec) if address.name else spec


def _domain(host: bytes) -> bytes | None:
    """Return a domain in A-labels; None if it has none."""
    try:
        return host if host.isascii() else host.decode("utf-8").encode("idna")
    except UnicodeError:
        return None


def _phrase(octets: bytes) -> bytes:
    if not octets.isascii():
        return _words(decode_header(octets))
    return octets if _ATOMS(octets) else _quoted(octets)


def _quoted(octets: bytes) -> bytes:
    return b'"%b"' % re.sub(rb'(["\\])', rb"\\\1", octets)


# Parameters (RFC 6857, 3.1.5; RFC 2231, 4)


def _parameters(parameters: Parameters) -> bytes:
    """``*(";" parameter)``, a line each; the names are kept as they are"""
    return b"".join(b";\r\n %b=%b" % _parameter(name, value) for name, value in parameters)


def _parameter(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    if value.isascii():
        return name, value if _TOKEN(value) or name.endswith(b"*") else _quoted(value)
    return name.removesuffix(b"*") + b"*", b"utf-8''" + quote(decode_header(value), safe="").encode()
