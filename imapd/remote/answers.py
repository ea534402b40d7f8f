"""What a server answers, as values: numbers and words as octets, strings as octets, lists as lists, NIL as None.

Servers bend the grammar of RFC 3501, 9 in many ways, so a word here is whatever is not a space, a parenthesis or a
quote; ``BODY[HEADER.FIELDS (DATE)]<0>`` is one too.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from imapd.remote.errors import LostError

Value: TypeAlias = bytes | list["Value"] | None
Piece: TypeAlias = bytes | tuple[bytes, bytes] | None
"""As imaplib has them: a line, or a line that ends in ``{n}`` and the literal behind it."""

MAX_DEPTH: Final = 20
"""Lists inside lists; LIST and FETCH need three."""

_TOKEN: Final = re.compile(
    rb'\s*(?:([()])|"((?:[^"\\]++|\\.)*)"|(BODY(?:\.PEEK)?\[[^\]]*+\][^\s()"]*+|[^\s()"]++))', re.DOTALL | re.IGNORECASE
)
_ESCAPE: Final = re.compile(rb"\\(.)", re.DOTALL)
_LITERAL: Final = re.compile(rb"~?\{\d+\+?\}\Z")


def responses(pieces: Iterable[Piece]) -> Iterator[list[Value]]:
    """Yield each response's values; `LostError` if one is malformed."""
    response: list[Piece] = []
    for piece in pieces:
        response.append(piece)
        if not isinstance(piece, tuple):
            yield values(response)
            response = []
    if response:
        yield values(response)


def values(pieces: Sequence[Piece]) -> list[Value]:
    """Return the values of one response; `LostError` if it is malformed."""
    stack: list[list[Value]] = [[]]
    for piece in pieces:
        text, literal = piece if isinstance(piece, tuple) else (piece or b"", None)
        _read(text if literal is None else _LITERAL.sub(b"", text), stack)
        if literal is not None:
            stack[-1].append(literal)
    if len(stack) != 1:
        raise LostError("the server left a list open")
    return stack[0]


def _read(text: bytes, stack: list[list[Value]]) -> None:
    """Read the tokens of `text` into the innermost list of `stack`."""
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise LostError("the server's answer is malformed")
        at = found.end()
        if found[1] == b"(":
            _open(stack)
        elif found[1]:
            _close(stack)
        elif found[3] is not None:
            stack[-1].append(None if found[3].upper() == b"NIL" else found[3])
        else:
            stack[-1].append(_ESCAPE.sub(rb"\1", found[2]))


def _open(stack: list[list[Value]]) -> None:
    if len(stack) > MAX_DEPTH:
        raise LostError("the server nests lists too deep")
    inner: list[Value] = []
    stack[-1].append(inner)
    stack.append(inner)


def _close(stack: list[list[Value]]) -> None:
    if len(stack) == 1:
        raise LostError("the server closes a list that is not open")
    stack.pop()


def fetched(response: Sequence[Value]) -> dict[bytes, Value]:
    """Return the items of ``nz-number SP "(" item SP value ... ")"``, names in capitals; `LostError` if it is none."""
    items = response[1] if len(response) == 2 else None
    if not isinstance(items, list) or len(items) % 2:
        raise LostError("the server's FETCH response is malformed")
    return {octets(name).upper(): value for name, value in zip(items[::2], items[1::2], strict=True)}


def octets(value: Value) -> bytes:
    """Return `value`, which must be a word or a string; `LostError` if it is not."""
    if not isinstance(value, bytes):
        raise LostError("the server's answer has no string where one belongs")
    return value


def number(value: Value) -> int:
    """Return `value`, which must be a number; `LostError` if it is not."""
    if not isinstance(value, bytes) or not value.isdigit() or len(value) > 19:
        raise LostError("the server's answer has no number where one belongs")
    return int(value)


def words(value: Value) -> list[bytes]:
    """Return `value`, which must be a list of words; `LostError` if it is not."""
    if not isinstance(value, list):
        raise LostError("the server's answer has no list where one belongs")
    return [octets(each) for each in value]
