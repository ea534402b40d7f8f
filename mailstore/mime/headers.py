"""Header fields, as they are and unfolded (RFC 5322, 2.2)."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_FIELD: Final = re.compile(rb"[^\n]++(?:\n[ \t][^\n]*+)*\n?|\n")
"""A line with the folded ones after it (RFC 5322, 2.2.3); possessive, since a header may be megabytes of folds."""
_NAME: Final = re.compile(rb"([^\s:]+)[ \t]*:").match
_FOLD: Final = re.compile(rb"\r?\n[ \t]?").sub
_EMPTY_LINES: Final = frozenset([b"\r\n", b"\n"])
_WHITE: Final = b" \t\r\n"


class Field(NamedTuple):
    """One header field.

    Attributes:
        name: in lower case; empty for a line that is no field.
        raw: the octets as they are, folds and line end included.
        value: unfolded, without white space around it; of a line that is no field, all of it.

    """

    name: bytes
    raw: bytes
    value: bytes


class Header:
    """A header block: its fields by name, and in order."""

    __slots__ = ("_by_name", "octets")

    def __init__(self, octets: bytes) -> None:
        """Take a header block, with or without the empty line after it."""
        self.octets = octets
        self._by_name: dict[bytes, list[bytes]] = {}
        for raw in _FIELD.findall(octets):
            self._by_name.setdefault(field_name(raw), []).append(raw)

    def __iter__(self) -> Iterator[Field]:
        for raw in _FIELD.findall(self.octets):
            name = field_name(raw)
            if raw not in _EMPTY_LINES:
                yield Field(name, raw, unfold(raw.partition(b":")[2] if name else raw))

    def get(self, name: bytes) -> bytes | None:
        """Return the unfolded value of the first field of this name (lower case)."""
        raws = self._by_name.get(name)
        return unfold(raws[0].partition(b":")[2]) if raws else None

    def all(self, name: bytes) -> list[bytes]:
        """Return the unfolded values of every field of this name (lower case), in order."""
        return [unfold(raw.partition(b":")[2]) for raw in self._by_name.get(name, ())]


def field_name(raw: bytes) -> bytes:
    """Return the name of a field in lower case; empty if this is no field.

    ::

        field-name = 1*ftext        ; any character except controls, SP and ":"
        obs-field  = field-name *WSP ":" unstructured       (RFC 5322, 2.2 and 4.5)

    A space within the name makes it no field: so does the ``From`` line of an mbox, whose first colon is in its time.
    """
    match = _NAME(raw)
    return match[1].lower() if match else b""


def unfold(value: bytes) -> bytes:
    """Return a field's value on one line, without white space around it.

    A fold, that is a line end and the tab or space after it, becomes a space.  RFC 5322, 2.2.3 would leave the tab, but
    nobody meant it who folded with one, and ``hello world`` is to be found across it.
    """
    return (_FOLD(b" ", value) if b"\n" in value else value).strip(_WHITE)


def first_value(header: bytes, name: bytes) -> bytes | None:
    """Return what `Header.get` would, without parsing the other fields."""
    lowered = b"\n" + header.lower()
    at = lowered.find(b"\n" + name)
    while at >= 0:
        field = _FIELD.match(header, at)
        if field and field_name(field[0]) == name:
            return unfold(field[0].partition(b":")[2])
        at = lowered.find(b"\n" + name, at + 1)
    return None


def select_fields(header: bytes, names: frozenset[bytes], negate: bool = False) -> bytes:
    """Return the fields whose names are among `names`, or with `negate` those whose names are not (RFC 3501, 6.4.5).

    The octets are exactly as stored, in order, and end with the empty line of `header` if it has one; by the RFC only
    "a message which has no body and no blank line" has none.  Lines that are no fields have no name: they are left
    out, or with `negate` kept, so that an empty set negated gives the whole header.

    Args:
        header: a header block, octets.
        names: field names in lower case.
        negate: HEADER.FIELDS.NOT instead of HEADER.FIELDS.

    """
    return b"".join(
        [raw for raw in _FIELD.findall(header) if (field_name(raw) in names) is not negate or raw in _EMPTY_LINES]
    )
