"""From octets to the part tree, in one pass (RFC 2045, RFC 2046)."""

import re
from typing import Final

from mailstore.mime.headers import Header, Headers
from mailstore.mime.parameters import MESSAGE_RFC822, TEXT_PLAIN, ContentType
from mailstore.mime.part import Kind, Part
from mailstore.mime.transfer import parse_transfer_encoding
from mailstore.spool import Octets

MAX_PARTS: Final = 10_000
"""Real digests have some hundreds; each part costs a Python object in every tree that is kept."""
MAX_DEPTH: Final = 100
"""Real mail seldom goes beyond ten; the tree is walked recursively, and every open boundary is searched for."""
MAX_BOUNDARY: Final = 200
"""Octets of a boundary that are compared: RFC 2046 allows 70, and a search costs by the length of what is sought."""
_COUNTED: Final = 1 << 16
"""Octets in which line ends are counted at once: each slice is a copy, and nobody else has the interpreter."""

_LINE_END: Final = re.compile(rb"\r?\n").match
_EMPTY_LINE: Final = re.compile(rb"\n\r?\n").search
_MESSAGES: Final = frozenset([b"message/rfc822", b"message/global"])
_CR: Final = 0x0D


def scan(octets: Octets, headers: Headers | None = None) -> Part:
    """Return the shape of a message, whose `headers` may be asked for behind it.

    Any octets are a message: this never fails.  It takes time linear in their number, and whatever is beyond
    `MAX_PARTS` or `MAX_DEPTH` is in the body of a leaf.  CRLF and bare LF end lines; a bare CR does not.
    """
    return _Scanner(octets, headers or Headers(octets)).entity(0, 0, TEXT_PLAIN)


def header_end(octets: Octets) -> int:
    """Return where a message's own header ends, after the empty line; nothing behind it is looked at."""
    return _Scanner(octets, Headers(octets)).header_end(0)


class _Open:
    """A multipart that has not ended: its boundary, and where the next line that begins with it is."""

    __slots__ = ("at", "needle")

    def __init__(self, boundary: bytes) -> None:
        self.needle = b"\n--" + boundary[:MAX_BOUNDARY]
        self.at = -1

    def seek(self, octets: Octets, start: int, stop: int) -> None:
        """Let `at` be the line end before the boundary, from `start` to `stop` (included), or the message's end."""
        if self.at < start:
            at = octets.find(self.needle, start, stop + len(self.needle))
            self.at = at if at >= 0 else len(octets)

    def covers(self, other: "_Open") -> bool:
        """Tell whether this one is meant where both begin a line, `other` being an outer one."""
        return len(self.needle) >= len(other.needle)


class _Scanner:
    """Walks through the octets once, from boundary line to boundary line.

    The next one is that of the multipart `found`, begins at `line`, and what is before it ends at `stop`: the line end
    between the two belongs to the boundary (RFC 2046, 5.1.1).
    """

    def __init__(self, octets: Octets, headers: Headers) -> None:
        self.octets = octets
        self.headers = headers
        self.size = self.line = self.stop = len(octets)
        self.found: _Open | None = None
        self.open: list[_Open] = []
        self.parts = 0
        self.counted = self.lines = 0

    def entity(self, start: int, depth: int, default: ContentType) -> Part:
        """Scan the part whose header begins at `start`; `default` is its type if it names none."""
        self.parts += 1
        if self.parts >= MAX_PARTS:
            self.open.clear()
            self.look(start)
        body = self.header_end(start)
        kind, media = self.kind(self.headers.at(start, body), depth, default)
        lines = self.lines_until(body)
        children: tuple[Part, ...] = ()
        if kind is Kind.MESSAGE:
            children = (self.entity(body, depth + 1, TEXT_PLAIN),)
        elif kind is Kind.MULTIPART:
            children = self.children(body, depth + 1, media)
        end = max(body, self.stop, *(child.end for child in children[-1:]))
        return Part(kind, start, body, end, self.lines_until(end) - lines, children)

    def header_end(self, start: int) -> int:
        """Return the offset after the empty line; a header without one goes up to the boundary."""
        limit = max(start, self.stop)
        match = _LINE_END(self.octets, start, limit) or _EMPTY_LINE(self.octets, start, limit)
        return match.end() if match else limit

    def kind(self, header: Header, depth: int, default: ContentType) -> tuple[Kind, ContentType]:
        """Return what the part with this header is to be scanned as, and its type."""
        media = default if header.get(b"content-type") is None else header.content_type or TEXT_PLAIN
        if depth >= MAX_DEPTH or self.parts >= MAX_PARTS:
            return Kind.LEAF, media
        if media.type.lower() == b"multipart":
            return Kind.MULTIPART, media
        return Kind.MESSAGE if media.essence in _MESSAGES and not _is_encoded(header) else Kind.LEAF, media

    def children(self, body: int, depth: int, media: ContentType) -> tuple[Part, ...]:
        """Scan the parts of the multipart whose body begins at `body`, up to its last boundary line or an outer one.

        One that is not even ended by a line end is torn off, and the last one too.
        """
        boundary = (media.get(b"boundary") or b"").rstrip()
        if not boundary:
            return ()
        default = MESSAGE_RFC822 if media.subtype.lower() == b"digest" else TEXT_PLAIN
        children: list[Part] = []
        this, outer = _Open(boundary), len(self.open)
        self.open.append(this)
        self.look(body - 1)
        while self.found is this:
            after = self.line + len(this.needle) - 1
            start = self.octets.find(b"\n", after) + 1
            if not start or self.octets[after : after + 2] == b"--":
                self.line = start or self.size
                break
            self.look(start - 1)
            children.append(self.entity(start, depth, default))
        del self.open[outer:]
        self.look(self.line - 1)
        return tuple(children)

    def look(self, start: int) -> None:
        """Find the first boundary line that follows a line end at `start` or later.

        A line need only begin with a boundary (RFC 2046, 5.1.1), so the longest one that fits is meant, and of equal
        ones the innermost.  An inner boundary is sought no further than the nearest outer one, which ends it: no octet
        is looked at more than once for each level.
        """
        at, self.found = self.size, None
        for multipart in self.open:
            multipart.seek(self.octets, start, at)
            if multipart.at < at or (self.found and multipart.at == at and multipart.covers(self.found)):
                at, self.found = multipart.at, multipart
        self.line = min(at + 1, self.size)
        self.stop = at - 1 if self.found and self.octets[at - 1] == _CR else at

    def lines_until(self, offset: int) -> int:
        """Return how many line ends there are before `offset`, which never goes back: each is counted once.

        `bytes.replace` goes from one to the next by memchr, where `bytes.count` looks at each octet.
        """
        for start in range(self.counted, offset, _COUNTED):
            piece = self.octets[start : min(start + _COUNTED, offset)]
            self.lines += len(piece) - len(piece.replace(b"\n", b""))
        self.counted = offset
        return self.lines


def _is_encoded(header: Header) -> bool:
    """Tell whether a message is hidden by a transfer encoding, which RFC 2045, 6.4 forbids; it is then a leaf."""
    encoding = parse_transfer_encoding(header.get(b"content-transfer-encoding"))
    return encoding.lower() in (b"base64", b"quoted-printable")
