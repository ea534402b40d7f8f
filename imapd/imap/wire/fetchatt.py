"""What FETCH asks for (RFC 3501, 9, fetch-att and section; RFC 3516)."""

import re
from enum import Enum
from functools import lru_cache
from typing import Final

from attrs import evolve, frozen

from imapd.imap.errors import Bad
from imapd.imap.wire import encode
from imapd.imap.wire.cursor import Cursor

MAX_ITEMS: Final = 256
"""Items of one FETCH: clients name a part each, and each may return a whole message."""
MAX_PATH: Final = 100
"""Part numbers of a section: deeper than any message is taken apart."""
MAX_FIELDS: Final = 1000
"""Field names of a section: they are repeated in front of every answer."""
KNOWN: Final = 64
"""Texts whose items are remembered."""
KNOWN_OCTETS: Final = 256
"""Of a text that is remembered, so that what clients may make us remember is less than a megabyte."""


class Item(Enum):
    """The items without arguments; the value is their spelling in command and response."""

    UID = b"UID"
    FLAGS = b"FLAGS"
    INTERNALDATE = b"INTERNALDATE"
    SAVEDATE = b"SAVEDATE"
    RFC822_SIZE = b"RFC822.SIZE"
    EMAILID = b"EMAILID"
    THREADID = b"THREADID"
    ENVELOPE = b"ENVELOPE"
    BODY = b"BODY"
    BODYSTRUCTURE = b"BODYSTRUCTURE"
    MODSEQ = b"MODSEQ"
    PREVIEW = b"PREVIEW"
    LAZY_PREVIEW = b"PREVIEW (LAZY)"

    __hash__ = object.__hash__  # Enum's is a function of Python's, and each is asked for at every turn


class SectionText(Enum):
    """What of a part is asked for; the value is its spelling."""

    WHOLE = b""
    HEADER = b"HEADER"
    HEADER_FIELDS = b"HEADER.FIELDS"
    HEADER_FIELDS_NOT = b"HEADER.FIELDS.NOT"
    TEXT = b"TEXT"
    MIME = b"MIME"

    __hash__ = object.__hash__  # as above


@frozen
class Section:
    """Some octets of a message."""

    path: tuple[int, ...]
    """Part numbers from the outside in; empty for the message itself."""
    text: SectionText
    fields: tuple[bytes, ...]
    """Field names as the client spelled them; they compare without case."""
    partial: tuple[int, int] | None
    """First octet, counted from 0, and number of octets."""
    peek: bool
    r"""Whether ``\Seen`` stays as it is."""
    label: bytes
    """How the response names it: without ``.PEEK``, with the origin of the partial alone."""


@frozen
class Binary:
    """The octets of a part without their transfer encoding (RFC 3516)."""

    path: tuple[int, ...]
    partial: tuple[int, int] | None
    peek: bool
    label: bytes


@frozen
class BinarySize:
    """How many octets `Binary` has."""

    path: tuple[int, ...]
    label: bytes
    peek: bool = True


FromOctets = Section | Binary | BinarySize
"""What needs the octets of the message."""

FetchItem = Item | FromOctets

_MACROS: Final[dict[bytes, tuple[Item, ...]]] = {
    b"FAST": (Item.FLAGS, Item.INTERNALDATE, Item.RFC822_SIZE),
    b"ALL": (Item.FLAGS, Item.INTERNALDATE, Item.RFC822_SIZE, Item.ENVELOPE),
    b"FULL": (Item.FLAGS, Item.INTERNALDATE, Item.RFC822_SIZE, Item.ENVELOPE, Item.BODY),
}

_WITHOUT_ARGUMENTS: Final[dict[bytes, FetchItem]] = {
    **{item.value: item for item in Item},
    b"RFC822": Section((), SectionText.WHOLE, (), None, False, b"RFC822"),
    b"RFC822.HEADER": Section((), SectionText.HEADER, (), None, True, b"RFC822.HEADER"),
    b"RFC822.TEXT": Section((), SectionText.TEXT, (), None, False, b"RFC822.TEXT"),
}

_SECTION_TEXTS: Final = {text.value: text for text in SectionText if text is not SectionText.WHOLE}
_BINARY: Final = {b"BINARY", b"BINARY.PEEK", b"BINARY.SIZE"}
_WITH_FIELDS: Final = {SectionText.HEADER_FIELDS, SectionText.HEADER_FIELDS_NOT}

_NAME: Final = re.compile(rb"[A-Za-z][A-Za-z0-9.-]*")
_PIECE: Final = re.compile(rb"(\(?)([^][<>]+\[[^][<>]*\])<(\d{1,18})\.(0*[1-9]\d{0,17})>(\)?)")
_PATH: Final = re.compile(rb"(?:\d{1,10}(?:\.\d{1,10})*)?")


def fetch_items(cursor: Cursor) -> tuple[FetchItem, ...]:
    """``"ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")"``, without repetitions.

    Clients ask for the same of one message after the other: what was read lately is not read again.
    """
    text = cursor.last_text(KNOWN_OCTETS)
    if text is None:
        return _fetch_items(cursor)
    if b"<" in text:
        return _piece(cursor, text) or _fetch_items(cursor)
    items, octets = _known(text, cursor.utf8)
    cursor.skip_octets(octets)
    return items


def _piece(cursor: Cursor, text: bytes) -> tuple[FetchItem, ...] | None:
    """Return one section of which a part is asked for, as who asks in pieces does; None if the text is anything else.

    Each piece is asked for once: it is the section that is remembered.
    """
    found = _PIECE.fullmatch(text)
    if found is None:
        return None
    opening, named, origin, octets, closing = found.groups()
    items, read = _known(opening + named + closing, cursor.utf8)
    whole = items[0]
    if len(items) > 1 or not isinstance(whole, Section) or read < len(opening + named + closing):
        return None
    cursor.skip_octets(len(text))
    partial = int(origin), int(octets)
    label = b"%b<%d>" % (whole.label, partial[0])
    return (Section(whole.path, whole.text, whole.fields, partial, whole.peek, label),)


@lru_cache(KNOWN)
def _known(text: bytes, utf8: bool) -> tuple[tuple[FetchItem, ...], int]:
    """Return the items that a text begins with, and how many octets they are."""
    cursor = Cursor([text], utf8=utf8)
    items = _fetch_items(cursor)
    return items, len(text) - len(cursor.rest())


def _fetch_items(cursor: Cursor) -> tuple[FetchItem, ...]:
    if cursor.peek() == b"(":
        return _collapse(cursor.parenthesized(fetch_att))
    name = _name(cursor)
    return _MACROS.get(name) or (_fetch_att(cursor, name),)


def fetch_att(cursor: Cursor) -> FetchItem:
    """``fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" / "RFC822" [".HEADER" / ".SIZE" / ".TEXT"] /
    "BODY" ["STRUCTURE"] / "UID" / "BODY" section ["<" number "." nz-number ">"] /
    "BODY.PEEK" section ["<" number "." nz-number ">"] / "BINARY" [".PEEK"] section-binary [partial] /
    "BINARY.SIZE" section-binary / "PREVIEW" [SP "(" preview-mod *(SP preview-mod) ")"]``
    """
    return _fetch_att(cursor, _name(cursor))


def _name(cursor: Cursor) -> bytes:
    return cursor.match(_NAME, "a FETCH item")[0].upper()


def _fetch_att(cursor: Cursor, name: bytes) -> FetchItem:
    if name == b"BODY.PEEK" or (name == b"BODY" and cursor.peek() == b"["):
        return section(cursor, peek=name == b"BODY.PEEK")
    if name in _BINARY:
        return _binary(cursor, name)
    if name == Item.PREVIEW.value:
        return _preview(cursor)
    item = _WITHOUT_ARGUMENTS.get(name)
    if item is None:
        raise Bad(f"FETCH has no item {name.decode('ascii')[:40]}")
    return item


def section(cursor: Cursor, *, peek: bool) -> Section:
    """``section ["<" number "." nz-number ">"]``

    ``section = "[" [section-spec] "]"``, ``section-spec = section-msgtext / (section-part ["." section-text])``
    """
    cursor.expect(b"[")
    path = _section_part(cursor)
    named = cursor.take(b".") if path else cursor.peek() != b"]"
    text = _section_text(cursor, path) if named else SectionText.WHOLE
    fields = _header_list(cursor) if text in _WITH_FIELDS else ()
    cursor.expect(b"]")
    partial = _partial(cursor)
    return Section(path, text, fields, partial, peek, _label(path, text, fields, partial))


def _binary(cursor: Cursor, name: bytes) -> Binary | BinarySize:
    """``section-binary ["<" number "." nz-number ">"]``, ``section-binary = "[" [section-part] "]"``  (RFC 3516, 7)"""
    cursor.expect(b"[")
    path = _section_part(cursor)
    cursor.expect(b"]")
    spelled = b"[%b]" % b".".join(b"%d" % number for number in path)
    if name == b"BINARY.SIZE":
        return BinarySize(path, name + spelled)
    partial = _partial(cursor)
    origin = b"<%d>" % partial[0] if partial else b""
    return Binary(path, partial, name == b"BINARY.PEEK", b"BINARY" + spelled + origin)


def _preview(cursor: Cursor) -> Item:
    """``[SP "(" preview-mod *(SP preview-mod) ")"]``, ``preview-mod = "LAZY"``; all others are modifiers of FETCH."""
    if not cursor.take(b" (LAZY"):
        return Item.PREVIEW
    while cursor.take(b" LAZY"):
        pass
    cursor.expect(b")")
    return Item.LAZY_PREVIEW


def _section_part(cursor: Cursor) -> tuple[int, ...]:
    """``section-part = nz-number *("." nz-number)``, or nothing."""
    written = cursor.match(_PATH, "a part number")[0]
    path = tuple(map(int, written.split(b"."))) if written else ()
    if 0 in path or len(path) > MAX_PATH:
        raise Bad(f"part numbers begin at 1 and have at most {MAX_PATH} levels")
    return path


def _section_text(cursor: Cursor, path: tuple[int, ...]) -> SectionText:
    """``section-text = "HEADER" / "HEADER.FIELDS" [".NOT"] / "TEXT" / "MIME"``; ``MIME`` only behind a part number."""
    text = _SECTION_TEXTS.get(cursor.match(_NAME, "HEADER, TEXT or MIME")[0].upper())
    if text is None or (text is SectionText.MIME and not path):
        raise Bad("a section is HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT or TEXT, or MIME behind a part number")
    return text


def _header_list(cursor: Cursor) -> tuple[bytes, ...]:
    """``SP header-list``, ``header-list = "(" header-fld-name *(SP header-fld-name) ")"``"""
    cursor.space()
    fields = cursor.parenthesized(Cursor.astring)
    if len(fields) > MAX_FIELDS:
        raise Bad(f"a section has at most {MAX_FIELDS} field names")
    return tuple(fields)


def _partial(cursor: Cursor) -> tuple[int, int] | None:
    """``["<" number "." nz-number ">"]``, of 63 bits as in RFC 9051."""
    if not cursor.take(b"<"):
        return None
    origin = cursor.number64()
    cursor.expect(b".")
    octets = cursor.number64()
    cursor.expect(b">")
    if not octets:
        raise Bad("a partial has at least one octet")
    return origin, octets


def _label(
    path: tuple[int, ...], text: SectionText, fields: tuple[bytes, ...], partial: tuple[int, int] | None
) -> bytes:
    spec = b".".join([*(b"%d" % number for number in path), *([text.value] if text.value else [])])
    listed = b" (%b)" % b" ".join(map(encode.astring, fields)) if fields else b""
    origin = b"<%d>" % partial[0] if partial else b""
    return b"BODY[%b%b]%b" % (spec, listed, origin)


def _collapse(items: list[FetchItem]) -> tuple[FetchItem, ...]:
    """Return `items` without repetitions; what is asked for with and without PEEK, or LAZY, is asked for without."""
    if len(items) > MAX_ITEMS:
        raise Bad(f"FETCH takes at most {MAX_ITEMS} items")
    if not any(map(_is_plain, items)):
        return tuple(dict.fromkeys(items))
    plain = {item for item in items if _plain(item) == item}
    return tuple(dict.fromkeys(_plain(item) if _plain(item) in plain else item for item in items))


def _is_plain(item: FetchItem) -> bool:
    """Tell whether an item takes the place of the same one with PEEK or LAZY."""
    return item is Item.PREVIEW or (isinstance(item, Section | Binary) and not item.peek)


def _plain(item: FetchItem) -> FetchItem:
    if item is Item.LAZY_PREVIEW:
        return Item.PREVIEW
    return evolve(item, peek=False) if isinstance(item, Section | Binary) else item
