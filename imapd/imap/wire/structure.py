"""ENVELOPE, BODY and BODYSTRUCTURE (RFC 3501, 7.4.2; RFC 9051, 7.5.2)."""

import re
from collections.abc import Set
from itertools import chain
from typing import Final

from imapd.imap.wire.encode import MAX_QUOTED, nstring
from mailstore.mime import Header, Kind, Message, Part
from mailstore.mime.addresses import Address
from mailstore.mime.lexical import without_comments
from mailstore.mime.parameters import (
    MESSAGE_RFC822,
    TEXT_PLAIN,
    ContentType,
    Parameters,
    parse_disposition,
)
from mailstore.mime.transfer import parse_transfer_encoding

NIL: Final = b"NIL"

_REV1: Final = frozenset({b"message/rfc822"})
_REV2: Final = frozenset({b"message/rfc822", b"message/global"})
"""The media types that are spelled as messages, with what is in them."""


def envelope(message: Message) -> bytes:
    """Return the envelope structure of a message."""
    return _envelope(message.header(message.root))


def body(message: Message) -> bytes:
    """Return the body structure without extension data."""
    return message.once(_structures)[0]


def bodystructure(message: Message) -> bytes:
    """Return the body structure with extension data."""
    return message.once(_structures)[1]


def rev2_bodies(message: Message) -> bytes:
    """Return the body structure without and that with extension data, NUL between them, as IMAP4rev2 has them.

    Empty if those of IMAP4rev1 are the same: only IMAP4rev2 looks into message/global, which is rare.
    """
    rev1 = bodystructure(message)
    if b"global" not in rev1.lower():
        return b""
    plain, extended = _body(message, message.root, TEXT_PLAIN, _REV2)
    return b"" if extended == rev1 else plain + b"\0" + extended


def _structures(message: Message) -> tuple[bytes, bytes]:
    """Return both, since what they have in common is most of them."""
    return _body(message, message.root, TEXT_PLAIN, _REV1)


def _envelope(header: Header) -> bytes:
    """Spell the envelope of a header.

    ::

        envelope = "(" env-date SP env-subject SP env-from SP env-sender SP env-reply-to SP env-to SP env-cc SP
                   env-bcc SP env-in-reply-to SP env-message-id ")"
    """
    author = _addresses(header, b"from")
    members = (
        _nstring(header.get(b"date")),
        _nstring(header.get(b"subject")),
        author,
        _addresses(header, b"sender", author),
        _addresses(header, b"reply-to", author),
        _addresses(header, b"to"),
        _addresses(header, b"cc"),
        _addresses(header, b"bcc"),
        _nstring(header.get(b"in-reply-to")),
        _nstring(header.get(b"message-id")),
    )
    return b"(" + b" ".join(members) + b")"


def _addresses(header: Header, name: bytes, default: bytes = NIL) -> bytes:
    """Spell the addresses of a field: ``"(" 1*address ")" / nil``; several fields of a name count as one."""
    addresses = header.addresses(name)
    return b"(" + b"".join(map(_address, addresses)) + b")" if addresses else default


def _address(address: Address) -> bytes:
    """``address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"``."""
    return b"(" + b" ".join(map(_nstring, address)) + b")"


def _body(message: Message, part: Part, default: ContentType, messages: Set[bytes]) -> tuple[bytes, bytes]:
    """Spell a part without and with extension data; `default` is its type if it names none.

    ``body = "(" (body-type-1part / body-type-mpart) ")"``
    """
    header = message.header(part)
    media = _content_type(header, part.kind, default, messages)
    spell = _multipart if part.kind is Kind.MULTIPART else _single
    plain, extended, extension = spell(message, part, media, messages)
    return b"(%b)" % plain, b"(%b %b %b)" % (extended, extension, _extension(header))


def _multipart(message: Message, part: Part, media: ContentType, messages: Set[bytes]) -> tuple[bytes, bytes, bytes]:
    """Spell a multipart: twice, with parts of either kind, and what its own extension data begins with.

    One without parts has an empty text, since the grammar wants one.

    ::

        body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
        body-ext-mpart  = body-fld-param [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc]]]
    """
    default = MESSAGE_RFC822 if media.subtype.lower() == b"digest" else TEXT_PLAIN
    bodies = [_body(message, child, default, messages) for child in part.children] or [_EMPTY_TEXT]
    plain, extended = (b"".join(each) + b" " + _nstring(media.subtype) for each in zip(*bodies, strict=True))
    return plain, extended, _parameters(media.parameters)


def _single(message: Message, part: Part, media: ContentType, messages: Set[bytes]) -> tuple[bytes, bytes, bytes]:
    """Spell a part that is no multipart: twice, with an enclosed message of either kind, and its body-fld-md5.

    ::

        body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]
        body-type-basic = media-basic SP body-fields
        body-type-msg   = media-message SP body-fields SP envelope SP body SP body-fld-lines
        body-type-text  = media-text SP body-fields SP body-fld-lines
        body-ext-1part  = body-fld-md5 [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc]]]
    """
    header = message.header(part)
    spelled = b" ".join((_nstring(media.type), _nstring(media.subtype), *_fields(header, media, part)))
    md5 = _nstring(header.get(b"content-md5"))
    if media.essence in messages:
        (child,) = part.children
        spelled += b" " + _envelope(message.header(child))
        bodies = _body(message, child, TEXT_PLAIN, messages)
        plain, extended = (b"%b %b %d" % (spelled, each, part.lines) for each in bodies)
        return plain, extended, md5
    if media.type.lower() == b"text":
        spelled += b" %d" % part.lines
    return spelled, spelled, md5


def _content_type(header: Header, kind: Kind, default: ContentType, messages: Set[bytes]) -> ContentType:
    """Return the type that is told: one that promises children which the scanner did not find is opaque."""
    media = default if header.get(b"content-type") is None else header.content_type or TEXT_PLAIN
    if kind is Kind.LEAF and (media.type.lower() == b"multipart" or media.essence in messages):
        return ContentType(b"application", b"octet-stream", media.parameters)
    return media


def _fields(header: Header, media: ContentType, part: Part) -> list[bytes]:
    """``body-fields = body-fld-param SP body-fld-id SP body-fld-desc SP body-fld-enc SP body-fld-octets``."""
    parameters = media.parameters
    if media.type.lower() == b"text" and media.get(b"charset") is None:
        parameters += ((b"charset", b"us-ascii"),)
    return [
        _parameters(parameters),
        _nstring(header.get(b"content-id")),
        _nstring(header.get(b"content-description")),
        _nstring(parse_transfer_encoding(header.get(b"content-transfer-encoding"))),
        b"%d" % (part.end - part.body),
    ]


def _extension(header: Header) -> bytes:
    """Spell what both sorts of extension data end with: disposition, language, location."""
    value = header.get(b"content-disposition")
    disposition = parse_disposition(value) if value else None
    language = _LANGUAGES(without_comments(header.get(b"content-language") or b""))
    spelled = (
        b"(%b %b)" % (_nstring(disposition.type), _parameters(disposition.parameters)) if disposition else NIL,
        b"(" + b" ".join(map(_nstring, language)) + b")" if language else NIL,
        _nstring(header.get(b"content-location")),
    )
    return b" ".join(spelled)


_LANGUAGES: Final = re.compile(rb"[^\s,]+").findall
_EMPTY: Final = b'"text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0'
_EMPTY_TEXT: Final = b"(%b)" % _EMPTY, b"(%b NIL NIL NIL NIL)" % _EMPTY


def _parameters(parameters: Parameters) -> bytes:
    """``body-fld-param = "(" string SP string *(SP string SP string) ")" / nil``."""
    return b"(" + b" ".join(map(_nstring, chain.from_iterable(parameters))) + b")" if parameters else NIL


_SIMPLE: Final = re.compile(rb'[ !#-\[\]-~]{0,%d}' % MAX_QUOTED).fullmatch


def _nstring(value: bytes | None) -> bytes:
    """``nstring = string / nil``, without the NULs of a broken header, which neither quoted nor literal may have."""
    if value is None:
        return NIL
    return b'"%b"' % value if _SIMPLE(value) else nstring(value.replace(b"\0", b""))
