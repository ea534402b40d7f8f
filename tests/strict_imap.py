"""A strict parser of FETCH data: raises on whatever the formal grammar does not have (RFC 3501, 9, and RFC 9051, 9).

What it returns is plain: `bytes` for strings, None for NIL, `int` for numbers, tuples for what is in parentheses.
"""

import re
from typing import Any

Value = Any
"""bytes, int, None or a tuple of values."""

_QUOTED = re.compile(rb'"((?:[\x01-\x09\x0b\x0c\x0e-\x21\x23-\x5b\x5d-\x7f]|\\["\\])*+)"')
_LITERAL = re.compile(rb"\{(0|[1-9][0-9]*)\}\r\n")
_NUMBER = re.compile(rb"[0-9]+")
_FLAG = re.compile(rb"\\?[^\x00-\x20\x7f-\xff(){%*\"\\\]]+")
_DATE_TIME = re.compile(rb'"([ 0-3][0-9]-[A-Z][a-z]{2}-[0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4})"')
_SECTION = re.compile(rb"RFC822(?:\.HEADER|\.TEXT)?(?= )|(?:BINARY(?:\.SIZE)?|BODY)\[(?:[1-9][0-9]*\.?)*")
_RFC822 = (b"RFC822", b"RFC822.HEADER", b"RFC822.TEXT")
_SECTION_TEXT = re.compile(rb"(?:HEADER|TEXT|MIME)?(?=\])|HEADER\.FIELDS(?:\.NOT)?(?= \()")
_SECTION_END = re.compile(rb"\](?:<[0-9]+>)?(?= )")
_ASTRING = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\]+')


class NotIMAP(Exception):
    """The octets are not what the grammar says."""


def parse_envelope(octets: bytes) -> Value:
    """Return the ten members of an envelope."""
    return _whole(octets, StrictParser.envelope)


def parse_body(octets: bytes, extended: bool = False, rev2: bool = False) -> Value:
    """Return a body structure; with `extended` the extension data must be there, else it must not."""
    return _whole(octets, lambda parser: parser.body(extended), rev2)


def parse_fetch(octets: bytes, rev2: bool = False) -> Value:
    """Return the data of a ``FETCH (...)`` response, from the parenthesis to its end, by item name."""
    return _whole(octets, StrictParser.msg_att, rev2)


def _whole(octets: bytes, rule: Any, rev2: bool = False) -> Any:
    parser = StrictParser(octets, rev2=rev2)
    value = rule(parser)
    if parser.at != len(octets):
        parser.fail("the end")
    return value


class StrictParser:
    """Recursive descent, a method for each rule; `at` is the offset that is read next.

    IMAP4rev2 has sizes of 63 bits, no ``\\Recent``, no RFC822 items, and looks into message/global.
    """

    def __init__(self, octets: bytes, at: int = 0, *, rev2: bool = False) -> None:
        self.octets = octets
        self.at = at
        self.rev2 = rev2
        self.rfc822 = not rev2
        self.messages = (b"message/rfc822", b"message/global") if rev2 else (b"message/rfc822",)

    def fail(self, wanted: str) -> None:
        raise NotIMAP(f"{wanted} expected at {self.at}: {self.octets[max(self.at - 40, 0) : self.at + 40]!r}")

    def peek(self, octets: bytes) -> bool:
        return self.octets.startswith(octets, self.at)

    def expect(self, octets: bytes) -> None:
        if not self.peek(octets):
            self.fail(repr(octets))
        self.at += len(octets)

    def match(self, pattern: "re.Pattern[bytes]", wanted: str) -> "re.Match[bytes]":
        match = pattern.match(self.octets, self.at)
        if not match:
            self.fail(wanted)
            raise AssertionError
        self.at = match.end()
        return match

    def quoted(self) -> bytes:
        """``quoted = DQUOTE *QUOTED-CHAR DQUOTE``, 7 bits, without NUL, CR and LF."""
        return re.sub(rb"\\(.)", rb"\1", self.match(_QUOTED, "quoted")[1])

    def literal(self) -> bytes:
        """``literal = "{" number "}" CRLF *CHAR8``; CHAR8 is any octet but NUL."""
        value = self.octets_behind(b"")
        if b"\0" in value:
            self.fail("a literal without NUL")
        return value

    def literal8(self) -> bytes:
        """``literal8 = "~{" number "}" CRLF *OCTET``."""
        return self.octets_behind(b"~")

    def octets_behind(self, mark: bytes) -> bytes:
        self.expect(mark)
        size = int(self.match(_LITERAL, "literal8")[1])
        value = self.octets[self.at : self.at + size]
        if len(value) < size:
            self.fail("literal of that size")
        self.at += size
        return value

    def astring(self) -> bytes:
        if self.peek(b'"') or self.peek(b"{"):
            return self.string()
        return self.match(_ASTRING, "astring")[0]

    def string(self) -> bytes:
        return self.literal() if self.peek(b"{") else self.quoted()

    def nstring(self) -> bytes | None:
        return self.nil() if self.peek(b"NIL") else self.string()

    def nil(self) -> Value:
        self.expect(b"NIL")
        return None

    def number(self, bits: int = 32) -> int:
        value = int(self.match(_NUMBER, "number")[0])
        if value >= 1 << bits:
            self.fail(f"{bits} bits")
        return value

    def number64(self) -> int:
        """Return what IMAP4rev1 has 32 bits for, and IMAP4rev2 63."""
        return self.number(63 if self.rev2 else 32)

    def sp(self) -> None:
        self.expect(b" ")

    def sequence(self, *rules: Any) -> tuple[Value, ...]:
        """Return what `rules` give, with one SP between them."""
        values = [rules[0]()]
        for rule in rules[1:]:
            self.sp()
            values.append(rule())
        return tuple(values)

    # -- FETCH

    def msg_att(self) -> dict[bytes, Value]:
        """``msg-att = "(" (msg-att-dynamic / msg-att-static) *(SP (...)) ")"``, each item once."""
        rules: dict[bytes, Any] = {
            b"FLAGS": self.flags,
            b"PREVIEW": self.nstring,
            b"UID": self.number,
            b"MODSEQ": self.modseq,
            b"RFC822.SIZE": self.number64,
            b"EMAILID": self.objectid,
            b"THREADID": self.objectid,
            b"SAVEDATE": lambda: self.match(_DATE_TIME, "date-time")[1],
            b"INTERNALDATE": lambda: self.match(_DATE_TIME, "date-time")[1],
            b"ENVELOPE": self.envelope,
            b"BODYSTRUCTURE": lambda: self.body(extended=True),
            b"BODY": lambda: self.body(extended=False),
        }
        items: dict[bytes, Value] = {}
        self.expect(b"(")
        while not items or self.peek(b" "):
            if items:
                self.sp()
            name = self.section() or next((name for name in rules if self.peek(name + b" ")), b"")
            if not name or name in items or (name in _RFC822 and not self.rfc822):
                self.fail("an item, once")
            self.expect(name + b" ")
            items[name] = rules[name]() if name in rules else self.octets_of(name)
        self.expect(b")")
        return items

    def section(self) -> bytes:
        """Return the item that comes next if it is ``"BODY" section ["<" number ">"]`` or the like; pass nothing."""
        start = self.at
        if not (found := _SECTION.match(self.octets, start)):
            return b""
        self.at = found.end()
        if not found[0].startswith(b"RFC822"):
            if found[0].startswith(b"BODY") and self.match(_SECTION_TEXT, "text")[0].startswith(b"HEADER.FIELDS"):
                self.sp()
                self.names()
            self.match(_SECTION_END, "the end of a section")
        name, self.at = self.octets[start : self.at], start
        return name

    def names(self) -> None:
        """``header-list = "(" header-fld-name *(SP header-fld-name) ")"``."""
        self.expect(b"(")
        self.astring()
        while self.peek(b" "):
            self.sp()
            self.astring()
        self.expect(b")")

    def octets_of(self, name: bytes) -> Value:
        """Return what follows the name of a section; ``BINARY[...] SP (nstring / literal8)`` (RFC 3516, 7)."""
        if name.startswith(b"BINARY.SIZE"):
            return self.number64()
        return self.literal8() if name.startswith(b"BINARY") and self.peek(b"~") else self.nstring()

    def flags(self) -> tuple[bytes, ...]:
        """``"FLAGS" SP "(" [flag-fetch *(SP flag-fetch)] ")"``."""
        self.expect(b"(")
        found: list[bytes] = []
        while not self.peek(b")"):
            if found:
                self.sp()
            found.append(self.match(_FLAG, "flag")[0])
            if self.rev2 and found[-1].lower() == b"\\recent":
                self.fail("a flag that IMAP4rev2 has")
        self.expect(b")")
        return tuple(found)

    def modseq(self) -> int:
        """``"MODSEQ" SP "(" permsg-modsequence ")"`` (RFC 7162, 7)."""
        return int(self.match(re.compile(rb"\(([1-9][0-9]*)\)"), "modseq")[1])

    def objectid(self) -> bytes:
        """``"(" objectid ")"`` (RFC 8474, 7)."""
        return self.match(re.compile(rb"\(([A-Za-z0-9_-]{1,255})\)"), "objectid")[1]

    # -- ENVELOPE

    def envelope(self) -> tuple[Value, ...]:
        self.expect(b"(")
        value = self.sequence(self.nstring, self.nstring, *[self.addresses] * 6, self.nstring, self.nstring)
        self.expect(b")")
        return value

    def addresses(self) -> Value:
        """``"(" 1*address ")" / nil``, with groups opened before they are closed (RFC 3501, 7.4.2)."""
        if self.peek(b"NIL"):
            return self.nil()
        self.expect(b"(")
        found = [self.address()]
        while self.peek(b"("):
            found.append(self.address())
        self.expect(b")")
        self.check_groups(found)
        return tuple(found)

    def address(self) -> tuple[Value, ...]:
        self.expect(b"(")
        value = self.sequence(self.nstring, self.nstring, self.nstring, self.nstring)
        self.expect(b")")
        return value

    def check_groups(self, addresses: list[tuple[Value, ...]]) -> None:
        """A NIL host begins or ends a group; groups are not nested and all end."""
        open_group = False
        for name, route, mailbox, host in addresses:
            if host is None:
                if name is not None or route is not None or (mailbox is None) is not open_group:
                    self.fail("groups that begin and end")
                open_group = not open_group
            elif mailbox is None:
                self.fail("a mailbox where there is a host")
        if open_group:
            self.fail("the end of a group")

    # -- BODY and BODYSTRUCTURE

    def body(self, extended: bool) -> tuple[Value, ...]:
        """``body = "(" (body-type-1part / body-type-mpart) ")"``."""
        self.expect(b"(")
        value = self.mpart(extended) if self.peek(b"(") else self.one_part(extended)
        self.expect(b")")
        return value

    def mpart(self, extended: bool) -> tuple[Value, ...]:
        """``body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]``."""
        bodies = [self.body(extended)]
        while self.peek(b"("):
            bodies.append(self.body(extended))
        self.sp()
        value: tuple[Value, ...] = (tuple(bodies), self.string())
        if extended:
            self.sp()
            value += self.sequence(self.param, self.dsp, self.lang, self.nstring)
        return value

    def one_part(self, extended: bool) -> tuple[Value, ...]:
        """``body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]``."""
        start = self.at
        value = self.sequence(self.string, self.string)
        media = b"/".join(value).lower()
        if media.startswith(b"text/") or media in self.messages:
            self.must_be_quoted(start, media)
        self.sp()
        value += self.sequence(self.param, self.nstring, self.nstring, self.string, self.number)
        if media in self.messages:
            self.sp()
            value += self.sequence(self.envelope, lambda: self.body(extended), self.number64)
        elif media.startswith(b"text/"):
            self.sp()
            value += (self.number64(),)
        elif media.startswith(b"multipart/"):
            self.fail("a type that is no multipart")
        if extended:
            self.sp()
            value += self.sequence(self.nstring, self.dsp, self.lang, self.nstring)
        return value

    def must_be_quoted(self, start: int, media: bytes) -> None:
        """``media-text`` and ``media-message`` have no literals where they have names."""
        quoted = b'"' + media.replace(b"/", b'" "') + b'"' if media in self.messages else b'"text" '
        if not self.octets[start:].lower().startswith(quoted):
            self.fail("quoted media type")

    def param(self) -> Value:
        """``body-fld-param = "(" string SP string *(SP string SP string) ")" / nil``."""
        if self.peek(b"NIL"):
            return self.nil()
        self.expect(b"(")
        pairs = [self.sequence(self.string, self.string)]
        while self.peek(b" "):
            self.sp()
            pairs.append(self.sequence(self.string, self.string))
        self.expect(b")")
        return tuple(pairs)

    def dsp(self) -> Value:
        """``body-fld-dsp = "(" string SP body-fld-param ")" / nil``."""
        if self.peek(b"NIL"):
            return self.nil()
        self.expect(b"(")
        value = self.sequence(self.string, self.param)
        self.expect(b")")
        return value

    def lang(self) -> Value:
        """``body-fld-lang = nstring / "(" string *(SP string) ")"``."""
        if not self.peek(b"("):
            return self.nstring()
        self.expect(b"(")
        value = [self.string()]
        while self.peek(b" "):
            self.sp()
            value.append(self.string())
        self.expect(b")")
        return tuple(value)
