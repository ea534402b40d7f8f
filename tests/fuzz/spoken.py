"""Commands as the octets that a client sends, with a place for each ``+`` that it must wait for."""

import re
from collections.abc import Iterable, Iterator

from tests.fuzz.seeds import Example, Literal, Token

MOST = 200_000
"""Octets of a literal that are sent: more than a server takes here, so it refuses such a one first."""

_LINE_END = re.compile(rb"[\r\n]")
_UNASKED = re.compile(rb"\{\d+\+\}\Z")
_ASKED = re.compile(rb"~?\{(\d+)\}\Z")
_ALL_ASKED = re.compile(rb"(?:~?\{\d+\})+\Z")
_CLOSED = re.compile(rb'(?:[^"]|"(?:[^"\\]|\\.)*")*', re.DOTALL)


def turns(tag: bytes, example: Example) -> list[bytes]:
    """Return what is sent at once, and what after each ``+``; whatever the tokens are, it is one command."""
    said, line = [b""], tag + b" " + example.verb
    for token in example.tokens:
        if isinstance(token, bytes):
            line += _LINE_END.sub(b" ", token)
            continue
        waits = token.waits or not _is_closed(line)
        said[-1] += line + _announced(token, waits=waits)
        if waits:
            said.append(b"")
        said[-1] += token.octets
        line = b""
    announced = _ASKED.search(line)
    said[-1] += line + (b" \r\n" if _UNASKED.search(line) else b"\r\n")
    if announced:
        said.append(b"a" * min(int(announced[1]), MOST) + b"\r\n")
    return said


def in_one_turn(tag: bytes, example: Example) -> bytes:
    """Return the octets of a command that waits for nothing; a literal that nobody would read is left out."""
    tokens: list[Token] = []
    line = b""
    for token in example.tokens:
        if isinstance(token, bytes):
            line += token
        elif _is_closed(line):
            tokens += [line, Literal(token.octets, token.binary)]
            line = b""
    tokens.append(_ALL_ASKED.sub(b"", line))
    (said,) = turns(tag, Example(example.verb, tuple(tokens)))
    return said


def _is_closed(line: bytes) -> bool:
    """Tell whether no quoted string is left open, behind which an announcement is none."""
    return _CLOSED.fullmatch(line) is not None


def _announced(literal: Literal, *, waits: bool) -> bytes:
    return b"%b{%d%b}\r\n" % (b"~" if literal.binary else b"", len(literal.octets), b"" if waits else b"+")


def chunks(octets: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """Cut `octets` into pieces of `sizes`, which never end."""
    at = 0
    for size in sizes:
        if at >= len(octets):
            return
        yield octets[at : at + size]
        at += size
