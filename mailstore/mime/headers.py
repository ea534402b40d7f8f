"""Header fields, as they are and unfolded (RFC 5322, 2.2)."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from mailstore.mime.addresses import Address, parse_addresses
from mailstore.mime.dates import parse_date
from mailstore.mime.decode import decode_header
from mailstore.mime.parameters import ContentType, parse_content_type
from mailstore.model import InternalDate
from mailstore.spool import Octets

MAX_OCTETS: Final = 1 << 20
"""Of a header from its beginning, in which fields are looked for, and of the headers of one message that are kept while
it is scanned.  The largest of real mail, to thousands of people, have a third of it, and Postfix passes on 100 KB; a
header that is nothing but short lines takes fifty times its octets when it is taken apart."""
SHARED_OCTETS: Final = 256
"""Of a part's header that is kept for all messages: nearly all texts have one of some ten."""
SHARED: Final = 256
"""Headers that are kept so, some 2 KB each, and 14 KB where somebody means them to be large."""
_FIELD: Final = re.compile(rb"((?:([^\s:]++)[ \t]*+:|.).*+(?:\n[ \t].*+)*\n?|\n)")
"""A line with the folded ones after it (RFC 5322, 2.2.3), and its name, which is empty if it is no field.

::

    field-name = 1*ftext        ; any character except controls, SP and ":"
    obs-field  = field-name *WSP ":" unstructured       (RFC 5322, 2.2 and 4.5)

A space within the name makes it no field: so does the ``From`` line of an mbox, whose first colon is in its time.
Possessive, since a header may be megabytes of folds.
"""
_BETWEEN_FIELDS: Final = re.compile(rb"\n(?![ \t])").search
_FOLD: Final = re.compile(rb"\r?\n[ \t]?").sub
_EMPTY_LINES: Final = frozenset([b"\r\n", b"\n"])
_WHITE: Final = b" \t\r\n"


class Field(NamedTuple):
    """One header field.

    Attributes:
        name: in lower case; empty for a line that is no field.
        raw: the octets as they are, folds and line end included.

    """

    name: bytes
    raw: bytes

    @property
    def value(self) -> bytes:
        """The value unfolded, without white space around it; of a line that is no field, all of it."""
        return unfold(self.raw.partition(b":")[2] if self.name else self.raw)


class Header:
    """A header block: its fields by name, and in order.  What is asked for is parsed, and only once.

    Attributes:
        octets: those in which fields are looked for, whole lines of `MAX_OCTETS` at most.

    """

    def __init__(self, octets: bytes) -> None:
        """Take a header block, with or without the empty line after it."""
        if len(octets) > MAX_OCTETS:
            octets = octets[: octets.rfind(b"\n", 0, MAX_OCTETS) + 1 or MAX_OCTETS]
        self.octets = octets
        self._fields = [(name.lower(), raw) for raw, name in _FIELD.findall(octets)]
        self._raw: dict[bytes, list[bytes]] = {}
        for name, raw in self._fields:
            self._raw.setdefault(name, []).append(raw)
        self._values: dict[bytes, list[bytes]] = {}
        self._addresses: dict[bytes, list[Address]] = {}

    def __iter__(self) -> Iterator[Field]:
        for name, raw in self._fields:
            if raw not in _EMPTY_LINES:
                yield Field(name, raw)

    def get(self, name: bytes) -> bytes | None:
        """Return the unfolded value of the first field of this name (lower case)."""
        values = self._values.get(name) or self.all(name)
        return values[0] if values else None

    def all(self, name: bytes) -> Sequence[bytes]:
        """Return the unfolded values of every field of this name (lower case), in order."""
        values = self._values.get(name)
        if values is None and name in self._raw:
            values = self._values[name] = [unfold(raw.partition(b":")[2]) for raw in self._raw[name]]
        return values or ()

    def addresses(self, name: bytes) -> Sequence[Address]:
        """Return the addresses in the fields of this name (lower case); several count as one."""
        addresses = self._addresses.get(name)
        if addresses is None:
            addresses = self._addresses[name] = parse_addresses(b",".join(self.all(name)))
        return addresses

    @cached_property
    def content_type(self) -> ContentType | None:
        """What Content-Type: says; None if there is none, or no type in it."""
        return parse_content_type(self.get(b"content-type") or b"")

    @cached_property
    def date(self) -> InternalDate | None:
        """The moment that Date: names, and its zone; None if it names none."""
        return parse_date(self.get(b"date") or b"")

    @cached_property
    def subject(self) -> str:
        """The decoded value of Subject:, empty if there is none."""
        return decode_header(self.get(b"subject") or b"")

    def select(self, names: frozenset[bytes]) -> bytes:
        """Return the fields of these names (lower case), as `select_fields` does."""
        return b"".join([raw for name, raw in self._fields if name in names or (not name and raw in _EMPTY_LINES)])


class Headers:
    """The headers of a message's parts; the first ones are kept, so that they are taken apart once."""

    def __init__(self, octets: Octets) -> None:
        """Take the message's octets."""
        self._octets = octets
        self._kept: dict[tuple[int, int], Header] = {}
        self._room = MAX_OCTETS

    def at(self, start: int, stop: int) -> Header:
        """Return the header that lies from `start` up to `stop`."""
        if start and stop - start <= SHARED_OCTETS:
            return _shared(self._octets[start:stop])
        header = self._kept.get((start, stop))
        if header is None:
            header = Header(self._octets[start : min(stop, start + MAX_OCTETS + 1)])
            if len(header.octets) <= self._room:
                self._room -= len(header.octets)
                self._kept[start, stop] = header
        return header


@lru_cache(SHARED)
def _shared(octets: bytes) -> Header:
    """Return a header of these octets: one for all messages, in any thread."""
    return Header(octets)


def unfold(value: bytes) -> bytes:
    """Return a field's value on one line, without white space around it.

    A fold, that is a line end and the tab or space after it, becomes a space.  RFC 5322, 2.2.3 would leave the tab, but
    nobody meant it who folded with one, and ``hello world`` is to be found across it.
    """
    value = value.strip(_WHITE)
    return _FOLD(b" ", value) if b"\n" in value else value


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
    return b"".join([_selected(run, names, negate) for run in field_runs(header)])


def _selected(header: bytes, names: frozenset[bytes], negate: bool) -> bytes:
    fields = _FIELD.findall(header)
    return b"".join(
        [raw for raw, name in fields if (name.lower() in names) is not negate or (not name and raw in _EMPTY_LINES)]
    )


def fields(header: bytes) -> Iterator[Field]:
    """Yield all fields of a header block, however large it is, the empty line after it among them."""
    return (Field(name.lower(), raw) for raw, name in _FIELD.findall(header))


def field_runs(header: bytes) -> Iterator[bytes]:
    """Yield a header block in runs of whole fields, so that a large one is not taken apart at once."""
    start = 0
    while len(header) - start > MAX_OCTETS:
        found = _BETWEEN_FIELDS(header, start + MAX_OCTETS)
        stop = found.end() if found else len(header)
        yield header[start:stop]
        start = stop
    yield header[start:] if start else header
