"""A position in a command, and one method for each basic rule of the grammar (RFC 3501, 9).

Rules of a command are functions that take a cursor, read what they match and return a value.  The first octet that a
rule cannot take raises `Bad`; nothing is read twice, so every rule costs by the octets that it takes.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from imapd.imap.errors import Bad
from imapd.imap.wire.framing import Literal, Piece, SpooledLiteral

T = TypeVar("T")

MAX_DEPTH: Final = 100
"""Rules inside rules (parentheses, NOT, OR): people write five, scripts chain some dozens of ORs.  Python's stack ends
at a thousand calls, and each level takes a few of them, here and in all that walks the tree afterwards."""

MAX_NUMBER: Final = 0xFFFF_FFFF
MAX_NUMBER64: Final = 0x7FFF_FFFF_FFFF_FFFF
"""RFC 9051, 9: 63 bits, so that a signed integer can hold it."""

_NEAR: Final = 40
"""Octets of the command that an error shows."""

_TAG: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\+]+')
_ATOM: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_ASTRING: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\]+')
_LIST_MAILBOX: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\]+')
_NUMBER: Final = re.compile(rb"0*(\d{1,19})(?!\d)")
_QUOTED: Final = re.compile(rb'"((?:[^"\\\x00\r\n]++|\\["\\])*)"')
_ESCAPE: Final = re.compile(rb"\\(.)")
_UNPRINTABLE: Final = re.compile(r"[^ -~]")


class Cursor:
    """Reads a command from left to right.  Every method raises `Bad` when its rule does not match here."""

    __slots__ = ("_at", "_counted", "_depth", "_index", "_pieces", "_text", "utf8")

    def __init__(self, pieces: Sequence[Piece], *, utf8: bool = False) -> None:
        """Take the `pieces` of a `framing.Command`: text and literals by turns, text first and last.

        With `utf8` the client has enabled that quoted strings and mailbox names are UTF-8 (RFC 6855, RFC 9051).
        """
        self._pieces = pieces
        self.utf8 = utf8
        self._depth = self._counted = 0
        self._enter(0)

    def _enter(self, index: int) -> None:
        """Stand at the beginning of the text that is piece `index`."""
        text = self._pieces[index]
        assert isinstance(text, bytes)
        self._text, self._index, self._at = text, index, 0

    @property
    def at_end(self) -> bool:
        """Whether the whole command has been read."""
        return self._at == len(self._text) and self._index + 1 == len(self._pieces)

    @property
    def _literal_follows(self) -> bool:
        return self._at == len(self._text) and self._index + 1 < len(self._pieces)

    def error(self, expected: str) -> Bad:
        """Return the error that says what was `expected` here; it shows some octets of the command."""
        if self._literal_follows:
            return Bad(f"expected {expected}, not a literal")
        if self.at_end:
            return Bad(f"expected {expected} at the end")
        near = self._text[self._at : self._at + _NEAR].decode("ascii", "replace")
        return Bad(f"expected {expected} near {_UNPRINTABLE.sub('?', near)}")

    def match(self, pattern: re.Pattern[bytes], expected: str) -> re.Match[bytes]:
        """Read what `pattern` matches here; `expected` names it in the error."""
        found = pattern.match(self._text, self._at)
        if found is None:
            raise self.error(expected)
        self._at = found.end()
        return found

    def peek(self, count: int = 1) -> bytes:
        """Return up to `count` octets of the text that comes next: none at the end, nor where a literal follows."""
        return self._text[self._at : self._at + count]

    def take(self, token: bytes) -> bool:
        """Read `token`, given in capitals, if it comes next in any case; tell whether it did."""
        end = self._at + len(token)
        if self._text[self._at : end].upper() != token:
            return False
        self._at = end
        return True

    def expect(self, token: bytes) -> None:
        """Read `token`, given in capitals and sent in any case."""
        if not self.take(token):
            raise self.error(token.decode("ascii"))

    def space(self) -> None:
        """Read ``SP``: exactly one."""
        if self._text[self._at : self._at + 1] != b" ":
            raise self.error("a space")
        self._at += 1

    def end(self) -> None:
        """Check that nothing is left."""
        if not self.at_end:
            raise self.error("the end of the command")

    def skip(self) -> None:
        """Pass over everything that is left, literals and all: what a refused command says does not matter."""
        self._enter(len(self._pieces) - 1)
        self._at = len(self._text)

    def rest(self) -> bytes:
        """Return the text that is left, whatever it holds; no literal may follow it."""
        if self._index + 1 < len(self._pieces):
            raise Bad("no literal may stand here")
        text, self._at = self._text[self._at :], len(self._text)
        return text

    def last_text(self, most: int) -> bytes | None:
        """Return the text that is left, and leave it; None if literals are in it, or more than `most` octets."""
        if self._index + 1 < len(self._pieces) or len(self._text) - self._at > most:
            return None
        return self._text[self._at :]

    def skip_octets(self, count: int) -> None:
        """Pass over text that was read as `last_text`."""
        self._at += count

    def tag(self) -> bytes:
        """``tag = 1*<any ASTRING-CHAR except "+">``"""
        return self.match(_TAG, "a tag")[0]

    def atom(self) -> bytes:
        """``atom = 1*ATOM-CHAR``"""
        return self.match(_ATOM, "an atom")[0]

    def keyword(self) -> bytes:
        """An atom that compares without case, as a command's name does; returned in capitals."""
        return self.match(_ATOM, "a word")[0].upper()

    def number(self) -> int:
        """``number = 1*DIGIT``, 32 bits; leading zeros are tolerated."""
        return self._number(0, MAX_NUMBER)

    def nz_number(self) -> int:
        """``nz-number = digit-nz *DIGIT``, 32 bits; leading zeros are tolerated."""
        return self._number(1, MAX_NUMBER)

    def number64(self) -> int:
        """``number64 = 1*DIGIT``, 63 bits (RFC 9051, 9)."""
        return self._number(0, MAX_NUMBER64)

    def _number(self, smallest: int, largest: int) -> int:
        value = int(self.match(_NUMBER, f"a number from {smallest} to {largest}")[1])
        if not smallest <= value <= largest:
            raise Bad(f"expected a number from {smallest} to {largest}")
        return value

    def quoted(self) -> bytes:
        r"""``quoted = DQUOTE *QUOTED-CHAR DQUOTE``

        ``QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> / "\" quoted-specials / UTF8-2 / UTF8-3 / UTF8-4``

        Clients that did not enable UTF-8 send it as well, and other octets above 127: those are taken as they are.
        """
        octets = self.match(_QUOTED, 'a quoted string, closed, and with \\ before " and \\ alone')[1]
        if self.utf8 and not _is_utf8(octets):
            raise Bad("a quoted string must be valid UTF-8")
        return _ESCAPE.sub(rb"\1", octets) if b"\\" in octets else octets

    def string(self) -> bytes:
        """``string = quoted / literal``; a literal8 or a NUL is not for here."""
        if not self._literal_follows:
            return self.quoted()
        literal = self.message_literal()
        if isinstance(literal, SpooledLiteral) or literal.binary or b"\0" in literal.octets:
            raise Bad("expected a string, not a message and not binary data")
        return literal.octets

    def nstring(self) -> bytes | None:
        """``nstring = string / nil``"""
        return None if self.take(b"NIL") else self.string()

    def nstring8(self) -> bytes | None:
        """``nstring / literal8``"""
        if not self._literal_follows:
            return self.nstring()
        literal = self.message_literal()
        if isinstance(literal, SpooledLiteral) or (b"\0" in literal.octets and not literal.binary):
            raise Bad("NUL can only be sent in a literal8, announced as ~{n}")
        return literal.octets

    def astring(self) -> bytes:
        """``astring = 1*ASTRING-CHAR / string``"""
        return self._bare_or_string(_ASTRING, "an atom or a string")

    def list_mailbox(self) -> bytes:
        """``list-mailbox = 1*list-char / string``"""
        return self._bare_or_string(_LIST_MAILBOX, "a mailbox pattern")

    def _bare_or_string(self, bare: re.Pattern[bytes], expected: str) -> bytes:
        if self._literal_follows or self.peek() == b'"':
            return self.string()
        return self.match(bare, expected)[0]

    def message_literal(self) -> Literal | SpooledLiteral:
        """``literal / literal8`` of any size and content (RFC 3516, 4.4)."""
        if not self._literal_follows:
            raise self.error("a literal")
        literal = self._pieces[self._index + 1]
        assert not isinstance(literal, bytes)
        self._enter(self._index + 2)
        return literal

    def behind_literals(self) -> bytes:
        """Go to the end; return the text that comes behind every literal, as far as it was not read."""
        if self._index + 1 < len(self._pieces):
            self._enter(len(self._pieces) - 1)
        return self.rest()

    def parenthesized(self, item: Callable[["Cursor"], T], *, empty: bool = False) -> list[T]:
        """``"(" item *(SP item) ")"``, and ``"()"`` too if it may be `empty`."""
        self.expect(b"(")
        items = [] if empty and self.peek() == b")" else [self.nested(item)]
        while items and self.take(b" "):
            items.append(self.nested(item))
        self.expect(b")")
        return items

    def count(self) -> int:
        """Count one more of what a command may have only so many of; return how many that makes."""
        self._counted += 1
        return self._counted

    def nested(self, rule: Callable[["Cursor"], T]) -> T:
        """Return what `rule` reads one level deeper; `Bad` when that is too deep."""
        if self._depth == MAX_DEPTH:
            raise Bad(f"nested deeper than {MAX_DEPTH} levels")
        self._depth += 1
        value = rule(self)
        self._depth -= 1
        return value


def _is_utf8(octets: bytes) -> bool:
    try:
        return octets.isascii() or bool(octets.decode("utf-8"))
    except UnicodeDecodeError:
        return False
