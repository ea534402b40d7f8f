"""What renderings made of contents that follow one another, packed together (table ``rendering_block``).

Who asks for an envelope mostly asks for many: those of a block come as one row, and are unpacked at once.  Renderings
come in as rows of their own (`renderings`) and are gathered in blocks later (`repacking`), and late ones are made then.
What is missing is made from the message when it is asked for; it comes back as a row, or if it is late not at all.
"""

# ruff: noqa: S608  # what is put into statements is all our own

from collections.abc import Iterable, Sequence
from contextlib import suppress
from io import BytesIO
from itertools import groupby
from struct import Struct, error
from typing import Any, Final

from attrs import frozen

from mailstore.errors import Corrupt
from mailstore.sqlite.compression import AS_IT_IS, LEVEL, WITHOUT_DICTIONARY
from mailstore.sqlite.connections import DAMAGE
from mailstore.sqlite.dictionaries import LARGEST_RENDERING
from mailstore.sqlite.transactions import Reader, Writer

BLOCKS: Final = 1 << 40
"""Blocks that a kind may have, and so the distance between the rows of two kinds: those of one kind lie together, some
to a page, since whoever asks for many messages asks for few kinds."""
CONTENTS: Final = 64
"""Of a block.  Who asks for a single envelope has all of them unpacked, in some twenty microseconds; with half as many
the blocks of real mail are a tenth larger, and zstd takes half as long again for each message."""
PACKING_LEVEL: Final = 9
"""Of zstd: what takes three times as long would save a hundredth."""

_ALL: Final = (1 << CONTENTS) - 1
_HEAD: Final = Struct(f"<Q{CONTENTS}I")
"""Which contents have one, a bit each; and the octets of each."""
_OF_BLOCK: Final = f"id IN (SELECT id * {BLOCKS} + ? FROM rendering_kind)"
_INTO: Final = "INSERT OR REPLACE INTO rendering_block (id, version, codec, octets) VALUES (?, ?, ?, ?)"

Column = list[bytes | None]
"""What a rendering made of each content of a block; None where it is missing."""


@frozen
class Made:
    """What one kind of rendering, in some version, made of a content."""

    kind: int
    version: int
    content: int
    octets: bytes


def _of(content: int) -> int:
    return content // CONTENTS


def made(
    reader: Reader, kind: int, version: int, wanted: Iterable[int], most: int, *, lenient: bool = False
) -> Column:
    """Return what blocks have of contents, in their order; only of the first if that is more than `most` octets.

    Raises:
        Corrupt: a block is damaged, and nobody is so `lenient` as to take it for missing.

    """
    found: Column = []
    octets = 0
    kept = _kept_if_sound if lenient else _kept
    for block, group in groupby(wanted, _of):
        column = kept(reader, kind, version, block)
        some = [column[content % CONTENTS] for content in group]
        found += some
        octets += sum(map(len, filter(None, some)))
        if octets >= most:
            break
    return found


def _kept(reader: Reader, kind: int, version: int, block: int) -> Column:
    """Return what a block has of a kind; `Corrupt`."""
    sql = "SELECT codec, octets FROM rendering_block WHERE id = ? AND version = ?"
    row = reader.row(sql, _row_id(kind, block), version)
    return _NOTHING if row is None else _unpacked(*row)


def _kept_if_sound(reader: Reader, kind: int, version: int, block: int) -> Column:
    with suppress(*DAMAGE):
        return _kept(reader, kind, version, block)
    return _NOTHING


def made_of(reader: Reader, content: int) -> list[Made]:
    """Return everything that a block has of a content; `Corrupt`."""
    columns = _columns(reader, content // CONTENTS).items()
    found = ((*which, content, column[content % CONTENTS]) for which, column in columns)
    return [Made(kind, version, content, octets) for kind, version, content, octets in found if octets is not None]


def _columns(reader: Reader, block: int) -> dict[tuple[int, int], Column]:
    """Return what a block has of each kind, in its version; `Corrupt`."""
    rows = reader.rows(f"SELECT id, version, codec, octets FROM rendering_block WHERE {_OF_BLOCK}", block)
    return {(row // BLOCKS, version): _unpacked(codec, octets) for row, version, codec, octets in rows}


def contents(reader: Reader, block: int) -> list[int]:
    """Return the contents that belong to a block."""
    first = block * CONTENTS
    rows = reader.rows("SELECT id FROM content WHERE id >= ? AND id < ?", first, first + CONTENTS)
    return [content for (content,) in rows]


def lacking(reader: Reader, kind: int, version: int, block: int) -> list[int]:
    """Return the contents that belong to a block of which it has nothing of a kind; `Corrupt`."""
    there = contents(reader, block)
    kept = made(reader, kind, version, there, CONTENTS * LARGEST_RENDERING)
    return [content for content, octets in zip(there, kept, strict=True) if octets is None]


def end(reader: Reader, kind: int, version: int) -> int:
    """Return the block behind the last one that has a kind in some version."""
    sql = "SELECT id FROM rendering_block WHERE id >= ? AND id < ? AND version = ? ORDER BY id DESC LIMIT 1"
    last: int | None = reader.value(sql, _row_id(kind, 0), _row_id(kind + 1, 0), version)
    return 0 if last is None else last % BLOCKS + 1


def add(writer: Writer, block: int, new: Iterable[Made], tried: Iterable[tuple[int, int]] = ()) -> None:
    """Put into a block what was made of its contents, of each kind only in the highest version; `Corrupt`.

    Args:
        tried: kinds and versions of which there is a row from here on, whether or not anything could be made.

    """
    columns = _columns(writer, block)
    for which in tried:
        columns.setdefault(which, [None] * CONTENTS)
    for each in new:
        columns.setdefault((each.kind, each.version), [None] * CONTENTS)[each.content % CONTENTS] = each.octets
    newest = dict(sorted(columns))
    rows = (_row(block, which, columns[which], PACKING_LEVEL) for which in newest.items())
    writer.executemany(_INTO, rows)


def leave_out(writer: Writer, gone: Iterable[int]) -> None:
    """Forget what was made of contents; a block that is damaged is forgotten as a whole."""
    for block, group in groupby(sorted(gone), _of):
        try:
            columns = _columns(writer, block)
        except (Corrupt, TypeError):  # a damaged row may hold anything
            columns = {}
        writer.execute(f"DELETE FROM rendering_block WHERE {_OF_BLOCK}", block)
        for content in group:
            for column in columns.values():
                column[content % CONTENTS] = None
        there = ((which, column) for which, column in columns.items() if column != _NOTHING)
        writer.executemany(_INTO, (_row(block, *each, LEVEL) for each in there))


def loose(reader: Reader) -> list[tuple[int]]:
    """Return the rows that cannot be unpacked, are of no kind, or have something of a content that is not there."""
    kinds = {kind for (kind,) in reader.rows("SELECT id FROM rendering_kind")}
    rows = reader.each("SELECT id, codec, octets FROM rendering_block")
    return [(row,) for row, *packed in rows if row // BLOCKS not in kinds or not _belongs(reader, row % BLOCKS, packed)]


def _belongs(reader: Reader, block: int, packed: Sequence[Any]) -> bool:
    """Tell whether what a row holds is made of contents that are there."""
    first = block * CONTENTS
    try:
        column = _unpacked(*packed)
    except (Corrupt, TypeError):
        return False
    return {first + place for place, octets in enumerate(column) if octets is not None} <= set(contents(reader, block))


def _row(block: int, which: tuple[int, int], column: Column, level: int) -> tuple[int, int, int, bytes]:
    kind, version = which
    there = sum(1 << place for place, octets in enumerate(column) if octets is not None)
    octets = [each or b"" for each in column]
    packed = WITHOUT_DICTIONARY.pack(_HEAD.pack(there, *map(len, octets)) + b"".join(octets), level)
    return _row_id(kind, block), version, *packed


def _row_id(kind: int, block: int) -> int:
    return kind * BLOCKS + block


def _unpacked(codec: int, octets: bytes) -> Column:
    if codec != AS_IT_IS:
        octets = WITHOUT_DICTIONARY.unpack(octets, _HEAD.size + CONTENTS * LARGEST_RENDERING)
    try:
        there, *lengths = _HEAD.unpack_from(octets)
    except error:
        raise Corrupt("the account is damaged, an administrator must look") from None
    if _HEAD.size + sum(lengths) != len(octets):
        raise Corrupt("the account is damaged, an administrator must look")
    behind = BytesIO(octets)
    behind.seek(_HEAD.size)
    column: Column = list(map(behind.read, lengths))
    return column if there == _ALL else [each if there >> place & 1 else None for place, each in enumerate(column)]


_NOTHING: Final[Column] = [None] * CONTENTS
