"""A message, scanned once."""

from collections.abc import Callable
from typing import Any, TypeVar

from mailstore.mime.headers import Header, Headers
from mailstore.mime.part import Part
from mailstore.mime.scanner import scan
from mailstore.spool import Octets

T = TypeVar("T")


class Message:
    """A message's octets and its part tree; what else is made of it is made when it is asked for, and once."""

    __slots__ = ("_headers", "_made", "octets", "root")

    def __init__(self, octets: Octets, root: Part | None = None) -> None:
        """Take the octets and, where it is known already, their part tree."""
        self.octets = octets
        self._headers = Headers(octets)
        self.root = scan(octets, self._headers) if root is None else root
        self._made: dict[Callable[[Message], Any], Any] = {}

    def header(self, part: Part) -> Header:
        """Return the part's own header."""
        return self._headers.at(part.header, part.body)

    def once(self, make: "Callable[[Message], T]") -> T:
        """Return what `make` makes of this message; it does so only once."""
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made
