"""Contents that are indexed together: their postings and columns (tables ``segment``, ``page``, ``field``).

A segment is never changed: several of one level become one of the next.  What has been expunged since is left out then.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, count
from typing import Final
from zlib import crc32

from attrs import frozen

from mailstore.fulltext import columns, postings
from mailstore.fulltext.postings import Move, Posting
from mailstore.sqlite.compression import AS_IT_IS, CLOSE_LEVEL, LEVEL, SETTLED_LEVEL, WITHOUT_DICTIONARY
from mailstore.sqlite.index import sorting
from mailstore.sqlite.index.errors import Inconsistent
from mailstore.sqlite.index.files import numbers
from mailstore.sqlite.index.texts import Texts
from mailstore.sqlite.transactions import Reader, Writer

LARGEST_COLUMN: Final = 1 << 30
HIGHEST: Final = 2
"""The level of the largest segments, of 16,000 messages or more: to make one takes some seconds, as a step may."""

_PAGES: Final = 1 << 24
"""Trigrams, and so pages that a segment may have."""
_FIELDS: Final = 16


@frozen
class Segment:
    """What is known of a segment without its postings.

    Attributes:
        contents: ascending; their places are what postings name.  A large text has several, one for each part.
        unsorted: the places of those that no posting speaks of.
        after: the `last` of the segment before it.
        last: the greatest content that it was made of.
        level: how many times it was made of several.
        packed: whether its texts have a dictionary of their own.

    """

    id: int
    contents: "array[int]"
    unsorted: "array[int]"
    after: int
    last: int
    level: int
    packed: bool

    @property
    def distinct(self) -> list[int]:
        """The contents, each once."""
        return list(dict.fromkeys(self.contents))


@frozen
class Merged:
    """Several segments as one, without the contents that are gone; each attribute is that of all, and read once."""

    contents: "array[int]"
    unsorted: "array[int]"
    postings: Iterator[Posting]
    columns: Iterator[bytes]


class Segments:
    """The segments of one index for who looks up again and again: each is read once, 8 octets for each place."""

    def __init__(self) -> None:
        self._known: list[Segment] = []

    def every(self, reader: Reader) -> list[Segment]:
        """Return what `every` does."""
        self._known = every(reader, self._known)
        return self._known


def every(reader: Reader, known: Iterable[Segment] = ()) -> list[Segment]:
    """Return every segment, those of `known` as they are, in the order of their contents.

    Raises:
        Inconsistent: one is missing, or damaged.

    """
    there = {segment.id: segment for segment in known}
    ids = reader.rows("SELECT id FROM segment ORDER BY last")
    found = [there.get(id_) or _segments(reader, "WHERE id = ?", id_)[0] for (id_,) in ids]
    if [each.after for each in found] != [0, *(each.last for each in found)][: len(found)]:
        raise Inconsistent
    return found


def alike(reader: Reader, number: int) -> list[Segment]:
    """Return the first `number` segments of a level that has so many, which follow one another; or none."""
    level = reader.value(
        "SELECT level FROM segment WHERE level < ? GROUP BY level HAVING count(*) >= ? LIMIT 1", HIGHEST, number
    )
    return [] if level is None else _segments(reader, "WHERE level = ? ORDER BY last LIMIT ?", level, number)


def mostly_gone(reader: Reader) -> list[Segment]:
    """Return the large segments of whose contents more than half are gone."""
    counted = "SELECT count(*) FROM content WHERE id BETWEEN ? AND ?"
    large = (segment for segment in _segments(reader, "WHERE level ORDER BY last") if segment.contents)
    spans = ((each, each.contents[0], each.contents[-1]) for each in large)
    return [each for each, first, last in spans if 2 * reader.value(counted, first, last) < len(each.distinct)]


def unpacked(reader: Reader) -> Segment | None:
    """Return a large segment whose texts have no dictionary of their own."""
    return next(iter(_segments(reader, "WHERE level AND NOT packed LIMIT 1")), None)


def set_packed(writer: Writer, segment: Segment) -> None:
    """Note that the texts of a segment have their own dictionary."""
    writer.execute("UPDATE segment SET packed = 1 WHERE id = ?", segment.id)


def _segments(reader: Reader, which: str, *bindings: int) -> list[Segment]:
    sql = f"SELECT id, contents, unsorted, after, last, level, packed, checksum FROM segment {which}"  # noqa: S608  # ours
    return [_segment(*row) for row in reader.rows(sql, *bindings)]


def _segment(  # noqa: PLR0917  # a row
    id_: int, contents: bytes, unsorted: bytes, after: int, last: int, level: int, packed: int, checksum: int
) -> Segment:
    if checksum != _checksum(contents, unsorted, after, last):
        raise Inconsistent
    return Segment(id_, numbers(contents), numbers(unsorted), after, last, level, bool(packed))


def _checksum(contents: bytes, unsorted: bytes, after: int, last: int) -> int:
    return crc32(b"%d %d %b" % (after, last, unsorted), crc32(contents))


def last(reader: Reader) -> int:
    """Return the greatest content that is in a segment, or was; all below it are."""
    return int(reader.value("SELECT ifnull(max(last), 0) FROM segment"))


def posting(reader: Reader, segment: Segment, trigram: int) -> bytes:
    """Return the posting of a trigram, still written; `Corrupt`, `ValueError`."""
    first = segment.id * _PAGES
    sql = "SELECT codec, octets FROM page WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1"
    row = reader.row(sql, first, first + trigram)
    if row is None:
        raise Inconsistent
    return postings.find(_unpacked(row[0], row[1], postings.LARGEST_PAGE), trigram)


def column(reader: Reader, segment: Segment, field: str) -> bytes:
    """Return the column of a field that has one; `KeyError`."""
    place = segment.id * _FIELDS + columns.FIELDS.index(field)
    row = reader.row("SELECT codec, octets FROM field WHERE id = ?", place)
    if row is None:
        raise KeyError(place)
    return _unpacked(row[0], row[1], LARGEST_COLUMN)


def column_octets(reader: Reader, segments: Iterable[Segment]) -> int:
    """Return how many octets the columns of some segments have."""
    return sum(len(column(reader, segment, field)) for segment in segments for field in columns.FIELDS)


def build(writer: Writer, texts: Texts, contents: Sequence[int]) -> None:
    """Make a segment of the first of `contents`, as many as there is room for."""
    found = sorting.sort(writer, texts, contents, sorting.MOST_POSTINGS)
    new = Segment(0, found.contents, found.unsorted, after=last(writer), last=found.contents[-1], level=0, packed=False)
    _write(writer, new, found.postings(), map(columns.column, found.rows))


def merge(writer: Writer, sources: Sequence[Segment], level: int) -> None:
    """Make one segment of several that follow one another, without the contents that are gone."""
    found = merged(writer, sources)
    packed = all(source.packed for source in sources)
    new = Segment(0, found.contents, found.unsorted, sources[0].after, sources[-1].last, level, packed)
    _write(writer, new, found.postings, found.columns)
    for source in sources:
        _drop(writer, source)


def promote(writer: Writer, segment: Segment) -> None:
    """Let a segment be one of the next level as it is."""
    writer.execute("UPDATE segment SET level = level + 1 WHERE id = ?", segment.id)


def merged(reader: Reader, sources: Sequence[Segment]) -> Merged:
    """Return what several segments that follow one another say of what is still there."""
    contents, unsorted, moves = array("q"), array("q"), list[Move]()
    keeps = [_living(reader, source) for source in sources]
    for source, keep in zip(sources, keeps, strict=True):
        following = count(len(contents))
        places = [next(following) if stays else None for stays in keep]
        moves.append(len(contents) if all(keep) else places)
        unsorted.extend(place for place in map(places.__getitem__, source.unsorted) if place is not None)
        contents.extend(compress(source.contents, keep))
    found = postings.merged([_every_posting(reader, source) for source in sources], moves)
    return Merged(contents, unsorted, found, _merged_columns(reader, sources, keeps))


def _living(reader: Reader, segment: Segment) -> list[bool]:
    """Return of each place whether its content is still there."""
    ids = segment.contents
    rows = reader.rows("SELECT id FROM content WHERE id BETWEEN ? AND ?", ids[0], ids[-1]) if ids else ()
    return list(map({row[0] for row in rows}.__contains__, ids))


def _every_posting(reader: Reader, segment: Segment) -> Iterator[Posting]:
    """Yield the postings of a segment, ascending by trigram; `Corrupt`, `ValueError`."""
    first, expected = segment.id * _PAGES, 0
    sql = "SELECT id, codec, octets FROM page WHERE id BETWEEN ? AND ? ORDER BY id"
    for number, codec, octets in reader.each(sql, first, first + _PAGES - 1):
        page = _unpacked(codec, octets, postings.LARGEST_PAGE)
        if number != first + expected:
            raise Inconsistent
        yield from postings.each(page)
        expected = postings.following(page)
    if expected != postings.END:
        raise Inconsistent


def _merged_columns(reader: Reader, sources: Sequence[Segment], keeps: Sequence[Sequence[bool]]) -> Iterator[bytes]:
    for field in columns.FIELDS:
        rows: list[bytes] = []
        for source, keep in zip(sources, keeps, strict=True):
            rows += columns.chosen(column(reader, source, field), keep)
        yield columns.column(rows)


def _add(writer: Writer, new: Segment) -> int:
    """Write the row of a segment; return the id that it has from here on."""
    lists = new.contents.tobytes(), new.unsorted.tobytes()
    return writer.insert(
        "INSERT INTO segment (contents, unsorted, after, last, level, packed, checksum) VALUES (?, ?, ?, ?, ?, ?, ?)",
        *lists,
        new.after,
        new.last,
        new.level,
        new.packed,
        _checksum(*lists, new.after, new.last),
    )


def _write(writer: Writer, new: Segment, found: Iterable[Posting], contents_of_fields: Iterable[bytes]) -> None:
    """Write a segment, the closer the longer it is to stay."""
    segment = _add(writer, new)
    level = (LEVEL, SETTLED_LEVEL, CLOSE_LEVEL)[new.level]
    writer.executemany(
        "INSERT INTO page (id, codec, octets) VALUES (?, ?, ?)",
        ((segment * _PAGES + first, *WITHOUT_DICTIONARY.pack(page, level)) for first, page in postings.pages(found)),
    )
    writer.executemany(
        "INSERT INTO field (id, codec, octets) VALUES (?, ?, ?)",
        (
            (segment * _FIELDS + number, *WITHOUT_DICTIONARY.pack(octets, level))
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
