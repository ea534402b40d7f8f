"""What the structured fields have in common: comments, quoted strings (RFC 5322, 3.2)."""

import re
from typing import Final

_PARENTHESES: Final = re.compile(rb"[()]|\\.", re.DOTALL).finditer
_QUOTED_OR_COMMENT: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*"?|\(', re.DOTALL).search
_PAIR: Final = re.compile(rb"\\(.)", re.DOTALL).sub


def comment_end(value: bytes, start: int) -> int:
    r"""Return the offset after the comment that begins at `start`; an unclosed one goes to the end.

    ::

        comment  = "(" *([FWS] ccontent) [FWS] ")"
        ccontent = ctext / quoted-pair / comment        (RFC 5322, 3.2.2)
    """
    depth = 0
    for match in _PARENTHESES(value, start):
        octet = match[0]
        depth += (octet == b"(") - (octet == b")")
        if not depth:
            return match.end()
    return len(value)


def without_comments(value: bytes) -> bytes:
    """Return a structured field's value with a space for each comment."""
    if b"(" not in value:
        return value
    pieces: list[bytes] = []
    start = 0
    while match := _QUOTED_OR_COMMENT(value, start):
        stop = match.end()
        pieces.append(value[start:stop])
        start = stop
        if match[0] == b"(":
            pieces[-1] = pieces[-1][:-1] + b" "
            start = comment_end(value, stop - 1)
    pieces.append(value[start:])
    return b"".join(pieces)


def unquote(content: bytes) -> bytes:
    """Return what stands between the quotes of a quoted string, its quoted pairs resolved (RFC 5322, 3.2.4)."""
    return _PAIR(rb"\1", content) if b"\\" in content else content
