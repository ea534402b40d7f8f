"""A message as APPEND and REPLACE are given it: whole, or in parts to be put together (RFC 4466, 6; RFC 4469)."""

from typing import Final

from attrs import frozen

from imapd.imap.errors import Bad
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.dates import date_time
from imapd.imap.wire.flags import flag_list
from imapd.imap.wire.framing import SpooledLiteral
from imapd.imap.wire.messageurl import MessageUrl, message_url
from mailstore.model import Flags, InternalDate
from mailstore.spool import Spool

MAX_PARTS: Final = 1000
"""Parts of one message: an object each, and a look at the store for each URL."""

Part = Spool | MessageUrl


@frozen
class AppendMessage:
    """A message that is to be stored: its parts in order, one for a whole message; a date of None is now."""

    parts: tuple[Part, ...]
    flags: Flags
    internal_date: InternalDate | None


def append_message(cursor: Cursor) -> AppendMessage:
    """``append-message = [SP flag-list] [SP date-time] SP append-data``

    ``append-data = literal / literal8 / "CATENATE" SP "(" cat-part *(SP cat-part) ")" / utf8-literal``
    """
    cursor.space()
    flags: Flags = frozenset()
    if cursor.peek() == b"(":
        flags = flag_list(cursor)
        cursor.space()
    internal_date = None
    if cursor.peek() == b'"':
        internal_date = date_time(cursor)
        cursor.space()
    return AppendMessage(_append_data(cursor), flags, internal_date)


def _append_data(cursor: Cursor) -> tuple[Part, ...]:
    if not cursor.take(b"CATENATE "):
        return (_utf8_literal(cursor) if cursor.take(b"UTF8 ") else _octets(cursor),)
    parts = cursor.parenthesized(_cat_part)
    if len(parts) > MAX_PARTS:
        raise Bad(f"a message is put together from at most {MAX_PARTS} parts")
    return tuple(parts)


def _cat_part(cursor: Cursor) -> Part:
    """``cat-part = "TEXT" SP literal / "URL" SP astring / utf8-literal``; a literal8 is taken for a TEXT too."""
    if cursor.take(b"URL "):
        return message_url(cursor.astring())
    if cursor.take(b"TEXT "):
        return _octets(cursor)
    if cursor.take(b"UTF8 "):
        return _utf8_literal(cursor)
    raise cursor.error("TEXT, URL or UTF8")


def _utf8_literal(cursor: Cursor) -> Spool:
    """``utf8-literal = "UTF8" SP "(" literal8 ")"``, behind the space  (RFC 6855, 4)"""
    cursor.expect(b"(")
    octets = _octets(cursor)
    cursor.expect(b")")
    return octets


def _octets(cursor: Cursor) -> Spool:
    literal = cursor.message_literal()
    if not isinstance(literal, SpooledLiteral):
        raise Bad("the message must be a literal")
    return literal.spool
