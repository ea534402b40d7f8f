"""Octets and texts as the strings of a response (RFC 3501, 4.3)."""

import re
from typing import Final

MAX_QUOTED: Final = 1000
"""Octets of a quoted string: a line of any length is legal, but clients with a fixed line buffer still exist."""

_QUOTABLE: Final = re.compile(rb"[^\x00\r\n\x80-\xff]{0,%d}" % MAX_QUOTED)
_ATOM: Final = re.compile(rb'(?!(?i:NIL)\Z)[^\x00-\x20\x7f-\xff(){%*"\\]+')
_CONTROLS: Final = re.compile(rb"[\x00-\x1f\x7f]+")


def quoted(octets: bytes) -> bytes:
    """Return `octets` in quotes; they hold no CR, LF or NUL, and no octet above 127 but UTF-8 that is enabled.

    ``quoted = DQUOTE *QUOTED-CHAR DQUOTE``
    """
    return b'"%b"' % octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


def literal(octets: bytes) -> bytes:
    """Return `octets` as a literal; a stored NUL is sent as it is, which RFC 3501 does not allow for.

    ``literal = "{" number "}" CRLF *CHAR8``
    """
    return b"{%d}\r\n%b" % (len(octets), octets)


def of_literal(spelled: bytes) -> bytes:
    """Return the octets that `literal` has spelled."""
    return spelled[spelled.index(b"\n") + 1 :]


def is_literal(spelled: bytes) -> bool:
    """Tell whether octets are what `literal` spells: a client takes as many as it says for one."""
    head = spelled.find(b"\n", 0, 16) + 1
    return spelled[:head] == b"{%d}\r\n" % (len(spelled) - head)


def is_parenthesized(spelled: bytes) -> bool:
    """Tell whether octets stand in parentheses, as structures do."""
    return spelled[:1] == b"(" and spelled[-1:] == b")"


def string(octets: bytes) -> bytes:
    """Return `octets` quoted where that is allowed and not too long, else as a literal.

    ``string = quoted / literal``
    """
    return quoted(octets) if _QUOTABLE.fullmatch(octets) else literal(octets)


def nstring(octets: bytes | None) -> bytes:
    """Return ``NIL`` for None, else a string.

    ``nstring = string / nil``
    """
    return b"NIL" if octets is None else string(octets)


def nstring8(octets: bytes | None) -> bytes:
    """Return a nstring, or a literal8 where a NUL is in it.

    ``nstring / literal8``
    """
    return b"~" + literal(octets) if octets is not None and b"\0" in octets else nstring(octets)


def astring(octets: bytes) -> bytes:
    """Return `octets` bare where that is allowed, else as a string; ``NIL`` is quoted, lest it be read as nil.

    ``astring = 1*ASTRING-CHAR / string``
    """
    return octets if _ATOM.fullmatch(octets) else string(octets)


def text(words: str, *, charset: str = "ascii") -> bytes:
    """Return `words` as one line of text that is not taken for a response code or a literal."""
    line = words.encode(charset, "replace")
    line = (line if words.isprintable() else _CONTROLS.sub(b" ", line)).strip()
    if line.startswith(b"["):
        line = b"(" + line[1:]
    if line.endswith(b"}"):
        line += b"."
    return line or b"-"
