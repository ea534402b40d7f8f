"""Contents that are indexed together: their postings and columns (tables ``segment``, ``page``, ``field``).

A segment is never changed: some small ones become a large one.  What has been expunged since is left out then.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, count
from typing import Final

from attrs import frozen

from mailstore.fulltext import columns, postings
from mailstore.fulltext.postings import Move, Posting
from mailstore.fulltext.text import BODY
from mailstore.fulltext.trigrams import trigrams
from mailstore.sqlite.compression import AS_IT_IS, WITHOUT_DICTIONARY
from mailstore.sqlite.index.files import numbers
from mailstore.sqlite.index.texts import Texts
from mailstore.sqlite.transactions import Reader, Writer

MOST_TRIGRAMS: Final = 200_000
"""Of one text, with more of which it is not sorted but read each time; letters and digits alone have 47,000."""
MOST_POSTINGS: Final = 1_500_000
"""Of all texts of a segment that is being made: as a rule some 50 MB, and a few hundred at the very worst."""
LARGEST_COLUMN: Final = 1 << 30

_PAGES: Final = 1 << 24
"""Trigrams, and so pages that a segment may have."""
_FIELDS: Final = 16


@frozen
class Segment:
    """What is known of a segment without its postings.

    Attributes:
        contents: ascending; their places are what postings name.
        unsorted: the places of those that no posting speaks of.
        last: the greatest content that it was made of.
        packed: whether its texts have a dictionary of their own.

    """

    id: int
    contents: "array[int]"
    unsorted: "array[int]"
    last: int
    packed: bool


def every(reader: Reader) -> list[Segment]:
    """Return every segment, in the order of their contents."""
    return _segments(reader, "ORDER BY last")


def small(reader: Reader) -> list[Segment]:
    """Return those that were not merged yet."""
    return _segments(reader, "WHERE NOT large ORDER BY last")


def mostly_gone(reader: Reader) -> list[Segment]:
    """Return the large segments of whose contents more than half are gone."""
    counted = "SELECT count(*) FROM content WHERE id BETWEEN ? AND ?"
    large = (segment for segment in _segments(reader, "WHERE large ORDER BY last") if segment.contents)
    spans = ((each, each.contents[0], each.contents[-1]) for each in large)
    return [each for each, first, last in spans if 2 * reader.value(counted, first, last) < len(each.contents)]


def unpacked(reader: Reader) -> Segment | None:
    """Return a large segment whose texts have no dictionary of their own."""
    return next(iter(_segments(reader, "WHERE large AND NOT packed LIMIT 1")), None)


def set_packed(writer: Writer, segment: Segment) -> None:
    """Note that the texts of a segment have their own dictionary."""
    writer.execute("UPDATE segment SET packed = 1 WHERE id = ?", segment.id)


def _segments(reader: Reader, which: str) -> list[Segment]:
    rows = reader.rows(f"SELECT id, contents, unsorted, last, packed FROM segment {which}")  # noqa: S608  # our own
    return [Segment(row[0], numbers(row[1]), numbers(row[2]), row[3], bool(row[4])) for row in rows]


def last(reader: Reader) -> int:
    """Return the greatest content that is in a segment, or was; all below it are."""
    return int(reader.value("SELECT ifnull(max(last), 0) FROM segment"))


def posting(reader: Reader, segment: Segment, trigram: int) -> bytes:
    """Return the posting of a trigram, still written."""
    first = segment.id * _PAGES
    sql = "SELECT codec, octets FROM page WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1"
    row = reader.row(sql, first, first + trigram)
    return b"" if row is None else postings.find(_unpacked(row[0], row[1], postings.LARGEST_PAGE), trigram)


def column(reader: Reader, segment: Segment, field: str) -> bytes:
    """Return the column of a field that has one; `KeyError`."""
    place = segment.id * _FIELDS + columns.FIELDS.index(field)
    row = reader.row("SELECT codec, octets FROM field WHERE id = ?", place)
    if row is None:
        raise KeyError(place)
    return _unpacked(row[0], row[1], LARGEST_COLUMN)


@frozen
class Sorted:
    """What there is to know of some texts.

    Attributes:
        count: how many there was room for.
        places: those of the texts that have each trigram.
        rows: the rows of each column.
        unsorted: the places of the texts that are not among `places`.

    """

    count: int
    places: Mapping[int, Sequence[int]]
    rows: Sequence[Sequence[bytes]]
    unsorted: "array[int]"


def sort(reader: Reader, texts: Texts, contents: Sequence[int], room: int) -> Sorted:
    """Sort the texts of the first contents, until there is no room for more trigrams; one at least."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows: list[list[bytes]] = [[] for _ in columns.FIELDS]
    unsorted = array("q")
    for place, content in enumerate(contents):
        pieces = list(texts.pieces(reader, content))
        has = trigrams(pieces)
        if not pieces or len(has) > MOST_TRIGRAMS:
            unsorted.append(place)
            has = set()
        room -= len(has)
        if room < 0 and place:
            return Sorted(place, found, rows, unsorted)
        for trigram in has:
            found[trigram].append(place)
        header = pieces[0].partition(BODY)[0] if pieces else b""
        for field, cells in zip(columns.FIELDS, rows, strict=True):
            cells.append(columns.row(header, field))
    return Sorted(len(contents), found, rows, unsorted)


def build(writer: Writer, texts: Texts, contents: Sequence[int]) -> None:
    """Make a segment of the first of `contents`, as many as there is room for."""
    found = sort(writer, texts, contents, MOST_POSTINGS)
    sorted_ones = array("q", contents[: found.count])
    segment = _add(writer, sorted_ones, found.unsorted, last=sorted_ones[-1], large=False, packed=False)
    written = ((trigram, postings.encode(found.places[trigram])) for trigram in sorted(found.places))
    _write(writer, segment, written, map(columns.column, found.rows))


def merge(writer: Writer, sources: Sequence[Segment]) -> None:
    """Make one segment of several that follow one another, without the contents that are gone."""
    contents, unsorted, moves = array("q"), array("q"), list[Move]()
    keeps = [living(writer, source) for source in sources]
    for source, keep in zip(sources, keeps, strict=True):
        following = count(len(contents))
        places = [next(following) if stays else None for stays in keep]
        moves.append(len(contents) if all(keep) else places)
        unsorted.extend(place for place in map(places.__getitem__, source.unsorted) if place is not None)
        contents.extend(compress(source.contents, keep))
    packed = all(source.packed for source in sources)
    segment = _add(writer, contents, unsorted, last=sources[-1].last, large=True, packed=packed)
    merged = postings.merged([every_posting(writer, source) for source in sources], moves)
    _write(writer, segment, merged, _merged_columns(writer, sources, keeps))
    for source in sources:
        _drop(writer, source)


def living(reader: Reader, segment: Segment) -> list[bool]:
    """Return which contents of a segment are still there."""
    ids = segment.contents
    rows = reader.rows("SELECT id FROM content WHERE id BETWEEN ? AND ?", ids[0], ids[-1]) if ids else ()
    return list(map({row[0] for row in rows}.__contains__, ids))


def every_posting(reader: Reader, segment: Segment) -> Iterator[Posting]:
    """Yield the postings of a segment, ascending by trigram."""
    first = segment.id * _PAGES
    sql = "SELECT codec, octets FROM page WHERE id BETWEEN ? AND ? ORDER BY id"
    for codec, octets in reader.each(sql, first, first + _PAGES - 1):
        yield from postings.each(_unpacked(codec, octets, postings.LARGEST_PAGE))


def _merged_columns(reader: Reader, sources: Sequence[Segment], keeps: Sequence[Sequence[bool]]) -> Iterator[bytes]:
    for field in columns.FIELDS:
        rows: list[bytes] = []
        for source, keep in zip(sources, keeps, strict=True):
            rows += columns.chosen(column(reader, source, field), keep)
        yield columns.column(rows)


def _add(
    writer: Writer, contents: "array[int]", unsorted: "array[int]", *, last: int, large: bool, packed: bool
) -> int:
    return writer.insert(
        "INSERT INTO segment (contents, unsorted, last, large, packed) VALUES (?, ?, ?, ?, ?)",
        contents.tobytes(),
        unsorted.tobytes(),
        last,
        large,
        packed,
    )


def _write(writer: Writer, segment: int, found: Iterable[Posting], contents_of_fields: Iterable[bytes]) -> None:
    """Write the postings and the columns of a segment."""
    writer.executemany(
        "INSERT INTO page (id, codec, octets) VALUES (?, ?, ?)",
        ((segment * _PAGES + first, *WITHOUT_DICTIONARY.pack(page)) for first, page in postings.pages(found)),
    )
    writer.executemany(
        "INSERT INTO field (id, codec, octets) VALUES (?, ?, ?)",
        (
            (segment * _FIELDS + number, *WITHOUT_DICTIONARY.pack(octets))
            for number, octets in enumerate(contents_of_fields)
        ),
    )


def _drop(writer: Writer, segment: Segment) -> None:
    for table, each in (("page", _PAGES), ("field", _FIELDS)):
        first = segment.id * each
        writer.execute(f"DELETE FROM {table} WHERE id BETWEEN ? AND ?", first, first + each - 1)  # noqa: S608  # ours
    writer.execute("DELETE FROM segment WHERE id = ?", segment.id)


def _unpacked(codec: int, octets: bytes, limit: int) -> bytes:
    return octets if codec == AS_IT_IS else WITHOUT_DICTIONARY.unpack(octets, limit)
