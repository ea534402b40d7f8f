"""The texts of contents, packed (tables ``content``, ``fresh``, ``text``, ``dictionary``)."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import apsw
from attrs import frozen

from mailstore.fulltext.text import BODY, FoldedText
from mailstore.sqlite.compression import AS_IT_IS, PLAIN, SETTLED_LEVEL, WITHOUT_DICTIONARY, Packing, train
from mailstore.sqlite.index.errors import guarded
from mailstore.sqlite.transactions import Reader, Row, Writer

_NUMBERS: Final = 1 << 16
"""Pieces that a text may have."""
LARGEST_PIECE: Final = 1 << 30
"""Octets that no piece has: the first holds all of the header."""
DICTIONARY_OCTETS: Final = 112_000
"""Of 64, 112, 200 and 256 KB the best for 4,000 real messages, itself counted."""
_FRESH: Final = "INSERT INTO fresh (id, further, codec, octets) VALUES (?, ?, ?, ?)"
_SETTLED: Final = "INSERT INTO text (id, further, codec, octets) VALUES (?, ?, ?, ?)"
SAMPLES: Final = 1000
SAMPLE_OCTETS: Final = 32 << 10


@frozen
class Taken:
    """The text of a content, ready to be kept.

    Attributes:
        pieces: none if the message is damaged.

    """

    content: int
    object_id: bytes
    pieces: Sequence[bytes]


class Texts:
    """Reads and writes the texts of one index; keeps its dictionaries."""

    def __init__(self) -> None:
        self._packings: dict[int, Packing] = {PLAIN: WITHOUT_DICTIONARY}

    def packing(self, reader: Reader, codec: int) -> Packing:
        """Return what belongs to a codec; `KeyError` if there is no such dictionary."""
        if codec not in self._packings:
            octets = reader.value("SELECT octets FROM dictionary WHERE id = ?", codec - PLAIN)
            if octets is None:
                raise KeyError(codec)
            self._packings[codec] = Packing(codec, octets)
        return self._packings[codec]

    def newest(self, reader: Reader) -> Packing:
        """Return what packs new texts."""
        return self.packing(reader, PLAIN + int(reader.value("SELECT ifnull(max(id), 0) FROM dictionary")))

    def has_dictionary(self, reader: Reader) -> bool:
        """Tell whether new texts are packed with a dictionary."""
        return self.newest(reader).codec != PLAIN

    def keep(self, writer: Writer, taken: Iterable[Taken]) -> None:
        """Write texts."""
        packing = self.newest(writer)
        for text in taken:
            size = sum(map(len, text.pieces))
            writer.execute(
                "INSERT INTO content (id, object_id, size) VALUES (?, ?, ?)", text.content, text.object_id, size
            )
            writer.executemany(
                _FRESH,
                (
                    (text.content * _NUMBERS + number, len(text.pieces) - number - 1, *packing.pack(piece))
                    for number, piece in enumerate(text.pieces)
                ),
            )

    def train(self, writer: Writer, contents: Sequence[int]) -> None:
        """Make a dictionary of texts, for those that come, if they have enough in common."""
        step = max(len(contents) // SAMPLES, 1)
        firsts = (next(self.pieces(writer, content), b"")[:SAMPLE_OCTETS] for content in contents[::step])
        octets = train(list(firsts), DICTIONARY_OCTETS)
        if octets is not None:
            writer.execute("INSERT INTO dictionary (octets) VALUES (?)", octets)

    def settle(self, writer: Writer, contents: Iterable[int]) -> None:
        """Pack texts as close as may be, and put them behind all that were before."""
        packing = self.newest(writer)
        sql = "SELECT id, further, codec, octets FROM fresh WHERE id BETWEEN ? AND ? ORDER BY id"
        for content in contents:
            first = content * _NUMBERS
            for piece, further, codec, octets in writer.rows(sql, first, first + _NUMBERS - 1):
                packed = packing.pack(self.unpacked(writer, codec, octets), SETTLED_LEVEL)
                writer.execute(_SETTLED, piece, further, *packed)
                writer.execute("DELETE FROM fresh WHERE id = ?", piece)

    def drop(self, writer: Writer, contents: Iterable[int]) -> None:
        """Forget contents."""
        for content in contents:
            first, last = content * _NUMBERS, content * _NUMBERS + _NUMBERS - 1
            writer.execute("DELETE FROM fresh WHERE id BETWEEN ? AND ?", first, last)
            writer.execute("DELETE FROM text WHERE id BETWEEN ? AND ?", first, last)
            writer.execute("DELETE FROM content WHERE id = ?", content)

    def pieces(self, reader: Reader, content: int) -> Iterator[bytes]:
        """Yield a text in its pieces; none if there is none."""
        first = content * _NUMBERS
        sql = "SELECT codec, octets FROM piece WHERE id BETWEEN ? AND ? ORDER BY id"
        for codec, octets in reader.each(sql, first, first + _NUMBERS - 1):
            yield self.unpacked(reader, codec, octets)

    def of(self, reader: Reader, contents: Iterable[int]) -> dict[int, "StoredText"]:
        """Return those of the texts that are there."""
        sought = apsw.carray(array("q", [content * _NUMBERS for content in contents]))
        rows = reader.rows("SELECT id, further, codec, octets FROM piece WHERE id IN carray(?)", sought)
        firsts = self._unpacked_each(reader, [row[2:] for row in rows])
        return {
            number // _NUMBERS: StoredText(self, reader, first, range(number + 1, number + 1 + further))
            for (number, further, *_), first in zip(rows, firsts, strict=True)
        }

    @guarded()
    def piece(self, reader: Reader, number: int) -> bytes:
        """Return a piece that is not the first; `IndexLost`."""
        codec, octets = reader.rows("SELECT codec, octets FROM piece WHERE id = ?", number)[0]
        return self.unpacked(reader, codec, octets)

    def unpacked(self, reader: Reader, codec: int, octets: bytes) -> bytes:
        """Return the octets of a piece."""
        return octets if codec == AS_IT_IS else self.packing(reader, codec).unpack(octets, LARGEST_PIECE)

    def _unpacked_each(self, reader: Reader, pieces: Sequence[Row]) -> list[bytes]:
        """Return the octets of pieces, each given as codec and octets."""
        unpacked: dict[int, Iterator[bytes]] = {AS_IT_IS: (octets for codec, octets in pieces if codec == AS_IT_IS)}
        for each in {codec for codec, _ in pieces} - {AS_IT_IS}:
            column = [octets for codec, octets in pieces if codec == each]
            unpacked[each] = iter(self.packing(reader, each).unpack_each(column, LARGEST_PIECE))
        return [next(unpacked[codec]) for codec, _ in pieces]


class StoredText(FoldedText):
    """A text that is kept, to be used in the transaction that it was found in; `IndexLost`."""

    def __init__(self, texts: Texts, reader: Reader, first: bytes, further: range) -> None:
        """Take the first piece, and the numbers of the others."""
        self._texts = texts
        self._reader = reader
        self._first = first
        self._further = further

    @property
    def header(self) -> bytes:
        """The header's part."""
        return self._first[: self._first.find(BODY)]

    def body(self) -> Iterator[bytes]:
        """Yield the body's part in pieces."""
        yield self._first[self._first.find(BODY) + 1 :]
        yield from self._others()

    def whole(self) -> Iterator[bytes]:
        """Yield the text in pieces."""
        yield self._first
        yield from self._others()

    def _others(self) -> Iterator[bytes]:
        return (self._texts.piece(self._reader, number) for number in self._further)
