"""What a message says, in a few words: the beginning of its text, for a list of messages (RFC 8970)."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from mailstore.mime.body import decode_body
from mailstore.mime.glyphs import on_one_line
from mailstore.mime.headers import Header
from mailstore.mime.html import shown
from mailstore.mime.message import Message
from mailstore.mime.parameters import TEXT_PLAIN
from mailstore.mime.part import Kind, Part

CHARACTERS: Final = 200
"""Of a preview: what RFC 8970, 3.3 says a server should keep to; 256 are the most that it allows."""
LOOKS: Final = (1 << 10, 32 << 10)
"""Octets of a part that are looked at: as much as is enough for most text, then as much as HTML puts before its own."""
PARTS: Final = 20
"""Parts that are looked at until there is one with text."""

_SIGNATURE: Final = re.compile(r"\n-- \r?\n")
_QUOTED: Final = re.compile(r"(?:\A|\n)>.*")


def preview(message: Message) -> str:
    """Return the first `CHARACTERS` of a message's text, on one line and without controls; empty if it has none.

    It is that of the first part that is text and no attachment; quoted lines and a signature are left out, unless there
    is nothing else.
    """
    for part in islice(_leaves(message.root), PARTS):
        for read in _readers(message.header(part)):
            text = _beginning(message, part, read)
            if text:
                return text
    return ""


def _leaves(part: Part) -> Iterator[Part]:
    if part.kind is Kind.LEAF:
        yield part
    for child in part.children:
        yield from _leaves(child)


def _beginning(message: Message, part: Part, read: Callable[[str], str]) -> str:
    text = ""
    for octets in LOOKS:
        text = read("".join(decode_body(message.octets, part, message.header(part), octets)))
        if len(text) >= CHARACTERS or part.end - part.body <= octets:
            break
    return text[:CHARACTERS].rstrip()


def _own(text: str) -> str:
    if "\n>" in text or text.startswith(">"):
        text = _QUOTED.sub("\n", text)
    return on_one_line(_SIGNATURE.split(text, maxsplit=1)[0])


def _shown(text: str) -> str:
    return on_one_line(shown(text, 2 * CHARACTERS))


_READERS: Final = {b"text/plain": (_own, on_one_line), b"text/html": (_shown,)}
"""What makes one line of a text, to be tried in turn."""


def _readers(header: Header) -> Sequence[Callable[[str], str]]:
    """Return what reads a part; nothing if it is no text, or an attachment."""
    if (header.get(b"content-disposition") or b"").lower().startswith(b"attachment"):
        return ()
    return _READERS.get((header.content_type or TEXT_PLAIN).essence, ())
