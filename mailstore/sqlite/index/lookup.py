"""What an index says of a search: where a text may be found, and the texts themselves."""

from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property, partial
from typing import Final

from attrs import frozen

from mailstore.fulltext import columns, parts, postings
from mailstore.fulltext.text import encode, field_mark
from mailstore.fulltext.trigrams import OCTETS, in_order
from mailstore.query import Body, Header, Text
from mailstore.sqlite.index import segments
from mailstore.sqlite.index.errors import guarded
from mailstore.sqlite.index.segments import Segment, Segments
from mailstore.sqlite.index.texts import StoredText, Texts
from mailstore.sqlite.transactions import Reader

Textual = Header | Body | Text
"""Keys that only the text answers."""

MOST_LOOKUPS: Final = 16
"""Trigrams of a long text that are looked up: more would hardly leave fewer contents."""
FEW: Final = 32
"""Parts of a segment whose texts are read sooner than more trigrams are looked up, once one has left all of them."""


@frozen(slots=False)
class Candidates:
    """The contents that may hold a text.

    Attributes:
        contents: these may.
        exact: they do.
        unsorted: of these nothing is known.
        last: nor of what came after this one.

    """

    contents: "array[int]"
    exact: bool
    unsorted: "array[int]"
    last: int

    @cached_property
    def _contents(self) -> frozenset[int]:
        return frozenset(self.contents)

    @cached_property
    def _unsorted(self) -> frozenset[int]:
        return frozenset(self.unsorted)

    def surely(self, content: int) -> bool:
        """Tell whether it is certain that a content holds the text."""
        return self.exact and content in self._contents

    def perhaps(self, content: int) -> bool:
        """Tell whether a content may hold the text."""
        return content in self._contents or content > self.last or content in self._unsorted


class Index:
    """An index in one transaction; `IndexLost`."""

    def __init__(self, reader: Reader, texts: Texts, known: Segments) -> None:
        self._reader = reader
        self._texts = texts
        self._segments = known

    @guarded()
    def candidates(self, key: Textual) -> Candidates | None:
        """Return which contents may hold a key, whose text is folded; None if that cannot be told."""
        if isinstance(key, Header) and key.field in columns.FIELDS:
            return self._candidates(partial(self._in_column, key.field, encode(key.text)), exact=True)
        sought = encode(key.text)
        marks = [field_mark(key.field)] if isinstance(key, Header) else []
        trigrams = in_order([sought[: parts.OVERLAP + 1], *marks], MOST_LOOKUPS)  # of which some part has all
        # A trigram of a text lies in one field or in the body, unless it has a mark in it, and no string does.
        exact = isinstance(key, Text) and len(sought) == OCTETS
        return self._candidates(partial(self._with_all, trigrams), exact) if trigrams else None

    @guarded()
    def texts(self, contents: Iterable[int]) -> dict[int, StoredText]:
        """Return those of the texts that are kept."""
        return self._texts.of(self._reader, contents)

    def _candidates(self, places_in: Callable[[Segment], Collection[int]], exact: bool) -> Candidates:
        contents, unsorted = array("q"), array("q")
        every = self._segments.every(self._reader)
        for segment in every:
            at = segment.contents.__getitem__
            unsorted.extend(map(at, segment.unsorted))
            contents.extend(dict.fromkeys(map(at, sorted(set(places_in(segment)).difference(segment.unsorted)))))
        return Candidates(contents, exact, unsorted, every[-1].last if every else 0)

    def _in_column(self, name: str, sought: bytes, segment: Segment) -> Collection[int]:
        return columns.places(segments.column(self._reader, segment, name), sought)

    def _with_all(self, trigrams: Sequence[int], segment: Segment) -> Collection[int]:
        """Return the places of the parts that have all of the trigrams, and perhaps of a few more."""
        found: set[int] | None = None
        for trigram in trigrams:
            places = postings.decode(segments.posting(self._reader, segment, trigram))
            before, found = found, set(places) if found is None else found.intersection(places)
            if not found or (len(found) <= FEW and found == before):
                break
        return found or ()
