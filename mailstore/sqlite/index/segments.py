"""Contents that are indexed together: their postings and columns (tables ``segment``, ``page``, ``field``).

A segment is never changed: some small ones become a large one.  What has been expunged since is left out then.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, count
from typing import Final
from zlib import crc32

from attrs import frozen

from mailstore.fulltext import columns, postings
from mailstore.fulltext.postings import Move, Posting
from mailstore.sqlite.compression import AS_IT_IS, CLOSE_LEVEL, LEVEL, WITHOUT_DICTIONARY
from mailstore.sqlite.index import sorting
from mailstore.sqlite.index.errors import Inconsistent
from mailstore.sqlite.index.files import numbers
from mailstore.sqlite.index.texts import Texts
from mailstore.sqlite.transactions import Reader, Writer

LARGEST_COLUMN: Final = 1 << 30

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
        packed: whether its texts have a dictionary of their own.

    """

    id: int
    contents: "array[int]"
    unsorted: "array[int]"
    after: int
    last: int
    packed: bool

    @property
    def distinct(self) -> list[int]:
        """The contents, each once."""
        return list(dict.fromkeys(self.contents))


def every(reader: Reader) -> list[Segment]:
    """Return every segment, in the order of their contents; `Inconsistent` if one is missing."""
    found = _segments(reader, "ORDER BY last")
    if [each.after for each in found] != [0, *(each.last for each in found)][: len(found)]:
        raise Inconsistent
    return found


def small(reader: Reader) -> list[Segment]:
    """Return those that were not merged yet."""
    return _segments(reader, "WHERE NOT large ORDER BY last")


def mostly_gone(reader: Reader) -> list[Segment]:
    """Return the large segments of whose contents more than half are gone."""
    counted = "SELECT count(*) FROM content WHERE id BETWEEN ? AND ?"
    large = (segment for segment in _segments(reader, "WHERE large ORDER BY last") if segment.contents)
    spans = ((each, each.contents[0], each.contents[-1]) for each in large)
    return [each for each, first, last in spans if 2 * reader.value(counted, first, last) < len(each.distinct)]


def unpacked(reader: Reader) -> Segment | None:
    """Return a large segment whose texts have no dictionary of their own."""
    return next(iter(_segments(reader, "WHERE large AND NOT packed LIMIT 1")), None)


def set_packed(writer: Writer, segment: Segment) -> None:
    """Note that the texts of a segment have their own dictionary."""
    writer.execute("UPDATE segment SET packed = 1 WHERE id = ?", segment.id)


def _segments(reader: Reader, which: str) -> list[Segment]:
    sql = f"SELECT id, contents, unsorted, after, last, packed, checksum FROM segment {which}"  # noqa: S608  # our own
    return [_segment(*row) for row in reader.rows(sql)]


def _segment(  # noqa: PLR0917  # a row
    id_: int, contents: bytes, unsorted: bytes, after: int, last: int, packed: int, checksum: int
) -> Segment:
    if checksum != _checksum(contents, unsorted, after, last):
        raise Inconsistent
    return Segment(id_, numbers(contents), numbers(unsorted), after, last, bool(packed))


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


def build(writer: Writer, texts: Texts, contents: Sequence[int]) -> None:
    """Make a segment of the first of `contents`, as many as there is room for."""
    found = sorting.sort(writer, texts, contents, sorting.MOST_POSTINGS)
    new = Segment(0, found.contents, found.unsorted, after=last(writer), last=found.contents[-1], packed=False)
    written = ((trigram, postings.encode(found.places[trigram])) for trigram in sorted(found.places))
    _write(writer, _add(writer, new, large=False), written, map(columns.column, found.rows), LEVEL)


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
    whole = Segment(0, contents, unsorted, after=sources[0].after, last=sources[-1].last, packed=packed)
    merged = postings.merged([every_posting(writer, source) for source in sources], moves)
    _write(writer, _add(writer, whole, large=True), merged, _merged_columns(writer, sources, keeps), CLOSE_LEVEL)
    for source in sources:
        _drop(writer, source)


def living(reader: Reader, segment: Segment) -> list[bool]:
    """Return of each place whether its content is still there."""
    ids = segment.contents
    rows = reader.rows("SELECT id FROM content WHERE id BETWEEN ? AND ?", ids[0], ids[-1]) if ids else ()
    return list(map({row[0] for row in rows}.__contains__, ids))


def every_posting(reader: Reader, segment: Segment) -> Iterator[Posting]:
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


def _add(writer: Writer, new: Segment, *, large: bool) -> int:
    """Write the row of a segment; return the id that it has from here on."""
    lists = new.contents.tobytes(), new.unsorted.tobytes()
    return writer.insert(
        "INSERT INTO segment (contents, unsorted, after, last, large, packed, checksum) VALUES (?, ?, ?, ?, ?, ?, ?)",
        *lists,
        new.after,
        new.last,
        large,
        new.packed,
        _checksum(*lists, new.after, new.last),
    )


def _write(
    writer: Writer, segment: int, found: Iterable[Posting], contents_of_fields: Iterable[bytes], level: int
) -> None:
    """Write the postings and the columns of a segment."""
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
