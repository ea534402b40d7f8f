"""Address lists, well-formed, obsolete and broken (RFC 5322, 3.4 and 4.4)."""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final, NamedTuple

from mailstore.mime.tokens import COMMENT, QUOTED, SPECIAL, Token, tokens_of


class Address(NamedTuple):
    """An address in the form of ENVELOPE (RFC 3501, 7.4.2).

    A group begins with one that has only its name as `mailbox`, and ends with one that has nothing.

    Attributes:
        name: display name without its quotes, encoded words as they are; or a comment that stands for it.
        route: the obsolete source route (``@a,@b``).
        mailbox: local part without its quotes.
        host: domain; empty, not None, where the address has none.

    """

    name: bytes | None
    route: bytes | None
    mailbox: bytes | None
    host: bytes | None


END_OF_GROUP: Final = Address(None, None, None, None)
MAX_OCTETS: Final = 1 << 18
"""Octets of a field that are read: thousands of recipients, more than mail servers pass on, in half a second."""


def parse_addresses(value: bytes) -> list[Address]:
    """Return the addresses of an unfolded field value, in order, as far as `MAX_OCTETS` reach; never fails.

    ::

        address-list = (address *("," address)) / obs-addr-list
        address      = mailbox / group
        group        = display-name ":" [group-list] ";" [CFWS]     (RFC 5322, 3.4)
    """
    value = value[:MAX_OCTETS]
    addresses = _plain(value)
    return _parse(value) if addresses is None else addresses


_WORD: Final = rb'[^ \t\r\n"<>,;:@(\[]++'
_PLAIN: Final = re.compile(
    rb"""[ \t]*+(?:
        (?: (?: "([^"\\]*+)" | (WORD(?:[ ]WORD)*) )[ \t]*+ )?<(WORD)@(WORD)>
        | (WORD)@(WORD)(?:[ \t]++\(([^()\\]*+)\))?
    )[ \t]*+(?:,|\Z)""".replace(b"WORD", _WORD),
    re.VERBOSE,
).match
"""One address without anything unusual, and the comma behind it."""


def _plain(value: bytes) -> list[Address] | None:
    """Return the addresses of a list that has none but plain ones, as nearly all have; None for others."""
    addresses: list[Address] = []
    at = 0
    while at < len(value):
        match = _PLAIN(value, at)
        if match is None:
            return None
        quoted, words, mailbox, host, bare, bare_host, comment = match.groups()
        name = (quoted or words or comment or b"").strip()
        addresses.append(Address(name or None, None, mailbox or bare, host or bare_host))
        at = match.end()
    return addresses


def _parse(value: bytes) -> list[Address]:
    """Return the addresses of any list."""
    addresses: list[Address] = []
    in_group = False
    for tokens, delimiter in _split(value):
        if delimiter == b":":
            addresses += [END_OF_GROUP] * in_group
            addresses.append(Address(None, None, _phrase([token for token in tokens if token.sort != COMMENT]), None))
            in_group = True
        else:
            addresses += _mailbox(tokens)
            if delimiter == b";":
                addresses += [END_OF_GROUP] * in_group
                in_group = False
    return addresses + [END_OF_GROUP] * in_group


def _split(value: bytes) -> Iterator[tuple[list[Token], bytes]]:
    """Yield the tokens of each address, and what ended it: a comma, a semicolon, a group's colon, or nothing."""
    tokens: list[Token] = []
    place = _Place.PHRASE
    for token in tokens_of(value):
        special = token.text if token.sort == SPECIAL else b""
        if special in _ENDS[place]:
            yield tokens, special
            tokens, place = [], _Place.PHRASE
        else:
            tokens.append(token)
            place = _next_place(place, special)
    yield tokens, b""


class _Place(Enum):
    """Where in an address a token stands, as far as it decides what ends the address."""

    PHRASE = "nothing but words so far"
    ANGLE = "just after <"
    ROUTE = "after <@"
    INSIDE = "between < and >"
    OUTSIDE = "after @ or >"


_ENDS: Final = {
    _Place.PHRASE: (b",", b";", b":"),
    _Place.ANGLE: (b",",),
    _Place.ROUTE: (),
    _Place.INSIDE: (b",",),
    _Place.OUTSIDE: (b",", b";"),
}


def _next_place(place: _Place, special: bytes) -> _Place:
    """Return the place after a token: a special, or (empty) a word or comment."""
    if special == b"<":
        return _Place.ANGLE
    if special == b">":
        return _Place.OUTSIDE
    if place is _Place.ANGLE:
        return _Place.ROUTE if special == b"@" else _Place.INSIDE
    if place is _Place.ROUTE and special == b":":
        return _Place.INSIDE
    return _Place.OUTSIDE if place is _Place.PHRASE and special in (b"@", b":") else place


def _mailbox(tokens: list[Token]) -> list[Address]:
    """Return the address of one list element, or none if it is empty.

    ::

        mailbox    = name-addr / addr-spec
        name-addr  = [display-name] angle-addr
        angle-addr = [CFWS] "<" [obs-route] addr-spec ">" [CFWS]    (RFC 5322, 3.4 and 4.4)
    """
    comments = [token.text for token in tokens if token.sort == COMMENT and token.text]
    words = [token for token in tokens if token.sort != COMMENT]
    if not words:
        return []
    phrase, words = _around_brackets(words) or _without_brackets(words)
    name = _phrase(phrase) or (comments[-1] if comments else None)
    route, words = _route(words)
    at = max(_positions(words, b"@"), default=len(words))
    local, host = _dotted(words[:at]), _dotted(words[at + 1 :])
    return [Address(name, route, local, host)] if name or local or host else []


def _around_brackets(words: list[Token]) -> tuple[list[Token], list[Token]] | None:
    """Divide a name-addr into what is before the angle brackets and what is in them; None if it has none."""
    opened = _positions(words, b"<")
    if not opened:
        return None
    close = next((at for at in _positions(words, b">") if at > opened[0]), len(words))
    return words[: opened[0]], words[max(at for at in opened if at < close) + 1 : close]


def _without_brackets(words: list[Token]) -> tuple[list[Token], list[Token]]:
    """Divide what has no angle brackets into a name, which should not be there, and an addr-spec.

    Words before the address are the name, words after it are dropped; several words without an address are a name too,
    and a quoted one.
    """
    ats = _positions(words, b"@")
    if ats:
        start = _gap(words, max(ats[0] - 1, 0), -1)
        return words[:start], words[start : _gap(words, ats[0] + 2, 1)]
    is_name = words[0].sort == QUOTED or _gap(words, 1, 1) < len(words)
    return (words, []) if is_name else ([], words)


def _gap(words: list[Token], start: int, step: int) -> int:
    """Return the first word from `start` on, in either direction, that white space divides from the one before it."""
    at = start
    while 0 < at < len(words) and not _is_apart(words, at):
        at += step
    return at


def _is_apart(words: list[Token], at: int) -> bool:
    """Tell whether white space stands before a word, other than what old mail has around dots (RFC 5322, 4.4)."""
    return words[at].spaced and at > 0 and b"." not in (words[at].text, words[at - 1].text)


def _route(words: list[Token]) -> tuple[bytes | None, list[Token]]:
    """Take the obsolete source route off an address: ``@a,@b:`` (RFC 5322, 4.4)."""
    colons = _positions(words, b":")
    if colons and words[0].text == b"@":
        return b"".join([word.text for word in words[: colons[0]]]), words[colons[0] + 1 :]
    return None, words


def _positions(words: list[Token], special: bytes) -> list[int]:
    """Return where these specials are."""
    return [at for at, word in enumerate(words) if word.text == special and word.sort == SPECIAL]


def _phrase(words: list[Token]) -> bytes:
    """Return a display name: one space where there was white space between two words."""
    return b"".join([b" " + word.text if word.spaced else word.text for word in words]).strip()


def _dotted(words: list[Token]) -> bytes:
    """Return a local part or a domain, without the white space around its dots."""
    return b"".join([b" " + word.text if _is_apart(words, at) else word.text for at, word in enumerate(words)])
