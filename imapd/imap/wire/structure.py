"""ENVELOPE, BODY and BODYSTRUCTURE (RFC 3501, 7.4.2; RFC 9051, 7.5.2)."""

import re
from collections.abc import Set
from itertools import chain
from typing import Final

from attrs import frozen

from imapd.imap.wire.encode import nstring
from mailstore.mime import Header, Kind, Message, Part
from mailstore.mime.addresses import Address, parse_addresses
from mailstore.mime.lexical import without_comments
from mailstore.mime.parameters import (
    MESSAGE_RFC822,
    TEXT_PLAIN,
    ContentType,
    Parameters,
    parse_content_type,
    parse_disposition,
)
from mailstore.mime.transfer import parse_transfer_encoding

NIL: Final = b"NIL"


@frozen
class _Form:
    """How bodies are spelled: with extension data or not, and which media types as messages with what is in them."""

    extended: bool
    messages: Set[bytes]


_REV1: Final = frozenset({b"message/rfc822"})
_REV2: Final = frozenset({b"message/rfc822", b"message/global"})


def envelope(message: Message) -> bytes:
    """Return the envelope structure of a message."""
    return _envelope(message.header(message.root))


def body(message: Message) -> bytes:
    """Return the body structure without extension data."""
    return _body(message, message.root, TEXT_PLAIN, _Form(False, _REV1))


def bodystructure(message: Message) -> bytes:
    """Return the body structure with extension data."""
    return _body(message, message.root, TEXT_PLAIN, _Form(True, _REV1))


def rev2_bodies(message: Message) -> bytes:
    """Return the body structure without and that with extension data, NUL between them, as IMAP4rev2 has them.

    Empty if those of IMAP4rev1 are the same: only IMAP4rev2 looks into message/global, which is rare.
    """
    if not _mentions_global(message, message.root):
        return b""
    extended = _body(message, message.root, TEXT_PLAIN, _Form(True, _REV2))
    if extended == bodystructure(message):
        return b""
    return _body(message, message.root, TEXT_PLAIN, _Form(False, _REV2)) + b"\0" + extended


def _mentions_global(message: Message, part: Part) -> bool:
    if b"global" in message.header(part).octets.lower():
        return True
    return any(_mentions_global(message, child) for child in part.children)


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
    addresses = parse_addresses(b",".join(header.all(name)))
    return b"(" + b"".join(map(_address, addresses)) + b")" if addresses else default


def _address(address: Address) -> bytes:
    """``address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"``."""
    return b"(" + b" ".join(map(_nstring, address)) + b")"


def _body(message: Message, part: Part, default: ContentType, form: _Form) -> bytes:
    """``body = "(" (body-type-1part / body-type-mpart) ")"``; `default` is the type of a part that names none."""
    media = _content_type(message.header(part), part.kind, default, form.messages)
    spell = _multipart if part.kind is Kind.MULTIPART else _single
    return b"(" + spell(message, part, media, form) + b")"


def _multipart(message: Message, part: Part, media: ContentType, form: _Form) -> bytes:
    """Spell a multipart; one without parts has an empty text, since the grammar wants one.

    ::

        body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
        body-ext-mpart  = body-fld-param [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc]]]
    """
    default = MESSAGE_RFC822 if media.subtype.lower() == b"digest" else TEXT_PLAIN
    bodies = [_body(message, child, default, form) for child in part.children]
    spelled = [b"".join(bodies) or _empty_text(form.extended), _nstring(media.subtype)]
    if form.extended:
        spelled += [_parameters(media.parameters), *_extension(message.header(part))]
    return b" ".join(spelled)


def _single(message: Message, part: Part, media: ContentType, form: _Form) -> bytes:
    """Spell a part that is no multipart.

    ::

        body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]
        body-type-basic = media-basic SP body-fields
        body-type-msg   = media-message SP body-fields SP envelope SP body SP body-fld-lines
        body-type-text  = media-text SP body-fields SP body-fld-lines
        body-ext-1part  = body-fld-md5 [SP body-fld-dsp [SP body-fld-lang [SP body-fld-loc]]]
    """
    header = message.header(part)
    spelled = [_nstring(media.type), _nstring(media.subtype), *_fields(header, media, part)]
    if media.essence in form.messages:
        (child,) = part.children
        spelled += [_envelope(message.header(child)), _body(message, child, TEXT_PLAIN, form), b"%d" % part.lines]
    elif media.type.lower() == b"text":
        spelled.append(b"%d" % part.lines)
    if form.extended:
        spelled += [_nstring(header.get(b"content-md5")), *_extension(header)]
    return b" ".join(spelled)


def _content_type(header: Header, kind: Kind, default: ContentType, messages: Set[bytes]) -> ContentType:
    """Return the type that is told: one that promises children which the scanner did not find is opaque."""
    value = header.get(b"content-type")
    media = default if value is None else parse_content_type(value) or TEXT_PLAIN
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


def _extension(header: Header) -> list[bytes]:
    """Spell what both sorts of extension data end with: disposition, language, location."""
    value = header.get(b"content-disposition")
    disposition = parse_disposition(value) if value else None
    language = re.findall(rb"[^\s,]+", without_comments(header.get(b"content-language") or b""))
    return [
        b"(%b %b)" % (_nstring(disposition.type), _parameters(disposition.parameters)) if disposition else NIL,
        b"(" + b" ".join(map(_nstring, language)) + b")" if language else NIL,
        _nstring(header.get(b"content-location")),
    ]


def _empty_text(extended: bool) -> bytes:
    return b'("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0%b)' % (b" NIL NIL NIL NIL" if extended else b"")


def _parameters(parameters: Parameters) -> bytes:
    """``body-fld-param = "(" string SP string *(SP string SP string) ")" / nil``."""
    return b"(" + b" ".join(map(_nstring, chain.from_iterable(parameters))) + b")" if parameters else NIL


def _nstring(value: bytes | None) -> bytes:
    """``nstring = string / nil``, without the NULs of a broken header, which neither quoted nor literal may have."""
    return nstring(value and value.replace(b"\0", b""))
