"""What the fuzzer begins with: every command of the table, as the transcripts have it, and the words of the grammar.

Both are read when the fuzzer runs, so a new verb with a transcript is fuzzed without further ado.
"""

import re
from functools import cache
from pathlib import Path

from attrs import frozen

from imapd.imap.commands import COMMANDS
from tests.transcripts import test_transcripts

ROOT = Path(__file__).parents[2]

_SAID = re.compile(r"\d+C: (.*)")
_RECALLED = re.compile(r"<=\w+>")
_TOKEN = re.compile(rb'(~?)\{(\d+)\+\}\r\n|"(?:[^"\\]|\\.)*"|[()]| |[^ ()"{\r\n]+|[^\r\n]', re.DOTALL)
_WORD = re.compile(rb'"([A-Z][A-Z0-9.=-]{1,30})[ "]')


@frozen
class Literal:
    """A literal of a command; `waits` for ``+`` or not."""

    octets: bytes
    binary: bool = False
    waits: bool = False


Token = bytes | Literal


@frozen
class Example:
    """A command: the verb, ``UID `` included, and the tokens behind it, spaces and parentheses among them."""

    verb: bytes
    tokens: tuple[Token, ...]


@cache
def examples() -> dict[bytes, list[Example]]:
    """Return the commands of all transcripts by verb; each verb has one at least."""
    found = {verb: [Example(verb, ())] for verb in COMMANDS}
    for path in sorted(ROOT.glob("tests/transcripts/**/*.txt")):
        for line in path.read_text().splitlines():
            said = _SAID.fullmatch(line)
            example = said and _example(_RECALLED.sub("1", said[1]))
            if example:
                found[example.verb].append(example)
    return found


def _example(text: str) -> Example | None:
    """Return the command that a transcript's client says; None if it is none of the table, or not in one piece."""
    octets = test_transcripts._octets(text, b"+")
    tag, _, rest = octets.partition(b" ")
    tokens = tokenized(rest) if tag else None
    if tokens is None:
        return None
    words = [token.upper() if isinstance(token, bytes) else b"" for token in tokens[:3]]
    for length in (3, 1):
        verb = b"".join(words[:length])
        if verb in COMMANDS:
            return Example(verb, tuple(tokens[length:]))
    return None


def tokenized(octets: bytes) -> list[Token] | None:
    """Return the tokens of a command, which are its octets; None if it is not whole, or more than one."""
    tokens: list[Token] = []
    at = 0
    while at < len(octets):
        token = _TOKEN.match(octets, at)
        if token is None:
            return None
        at = token.end()
        if token[2] is None:
            tokens.append(token[0])
        else:
            tokens.append(Literal(octets[at : at + int(token[2])], bool(token[1])))
            at += int(token[2])
    return tokens


@cache
def words() -> list[bytes]:
    """Return the keywords that the grammar's docstrings and tables have."""
    sources = [path.read_bytes() for path in sorted(ROOT.glob("imapd/imap/**/*.py"))]
    return sorted({word for source in sources for word in _WORD.findall(source)})
