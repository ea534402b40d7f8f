"""The text that HTML shows: its tags taken off, its entities resolved.

Any text is HTML: nothing here fails, and everything takes linear time.
"""

import re
from html import unescape
from typing import Final

from mailstore.mime.glyphs import seen

_TAG: Final = re.compile(
    r"""<(?:(!--)|([!?/]|(?=[A-Za-z]))([^\s<>/"']*+)(?>(?:[^>"']++|"[^"]*+"|'[^']*+'|["'])*)>?)"""
).search
"""The beginning of a comment, or a whole tag or declaration: what stands before its name, and the name.

There may be ``>`` in quotes, a quote that is not closed is none, and a ``<`` before anything else is text.
"""
_ENDS: Final = {
    name: re.compile("</" + "".join(f"[{letter}{letter.upper()}]" for letter in name)).search
    for name in ("script", "style", "title")
}
"""What ends the elements whose content is not shown."""
_WITHIN_WORDS: Final = frozenset(
    ["a", "abbr", "b", "big", "code", "em", "font", "i", "small", "span", "strong", "sub", "sup", "tt", "u", "wbr"]
)
"""Elements that may stand within a word; all others divide words."""


def shown(html: str, characters: int) -> str:
    """Return the beginning of the text that is shown, at least so many `characters` if there are; words are divided."""
    pieces: list[str] = []
    at = found = 0
    while found < characters and (tag := _TAG(html, at)):
        if tag.start() > at:
            pieces.append(_text(html[at : tag.start()]))
            found += seen(pieces[-1])
        comment, mark, name = tag.groups("")
        name = name.lower()
        if name not in _WITHIN_WORDS:
            pieces.append(" ")
        at = tag.end()
        if comment:
            at = _comment_end(html, at)
        elif name in _ENDS and not mark:
            at = _content_end(html, at, name)
    if found < characters:
        pieces.append(_text(html[at:]))
    return "".join(pieces)


def _text(raw: str) -> str:
    return unescape(_NO_CHARACTER.sub("\ufffd", raw)) if "&" in raw else raw


_NO_CHARACTER: Final = re.compile("&#[0-9]{8,};?")
"""Numbers beyond all characters; Python refuses to read those of thousands of digits."""


def _comment_end(html: str, start: int) -> int:
    end = html.find("-->", start)
    return end + 3 if end >= 0 else len(html)


def _content_end(html: str, start: int, name: str) -> int:
    end = _ENDS[name](html, start)
    return end.start() if end else len(html)
