"""The texts that a search reads."""

from collections.abc import Sequence
from typing import Final

from mailstore.fulltext.text import FoldedText, encode
from mailstore.query import Body, Header, Text
from mailstore.sqlite.index.known import KnownFields
from mailstore.sqlite.index.lookup import Index
from mailstore.sqlite.matching import MessageText
from mailstore.sqlite.transactions import Reader

TEXTS: Final = 32
"""Texts that are fetched together, of at most a megabyte and the header each."""


class SoughtTexts:
    """The texts of some contents, to be looked at one after the other, in one transaction."""

    def __init__(self, reader: Reader, index: Index | None, known: KnownFields, contents: Sequence[int]) -> None:
        """Take where the texts are, what is known of them, and the contents."""
        self._reader = reader
        self._index = index
        self._known = known
        self._contents = contents
        self._place = -1
        self._fetched: dict[int, FoldedText] = {}
        self._upto = 0

    def next(self) -> None:
        """Go on to the next content."""
        self._place += 1

    def holds(self, key: Header | Body | Text) -> bool:
        """Tell whether the text holds a key, whose text is folded already; `Expunged`, `Corrupt`, `IndexLost`."""
        if not isinstance(key, Header):
            return self._text().holds(key)
        value = self._known.of(self._contents[self._place], key.field, lambda field: self._text().values(field))
        return value is not None and encode(key.text) in value

    def _text(self) -> FoldedText:
        """Return the text, fetched with those behind it."""
        content = self._contents[self._place]
        if self._place >= self._upto:
            self._upto = self._place + TEXTS
            stored = self._index.texts(self._contents[self._place : self._upto]) if self._index is not None else {}
            self._fetched = {**stored}
        if content not in self._fetched:
            self._fetched[content] = MessageText(self._reader, content)
        return self._fetched[content]
