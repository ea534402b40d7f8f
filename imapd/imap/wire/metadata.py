"""The grammar of METADATA (RFC 5464, 5)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import Factory, frozen

from imapd.imap.errors import Bad
from imapd.imap.wire import encode, names
from imapd.imap.wire.cursor import Cursor
from mailstore.annotations import MAX_VALUE_OCTETS, Branches, EntryName, entry_name
from mailstore.errors import InvalidName
from mailstore.model import MailboxName
from mailstore.names import mailbox_name

MAX_ASKED: Final = 100
"""Entries that one command asks for; clients ask for those of their own, a few."""

_DEPTHS: Final[dict[bytes, int | None]] = {b"0": 0, b"1": 1, b"INFINITY": None}

Pair = tuple[EntryName, bytes | None]
"""An entry and its value; None for one that has none."""


@frozen
class Asked:
    """The entries that a client asks for, each in the client's own spelling."""

    spellings: Mapping[EntryName, bytes] = Factory(dict)

    def __bool__(self) -> bool:
        return bool(self.spellings)

    def branches(self, levels: int | None = 0) -> Branches:
        """Return them with what is below them."""
        return Branches(frozenset(self.spellings), levels)


NOTHING: Final = Asked()


@frozen
class GetOptions:
    """What GETMETADATA was told of how to answer.

    Attributes:
        largest: octets of the largest value to be sent.
        levels: how many levels below each entry are asked for, too; None for all.

    """

    largest: int = MAX_VALUE_OCTETS
    levels: int | None = 0


def subject(cursor: Cursor) -> MailboxName | None:
    """``mailbox``; None for the empty one, which is the server."""
    name = names.reference(cursor)
    return mailbox_name(name) if name else None


def entry(cursor: Cursor) -> EntryName:
    """``entry = astring``"""
    return _spelled(cursor)[0]


def _spelled(cursor: Cursor) -> tuple[EntryName, bytes]:
    spelling = cursor.astring()
    try:
        return entry_name(spelling.decode("utf-8", "replace")), spelling
    except InvalidName as error:
        raise Bad(str(error)) from None


def entries(cursor: Cursor, *, bare: bool = False) -> Asked:
    """``entries = entry / "(" entry *(SP entry) ")"``; several `bare` ones too, as in the examples of section 4.4.1."""
    if cursor.peek() == b"(":
        found = cursor.parenthesized(_spelled)
    else:
        found = [_spelled(cursor)]
        while bare and cursor.take(b" "):
            found.append(_spelled(cursor))
    if len(found) > MAX_ASKED:
        raise Bad(f"at most {MAX_ASKED} entries may be asked for")
    return Asked(dict(found))


def get_options(cursor: Cursor) -> GetOptions | None:
    """``["(" getmetadata-option *(SP getmetadata-option) ")" SP]``; an entry in parentheses begins otherwise."""
    if not cursor.peek(2)[1:].isalpha() or cursor.peek() != b"(":
        return None
    options = dict(cursor.parenthesized(_get_option))
    cursor.space()
    return GetOptions(**options)


def _get_option(cursor: Cursor) -> tuple[str, Any]:
    """``maxsize-opt = "MAXSIZE" SP number; scope-opt = "DEPTH" SP ("0" / "1" / "infinity")``"""
    name = cursor.keyword()
    if name not in {b"MAXSIZE", b"DEPTH"}:
        raise Bad(f"GETMETADATA has no option {name.decode()[:40]}")
    cursor.space()
    if name == b"MAXSIZE":
        return "largest", cursor.number()
    depth = cursor.keyword()
    if depth not in _DEPTHS:
        raise Bad("DEPTH is 0, 1 or infinity")
    return "levels", _DEPTHS[depth]


def entry_values(cursor: Cursor) -> dict[EntryName, bytes | None]:
    """``entry-values = "(" entry-value *(SP entry-value) ")"``; of several values of an entry the last one counts."""
    return dict(cursor.parenthesized(_entry_value))


def _entry_value(cursor: Cursor) -> Pair:
    """``entry-value = entry SP value; value = nstring / literal8``"""
    name = entry(cursor)
    cursor.space()
    return name, cursor.nstring8()


def encode_values(mailbox: bytes, pairs: Iterable[Pair], asked: Asked) -> bytes:
    """Return the response that tells values; an entry that was asked for is spelled as it was.

    ``metadata-resp = "METADATA" SP mailbox SP entry-values``
    """
    spelled = (
        encode.astring(asked.spellings.get(entry) or entry.encode()) + b" " + encode.nstring8(value)
        for entry, value in pairs
    )
    return b"* METADATA %b (%b)\r\n" % (mailbox, b" ".join(spelled))


def encode_changed(mailbox: bytes, entries: Iterable[EntryName]) -> bytes:
    """Return the unsolicited response that tells which entries changed (RFC 5464, 4.4.2).

    ``metadata-resp = "METADATA" SP mailbox SP entry-list``
    """
    return b"* METADATA %b %b\r\n" % (mailbox, b" ".join(encode.astring(entry.encode()) for entry in entries))
