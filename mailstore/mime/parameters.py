"""Content-Type, Content-Disposition and their parameters (RFC 2045, 5.1; RFC 2183; RFC 2231)."""

import re
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from attrs import frozen

from mailstore.mime.lexical import unquote, without_comments

Parameters = tuple[tuple[bytes, bytes], ...]
"""Names as they are written and values without quotes; continuations joined."""

_MEDIA_TYPE: Final = re.compile(rb'\s*([^\s()<>@,;:\\"/\[\]?=]+)\s*/\s*([^\s()<>@,;:\\"/\[\]?=]+)').match
_VALUE: Final = re.compile(rb'\s*(?:"([^"\\]*+(?:\\.[^"\\]*+)*)"?|([^\s;"]+))', re.DOTALL).match
_PARAMETER: Final = re.compile(
    rb';\s*([^\s;="]++)\s*+=\s*+(?:"([^"\\]*+(?:\\.[^"\\]*+)*)"?|([^\s;]*+))', re.DOTALL
).findall
_CONTINUATION: Final = re.compile(rb"(.+?)\*(\d{1,4})(\*?)", re.DOTALL).fullmatch


@frozen
class ContentType:
    """A media type: `type` and `subtype` as they are written, and the parameters."""

    type: bytes
    subtype: bytes
    parameters: Parameters = ()

    @property
    def essence(self) -> bytes:
        """The type and subtype in lower case, with the slash."""
        return b"%b/%b" % (self.type.lower(), self.subtype.lower())

    def get(self, name: bytes) -> bytes | None:
        """Return the parameter of this name (lower case), decoded as RFC 2231 says; its charset is disregarded."""
        return get_parameter(self.parameters, name)


@frozen
class Disposition:
    """A Content-Disposition: ``inline``, ``attachment`` or whatever is written, and the parameters."""

    type: bytes
    parameters: Parameters = ()


TEXT_PLAIN: Final = ContentType(b"text", b"plain")
MESSAGE_RFC822: Final = ContentType(b"message", b"rfc822")


def parse_content_type(value: bytes) -> ContentType | None:
    """Return what an unfolded Content-Type says; None if it has no type and subtype.

    ::

        content := "Content-Type" ":" type "/" subtype *(";" parameter)     (RFC 2045, 5.1)

    A NUL does not count, so that a type is the same here and in IMAP, which has no NUL.
    """
    value = without_comments(value.replace(b"\0", b""))
    match = _MEDIA_TYPE(value)
    return ContentType(match[1], match[2], parse_parameters(value[match.end() :])) if match else None


def parse_disposition(value: bytes) -> Disposition | None:
    """Return what an unfolded Content-Disposition says; None if it says nothing.

    ::

        disposition := "Content-Disposition" ":" disposition-type *(";" disposition-parm)       (RFC 2183, 2)
    """
    value = without_comments(value)
    match = _VALUE(value)
    return Disposition(match[2] or unquote(match[1]), parse_parameters(value[match.end() :])) if match else None


def parse_parameters(value: bytes) -> Parameters:
    """Return the parameters in `value`, which begins after the type and is without comments.

    ::

        parameter := attribute "=" value
        value     := token / quoted-string      (RFC 2045, 5.1)

    Tokens are taken with the characters that should have made them quoted strings, and the first semicolon may lack.
    """
    if b"=" not in value:
        return ()
    found = [(name, token or unquote(quoted)) for name, quoted, token in _PARAMETER(b";" + value)]
    return _join(found) if any(b"*" in name for name, _ in found) else tuple(found)


def get_parameter(parameters: Parameters, name: bytes) -> bytes | None:
    """Return the value of the parameter `name` (lower case), or of its RFC 2231 form without charset and language."""
    for written, value in parameters:
        if written.lower() == name:
            return value
        if written.lower() == name + b"*":
            return unquote_to_bytes(value.split(b"'", 2)[-1])
    return None


def _join(found: list[tuple[bytes, bytes]]) -> Parameters:
    """Join continuations (RFC 2231, 3 and 4.1), as IMAP servers should (section 6): one parameter for all its sections.

    Sections are put in order of their numbers; if one is percent-encoded, then the whole is, and has the name with
    the star.
    """
    joined: dict[bytes, bytes] = {}
    sections: dict[bytes, dict[int, tuple[bytes, bytes]]] = {}
    for name, value in found:
        match = _CONTINUATION(name)
        if match:
            joined.setdefault(match[1], b"")
            sections.setdefault(match[1], {}).setdefault(int(match[2]), (value, match[3]))
        else:
            joined.setdefault(name, value)
    return tuple(_whole(name, sections[name]) if name in sections else (name, joined[name]) for name in joined)


def _whole(name: bytes, sections: dict[int, tuple[bytes, bytes]]) -> tuple[bytes, bytes]:
    """Return name and value of a parameter that came in numbered sections."""
    ordered = [sections[number] for number in sorted(sections)]
    if not any(star for _, star in ordered):
        return name, b"".join(value for value, _ in ordered)
    value = b"".join(value if star else quote_from_bytes(value, safe="").encode() for value, star in ordered)
    return name + b"*", value if ordered[0][1] else b"''" + value
