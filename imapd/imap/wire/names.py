"""Mailbox names on the wire, and the patterns of LIST and LSUB (RFC 3501, 6.3.8).

A client that has enabled UTF-8 spells names in it (RFC 6855, 3; RFC 9051, 5.1), any other in modified UTF-7 (RFC 3501,
5.1.3).  Decoding is exact: of all spellings of a name only the one that the RFC prescribes is taken.  In modified
UTF-7, raw octets above 127, a bare ``&`` and base64 of what could stand for itself are `Bad`, as in other servers:
accepting them would give a name two spellings, one of which no client would ever see again.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from attrs import frozen

from imapd.imap.errors import Bad
from imapd.imap.wire import encode
from imapd.imap.wire.cursor import Cursor
from imapd.utf7 import encode_utf7, unshift
from mailstore.errors import InvalidName
from mailstore.model import MailboxName
from mailstore.names import INBOX, MAX_NAME_OCTETS, SEPARATOR, mailbox_name

MAX_ENCODED_OCTETS: Final = 4 * MAX_NAME_OCTETS
"""Of a name or pattern in modified UTF-7, which needs at most three octets for one of UTF-8."""

MAX_WILDCARDS: Final = 50
"""Nobody needs more than a few in one pattern; each costs time in every name that is compared."""

_REMEMBERED: Final = 256
"""Names that are decoded once, for clients name few: some megabytes if they are all as long as they may be."""

_SHIFTED: Final = re.compile(rb"&([A-Za-z0-9+,]*)-")

_ANY_CASE: Final = "\x01\x02\x03\x04\x05"
"""Stands for a first level INBOX, which compares without case, in a name; no name holds controls."""
_LETTERS: Final = str.maketrans(
    {letter: f"[{letter}{mark}]" for letter, mark in zip("INBOXinbox", _ANY_CASE * 2, strict=True)}
)
"""What the letters of INBOX become in an expression: themselves, or their mark."""

WILDCARDS: Final = re.compile(r"[*%]+")
"""A pattern without them asks for one name."""
_STARS: Final = re.compile(r"%*\*[*%]*")
_PERCENTS: Final = re.compile(r"%+")


def decode_utf7(octets: bytes) -> str:
    """Return the text that `octets` spell in modified UTF-7; `Bad` if it is not its one right spelling."""
    parts = _SHIFTED.split(octets)  # plain and shifted by turns
    try:
        parts[1::2] = [unshift(part).encode("utf-8") for part in parts[1::2]]
        text = b"".join(parts).decode("utf-8")
        exact = encode_utf7(text) == octets
    except ValueError:
        exact = False
    if not exact:
        raise Bad("a mailbox name must be in modified UTF-7 (RFC 3501, 5.1.3)")
    return text


@frozen
class Written:
    """A mailbox name, and the text that the client wrote for it, which need not be canonical."""

    name: MailboxName
    text: str


def mailbox(cursor: Cursor) -> MailboxName:
    """``mailbox = "INBOX" / astring``; raises `InvalidName` for what no mailbox may be called."""
    return written_mailbox(cursor).name


def written_mailbox(cursor: Cursor) -> Written:
    """``mailbox``, where an answer may say what the name has become (RFC 9051, 6.3.9.7)."""
    return _written(reference(cursor))


def create_mailbox(cursor: Cursor) -> Written:
    """``mailbox``, with a separator behind it if the client wants names below it (RFC 3501, 6.3.3)."""
    return _written(reference(cursor).removesuffix(SEPARATOR))


def _written(text: str) -> Written:
    return Written(mailbox_name(text), text)


def reference(cursor: Cursor) -> str:
    """Return the reference of LIST or LSUB: a ``mailbox`` that may be empty or only the beginning of a name."""
    return _decode(cursor.astring(), utf8=cursor.utf8)


def list_mailbox(cursor: Cursor) -> str:
    """``list-mailbox = 1*list-char / string``, as text; it may be empty."""
    return _decode(cursor.list_mailbox(), utf8=cursor.utf8)


@lru_cache(_REMEMBERED)
def _decode(octets: bytes, *, utf8: bool) -> str:
    if len(octets) > MAX_ENCODED_OCTETS:
        raise InvalidName(f"a mailbox name has at most {MAX_NAME_OCTETS} octets")
    if not utf8:
        return decode_utf7(octets)
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise Bad("a mailbox name must be in UTF-8, as the client has enabled it") from None


def encode_mailbox(name: str, *, utf8: bool) -> bytes:
    """Return `name` as an astring: ``INBOX``, ``"Sent Items"``, in UTF-8 ``"Entwürfe"``, else ``Entw&APw-rfe``."""
    if not utf8:
        return encode.astring(encode_utf7(name))
    return encode.astring(name.encode()) if name.isascii() else encode.quoted(name.encode())


class ListPattern:
    """A reference and a pattern, put together: ``*`` stands for any text, ``%`` for any within one level.

    Matching is polynomial, whatever the pattern.  Text behind a wildcard is taken where it is found first and never
    looked for again (the atomic groups of the expression): a later place would leave less of the name to what follows,
    and nothing that an earlier one does not leave too.  Only the last ``*`` and the last ``%`` must meet the end of
    the name, and are tried at every place.
    """

    def __init__(self, reference: str, pattern: str) -> None:
        """Take what LIST was given, decoded; raises `Bad` if there are too many wildcards."""
        name = unicodedata.normalize("NFC", reference + pattern)
        if len(WILDCARDS.findall(name)) > MAX_WILDCARDS:
            raise Bad(f"a pattern has at most {MAX_WILDCARDS} wildcards")
        *inner, last = _STARS.split(name)
        levels = [*(_within_level(part, at_end=False) for part in inner), _within_level(last, at_end=True)]
        self._expression = re.compile(_chain(levels, ".*?", at_end=True), re.DOTALL)

    def matches(self, name: str) -> bool:
        """Tell whether `name`, in canonical form, is asked for."""
        if name == INBOX or name.startswith(INBOX + SEPARATOR):
            name = _ANY_CASE + name[len(INBOX) :]
        return self._expression.fullmatch(name) is not None


def _within_level(part: str, *, at_end: bool) -> str:
    """Return the expression of a `part` of a pattern that has no ``*``."""
    literals = [re.escape(literal).translate(_LETTERS) for literal in _PERCENTS.split(part)]
    return _chain(literals, f"[^{SEPARATOR}]*?", at_end=at_end)


def _chain(parts: list[str], wildcard: str, *, at_end: bool) -> str:
    """Return `parts` with `wildcard` before each but the first; what need not meet the end of the name is atomic."""
    first, *others = parts
    found = [f"(?>{wildcard}{part})" for part in others]
    if others and at_end:
        found[-1] = wildcard + others[-1]
    return first + "".join(found)
