"""What renderings made of contents that follow one another, packed together (table ``rendering_block``).

Who asks for an envelope mostly asks for many: those of a block are one piece of a file (`blockfile`), of which the row
says where it is, and are unpacked at once.  Renderings come in as rows of their own (`renderings`) and are gathered in
blocks later (`repacking`), and late ones are made then.  What is missing, or in a piece that is damaged, is made from
the message when it is asked for; it comes back as a row, or if it is late not at all.
"""

# ruff: noqa: S608  # what is put into statements is all our own

from array import array
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from io import BytesIO
from itertools import groupby
from random import getrandbits
from struct import Struct, error
from typing import Final

import apsw
from attrs import frozen

from mailstore.errors import Corrupt, Unavailable
from mailstore.sqlite import blockfile, blockpacking
from mailstore.sqlite.blockfile import BlockFile, Piece
from mailstore.sqlite.dictionaries import LARGEST_RENDERING
from mailstore.sqlite.transactions import Reader, Writer

BLOCKS: Final = 1 << 40
"""Blocks that a kind may have, and so the distance between the rows of two kinds: those of one kind lie together, since
whoever asks for many messages asks for few kinds."""
CONTENTS: Final = 64
"""Of a block.  Who asks for a single envelope has all of them unpacked, in some twenty microseconds; with half as many
the blocks of real mail are a tenth larger, and twice as many are looked for by who lists them all."""
EXTENT: Final = 1 << 18
"""Octets of the file that pieces of one kind fill, one behind the other: the system reads ahead of who reads them all,
and takes a thirtieth of what it takes to fetch each by itself."""
FARTHEST: Final = 1 << 40
"""Where no piece begins."""

_ALL: Final = (1 << CONTENTS) - 1
_HEAD: Final = Struct(f"<QQ{CONTENTS}I")
"""The piece's mark, which contents have a rendering, a bit each, and the octets of each."""
_MOST: Final = _HEAD.size + CONTENTS * LARGEST_RENDERING
_INTO: Final = "INSERT OR REPLACE INTO rendering_block (id, version, place, length, mark) VALUES (?, ?, ?, ?, ?)"
_OF_BLOCK: Final = f"id IN (SELECT id * {BLOCKS} + ? FROM rendering_kind)"

Column = list[bytes | None]
"""What a rendering made of each content of a block; None where it is missing."""
Last = dict[int, tuple[Piece, Column]]
"""The piece of each kind that was read last, and what it holds: who reads on mostly begins with it."""


@frozen
class Made:
    """What one kind of rendering, in some version, made of a content."""

    kind: int
    version: int
    content: int
    octets: bytes


def lacks(column: Sequence[bytes | None]) -> bool:
    """Tell whether something is missing; whether there is something of each is answered in a quarter of the time."""
    return not all(column) and None in column


def made(
    reader: Reader, kind: int, version: int, wanted: Sequence[int], most: int, *, last: Last | None = None
) -> Column:
    """Return what blocks have of contents, in their order; only of the first if that is more than `most` octets."""
    last = {} if last is None else last
    runs = _runs(wanted)
    file, pieces = blockfile.of(reader), _pieces(reader, kind, version, {block for block, _ in runs})
    found: Column = []
    octets = 0
    for block, places in runs:
        column = _read_on(file, kind, pieces[block], last) if block in pieces else _NOTHING
        some = column[places] if isinstance(places, slice) else [column[place] for place in places]
        found += some
        octets += sum(map(len, filter(None, some)))
        if octets >= most:
            break
    return found


def _runs(wanted: Sequence[int]) -> list[tuple[int, slice | list[int]]]:
    """Return the block of contents that stand beside each other and belong to the same, and their places in it.

    Mostly they follow one another, which is told of all of them at once, and faster if the last one says so.
    """
    runs: list[tuple[int, slice | list[int]]] = []
    start = 0
    while start < len(wanted):
        first = wanted[start]
        block, place = divmod(first, CONTENTS)
        run = wanted[start : start + CONTENTS - place]
        follow = range(first, first + len(run))
        if run[-1] == follow[-1] and (run == follow or list(run) == list(follow)):
            runs.append((block, slice(place, place + len(run))))
        else:
            stop = start + 1
            while stop < len(wanted) and wanted[stop] // CONTENTS == block:
                stop += 1
            run = wanted[start:stop]
            runs.append((block, [content % CONTENTS for content in run]))
        start += len(run)
    return runs


def _read_on(file: BlockFile, kind: int, piece: Piece, last: Last) -> Column:
    """Return what a piece of a kind holds, which may be the one that was read last."""
    known = last.get(kind)
    if known is None or known[0] != piece:
        known = last[kind] = piece, _column(file, piece)
    return known[1]


def _pieces(reader: Reader, kind: int, version: int, blocks: AbstractSet[int]) -> dict[int, Piece]:
    """Return where blocks have what is made by a kind."""
    ids = array("q", (_row_id(kind, block) for block in blocks))
    if not ids:  # which apsw would not bind
        return {}
    first, last = min(ids), max(ids)
    are_run = last - first == len(ids) - 1
    chosen, bound = ("id BETWEEN ? AND ?", (first, last)) if are_run else ("id IN carray(?)", (apsw.carray(ids),))
    sql = f"SELECT id, place, length, mark FROM rendering_block WHERE {chosen} AND version = ?"
    return {row % BLOCKS: Piece(*where) for row, *where in reader.rows(sql, *bound, version)}


def made_of(reader: Reader, content: int) -> list[Made]:
    """Return everything that a block has of a content."""
    columns = _columns(reader, content // CONTENTS).items()
    found = ((*which, content, column[content % CONTENTS]) for which, column in columns)
    return [Made(kind, version, content, octets) for kind, version, content, octets in found if octets is not None]


def _columns(reader: Reader, block: int) -> dict[tuple[int, int], Column]:
    """Return what a block has of each kind, in its version."""
    file = blockfile.of(reader)
    rows = reader.rows(f"SELECT id, version, place, length, mark FROM rendering_block WHERE {_OF_BLOCK}", block)
    return {(row // BLOCKS, version): _column(file, Piece(*where)) for row, version, *where in rows}


def contents(reader: Reader, block: int) -> list[int]:
    """Return the contents that belong to a block."""
    first = block * CONTENTS
    rows = reader.rows("SELECT id FROM content WHERE id >= ? AND id < ?", first, first + CONTENTS)
    return [content for (content,) in rows]


def lacking(reader: Reader, kind: int, version: int, block: int) -> list[int]:
    """Return the contents that belong to a block of which it has nothing of a kind."""
    there = contents(reader, block)
    kept = made(reader, kind, version, there, CONTENTS * LARGEST_RENDERING)
    return [content for content, octets in zip(there, kept, strict=True) if octets is None]


def end(reader: Reader, kind: int, version: int) -> int:
    """Return the block behind the last one that has a kind in some version."""
    sql = "SELECT id FROM rendering_block WHERE id >= ? AND id < ? AND version = ? ORDER BY id DESC LIMIT 1"
    last: int | None = reader.value(sql, _row_id(kind, 0), _row_id(kind + 1, 0), version)
    return 0 if last is None else last % BLOCKS + 1


def add(writer: Writer, block: int, new: Iterable[Made], tried: Iterable[tuple[int, int]] = ()) -> None:
    """Put into a block what was made of its contents, of each kind only in the highest version; `Unavailable`.

    Args:
        tried: kinds and versions of which there is a row from here on, whether or not anything could be made.

    """
    columns = _columns(writer, block)
    for which in tried:
        columns.setdefault(which, [None] * CONTENTS)
    for each in new:
        columns.setdefault((each.kind, each.version), [None] * CONTENTS)[each.content % CONTENTS] = each.octets
    newest = dict(sorted(columns))
    _put(writer, block, {which: columns[which] for which in newest.items()})


def _put(writer: Writer, block: int, columns: Mapping[tuple[int, int], Column]) -> None:
    """Write what a block has of some kinds; `Unavailable`."""
    file = blockfile.of(writer)
    for (kind, version), column in columns.items():
        mark = getrandbits(63)
        octets = _packed(mark, column)
        place = _room(writer, kind, len(octets))
        file.write(octets, place)
        writer.execute(_INTO, _row_id(kind, block), version, place, len(octets), mark)


def _room(reader: Reader, kind: int, length: int) -> int:
    """Return where a piece goes: into the extent of the last one of its kind, behind all others, or to a new extent."""
    sql = "SELECT place FROM rendering_block WHERE id >= ? AND id < ? AND place < ? ORDER BY id DESC LIMIT 1"
    last = reader.value(sql, _row_id(kind, 0), _row_id(kind + 1, 0), FARTHEST)
    if last is not None:
        stop = (last // EXTENT + 1) * EXTENT
        place = end_of_file(reader, stop)
        if place + length <= stop:
            return place
    return -(-end_of_file(reader) // EXTENT) * EXTENT


def end_of_file(reader: Reader, before: int = FARTHEST) -> int:
    """Return where the last of the pieces ends that begin `before` some place; damaged rows may say anything."""
    sql = "SELECT place + length FROM rendering_block WHERE place < ? AND length <= ? ORDER BY place DESC LIMIT 1"
    return max(0, reader.value(sql, before, blockfile.LARGEST) or 0)


def leave_out(writer: Writer, gone: Iterable[int]) -> None:
    """Forget what was made of contents; if the rest of a block cannot be written anew, that too."""
    for block, group in groupby(sorted(gone), lambda content: content // CONTENTS):
        columns = _columns(writer, block)
        for content in group:
            for column in columns.values():
                column[content % CONTENTS] = None
        left = {which: column for which, column in columns.items() if column != _NOTHING}
        try:
            _put(writer, block, left)
        except Unavailable:
            left = {}
        dropped = ((_row_id(kind, block),) for kind, version in columns if (kind, version) not in left)
        writer.executemany("DELETE FROM rendering_block WHERE id = ?", dropped)


def forget(writer: Writer) -> None:
    """Forget what is in blocks, of all contents."""
    writer.execute("DELETE FROM rendering_block")


def is_another(reader: Reader) -> bool:
    """Tell whether the file has other octets than were written where the first piece is."""
    sql = "SELECT place, length, mark FROM rendering_block WHERE place >= 0 ORDER BY place LIMIT 1"
    row = reader.row(sql)
    if row is None:
        return False
    file, piece = blockfile.of(reader), Piece(*row)
    return bool(file.read(piece)) and _unpacked(file, piece) is None


def loose(reader: Reader) -> list[tuple[int]]:
    """Return the rows that cannot be read, are of no kind, or have something of a content that is not there."""
    kinds = {kind for (kind,) in reader.rows("SELECT id FROM rendering_kind")}
    rows = reader.each("SELECT id, place, length, mark FROM rendering_block")
    file = blockfile.of(reader)
    return [
        (row,)
        for row, *where in rows
        if row // BLOCKS not in kinds or not _belongs(reader, row % BLOCKS, _unpacked(file, Piece(*where)))
    ]


def _belongs(reader: Reader, block: int, column: Column | None) -> bool:
    """Tell whether what a piece holds is made of contents that are there."""
    if column is None:
        return False
    first = block * CONTENTS
    return {first + place for place, octets in enumerate(column) if octets is not None} <= set(contents(reader, block))


def _row_id(kind: int, block: int) -> int:
    return kind * BLOCKS + block


def _packed(mark: int, column: Column) -> bytes:
    there = sum(1 << place for place, octets in enumerate(column) if octets is not None)
    octets = [each or b"" for each in column]
    return blockpacking.pack(_HEAD.pack(mark, there, *map(len, octets)) + b"".join(octets))


def _column(file: BlockFile, piece: Piece) -> Column:
    """Return what a piece holds; nothing if it is not there or damaged."""
    return _unpacked(file, piece) or [*_NOTHING]


def _unpacked(file: BlockFile, piece: Piece) -> Column | None:
    """Return what a piece holds; None if it is not what was written."""
    try:
        octets = blockpacking.unpack(file.read(piece), _MOST)
        mark, there, *lengths = _HEAD.unpack_from(octets)
    except (Corrupt, error):
        return None
    if mark != piece.mark or _HEAD.size + sum(lengths) != len(octets):
        return None
    behind = BytesIO(octets)
    behind.seek(_HEAD.size)
    column: Column = list(map(behind.read, lengths))
    return column if there == _ALL else [each if there >> place & 1 else None for place, each in enumerate(column)]


_NOTHING: Final[Column] = [None] * CONTENTS
