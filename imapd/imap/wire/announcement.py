"""Whether the end of a line announces a literal (RFC 3501, 4.3; RFC 7888; RFC 3516, 4.4).

It does when the line ends in ``{n}`` (the client waits for ``+``) or ``{n+}`` (it does not), either one with ``~``
before it if the literal may hold NUL; but

- not in a quoted string that the line leaves open: no line end can stand in one, so the command is broken there;
- ``{n}`` only after a space or a parenthesis, the only places that the grammar has for a literal.  Elsewhere the client
  is answered BAD at once, which is right whether it waits for ``+`` or not;
- ``{n+}`` everywhere else: the octets come in any case, and must not be run as commands;
- a number that is negative, missing or beyond 63 bits announces nothing.
"""

import re
from typing import Final

from attrs import frozen

ROOM: Final = 64
"""Octets at the end of a line that an announcement has room in."""

_MAX_SIZE: Final = 0x7FFF_FFFF_FFFF_FFFF
_ANNOUNCEMENT: Final = re.compile(rb"(~?)\{0*(\d{1,19})(\+?)\}\Z")
_CLOSED: Final = re.compile(rb'(?:[^"]++|"(?:[^"\\]++|\\.)*")*', re.DOTALL)


@frozen
class Announcement:
    """A literal of `size` octets comes behind the line, whose own text is `text`."""

    text: bytes
    size: int
    binary: bool
    awaited: bool
    """Whether the client waits for ``+``."""


def announcement(line: bytes) -> Announcement | None:
    """Return what the end of `line` announces by the rules above.

    ``literal = ["~"] "{" number ["+"] "}" CRLF *OCTET``
    """
    found = _at_the_end(line) if line.endswith(b"}") else None
    if found is None or not _CLOSED.fullmatch(line):
        return None
    return None if found.awaited and not found.text.endswith((b" ", b"(")) else found


def unasked_announcement(line: bytes) -> Announcement | None:
    """Return the ``{n+}`` at the end of `line`, of which nothing but the last octets is known: it was too long."""
    found = _at_the_end(line)
    return None if found is None or found.awaited else found


def _at_the_end(line: bytes) -> Announcement | None:
    found = _ANNOUNCEMENT.search(line, max(len(line) - ROOM, 0))
    if found is None or int(found[2]) > _MAX_SIZE:
        return None
    return Announcement(line[: found.start()], int(found[2]), bool(found[1]), not found[3])
