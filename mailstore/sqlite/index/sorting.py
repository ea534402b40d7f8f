"""What a segment says of texts, found out from the texts."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from attrs import frozen

from mailstore.fulltext import columns
from mailstore.fulltext.parts import trigrams_by_part
from mailstore.fulltext.postings import Posting, encode
from mailstore.fulltext.text import BODY
from mailstore.sqlite.index.texts import Texts
from mailstore.sqlite.transactions import Reader

MOST_TRIGRAMS: Final = 200_000
"""Of all parts of a text.  If the text as a whole has more it is not sorted but read each time; letters and digits
alone have 47,000."""
MOST_POSTINGS: Final = 1_500_000
"""Of all texts of a segment that is being made: as a rule some 50 MB, and a few hundred at the very worst."""


@frozen
class Sorted:
    """What there is to know of some texts.

    Attributes:
        contents: whose text is at each place: of a large text one place for each part.
        places: those of the parts that have each trigram.
        rows: the rows of each column, a text's in the place of its first part.
        unsorted: the places of the texts that are not among `places`.

    """

    contents: "array[int]"
    places: Mapping[int, Sequence[int]]
    rows: Sequence[Sequence[bytes]]
    unsorted: "array[int]"

    def postings(self) -> Iterator[Posting]:
        """Yield the posting of each trigram, ascending."""
        return ((trigram, encode(self.places[trigram])) for trigram in sorted(self.places))


def sort(reader: Reader, texts: Texts, contents: Iterable[int], room: int) -> Sorted:
    """Sort the texts of the first contents, until there is no room for more trigrams; one at least."""
    places, unsorted = array("q"), array("q")
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows: list[list[bytes]] = [[] for _ in columns.FIELDS]
    for content in contents:
        pieces = texts.pieces(reader, content)
        first = next(pieces, b"")
        parts = trigrams_by_part(chain([first], pieces), MOST_TRIGRAMS)
        is_sorted = first and len(parts[0]) <= MOST_TRIGRAMS
        room -= sum(map(len, parts)) if is_sorted else 0
        if room < 0 and places:
            break
        if not is_sorted:
            unsorted.append(len(places))
            parts = [set()]
        for place, has in enumerate(parts, len(places)):
            for trigram in has:
                found[trigram].append(place)
        places.extend([content] * len(parts))
        header = first.partition(BODY)[0]
        for field, cells in zip(columns.FIELDS, rows, strict=True):
            cells += [columns.row(header, field), *[b""] * (len(parts) - 1)]
    return Sorted(places, found, rows, unsorted)
