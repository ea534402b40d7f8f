"""A message, scanned once."""

from mailstore.mime.headers import Header
from mailstore.mime.part import Part
from mailstore.mime.scanner import scan
from mailstore.spool import Octets


class Message:
    """A message's octets and its part tree; headers are parsed when they are asked for, and once."""

    __slots__ = ("_headers", "octets", "root")

    def __init__(self, octets: Octets, root: Part | None = None) -> None:
        """Take the octets and, where it is known already, their part tree."""
        self.octets = octets
        self.root = scan(octets) if root is None else root
        self._headers: dict[tuple[int, int], Header] = {}

    def header(self, part: Part) -> Header:
        """Return the part's own header."""
        span = part.header, part.body
        if span not in self._headers:
            self._headers[span] = Header(self.octets[part.header : part.body])
        return self._headers[span]
