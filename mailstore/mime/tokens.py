"""The tokens of structured fields (RFC 5322, 3.2)."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from mailstore.mime.lexical import comment_end, unquote


class Token(NamedTuple):
    """A piece of a structured field.

    Attributes:
        sort: `WORD`, `QUOTED`, `COMMENT` or `SPECIAL`.
        text: without quotes or parentheses.
        spaced: white space stood before it.

    """

    sort: str
    text: bytes
    spaced: bool


WORD: Final = "word"
QUOTED: Final = "quoted"
COMMENT: Final = "comment"
SPECIAL: Final = "special"
_WHITE: Final = "white"

_QUOTED_STRING: Final = rb'"(?P<quoted>[^"\\]*+(?:\\.[^"\\]*+)*)"'
_UNQUOTED: Final = (
    rb"(?P<white>[ \t\r\n]++)|(?P<comment>\()|(?P<special>[<>,;:@.])"
    rb"|=\?[^?\s]++\?[BbQq]\?[^?\s]*+\?="  # an encoded word may hold specials where the sender did not care
    rb'|\[[^\[\]\\]*+\]|[^ \t\r\n"<>,;:@.(\[]++|["\[]'
)
_LEXER: Final = re.compile(_QUOTED_STRING + b"|" + _UNQUOTED, re.DOTALL).match
_LEXER_WITHOUT_QUOTES: Final = re.compile(_UNQUOTED, re.DOTALL).match


def tokens_of(value: bytes) -> Iterator[Token]:
    """Yield the tokens of a structured field (RFC 5322, 3.2); what is no token is a word, so nothing is lost."""
    lexer, at, spaced = _LEXER, 0, False
    while match := lexer(value, at):
        sort, text, at = match.lastgroup or WORD, match[0], match.end()
        if sort == COMMENT:
            start, at = at, comment_end(value, at - 1)
            text = unquote(value[start:at].removesuffix(b")")).strip()
        elif sort == QUOTED:
            text = unquote(text[1:-1])
        elif text == b'"':  # once a quote is not closed, no later one is
            lexer = _LEXER_WITHOUT_QUOTES
        if sort != _WHITE:
            yield Token(sort, text, spaced)
        spaced = sort == _WHITE
