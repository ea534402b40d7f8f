"""What the doors let the store keep beside each content (tables ``rendering_kind``, ``rendering``)."""

from collections.abc import Mapping, Sequence
from typing import Final

from mailstore.errors import Corrupt
from mailstore.renderings import Rendering
from mailstore.sqlite import dictionaries
from mailstore.sqlite.compression import SETTLED_LEVEL
from mailstore.sqlite.dictionaries import Dictionaries
from mailstore.sqlite.transactions import Reader, Row, Writer

_KINDS: Final = 256
"""Kinds that an account may have, and so the distance between the rows of two contents."""

_INTO: Final = "INSERT OR REPLACE INTO rendering (id, version, codec, octets)"


class Kinds:
    """The registered renderings, and the numbers that an account has given to their names."""

    def __init__(self, registered: Sequence[Rendering], numbers: Mapping[str, int]) -> None:
        self.registered = registered
        self._numbers = {each: numbers[each.name] for each in registered}

    def row_id(self, rendering: Rendering, content: int) -> int:
        """Return the id of the row that has what a rendering made of a content."""
        return content * _KINDS + self._numbers[rendering]

    def row_id_sql(self, rendering: Rendering) -> str:
        """Return the same as SQL, of ``content_id``."""
        return f"content_id * {_KINDS} + {self._numbers[rendering]}"


def kinds(reader: Reader, registered: Sequence[Rendering]) -> Kinds | None:
    """Return the numbers of the renderings; None if some have none yet."""
    numbers = _numbers(reader)
    return Kinds(registered, numbers) if all(each.name in numbers for each in registered) else None


def known(reader: Reader, registered: Sequence[Rendering]) -> Kinds:
    """Return the numbers of those of the renderings that have one."""
    numbers = _numbers(reader)
    return Kinds([each for each in registered if each.name in numbers], numbers)


def register(writer: Writer, registered: Sequence[Rendering]) -> Kinds:
    """Give a number to every rendering that has none."""
    names = ((each.name,) for each in registered)
    writer.executemany("INSERT OR IGNORE INTO rendering_kind (name) VALUES (?)", names)
    return Kinds(registered, _numbers(writer))


def _numbers(reader: Reader) -> dict[str, int]:
    return dict(reader.rows("SELECT name, id FROM rendering_kind"))


def keep_all(writer: Writer, kinds: Kinds, content: int, made: Sequence[tuple[int, bytes]]) -> None:
    """Write what each rendering made of one content: codec and octets."""
    each = zip(kinds.registered, made, strict=True)
    rows = ((kinds.row_id(by, content), by.version, *packed) for by, packed in each)
    writer.executemany(f"{_INTO} VALUES (?, ?, ?, ?)", rows)


def keep_one(writer: Writer, kinds: Kinds, rendering: Rendering, made: Mapping[int, bytes]) -> None:
    """Write what one rendering made of contents, of those that are still there."""
    pack = dictionaries.newest(writer).pack_rendering
    rows = (
        (kinds.row_id(rendering, content), rendering.version, *pack(octets), content)
        for content, octets in made.items()
    )
    writer.executemany(f"{_INTO} SELECT ?, ?, ?, ? FROM content WHERE id = ?", rows)  # noqa: S608  # all of it is ours


def of(reader: Reader, content: int) -> list[bytes]:
    """Return the octets of everything that was made of a content; `Corrupt`."""
    return [octets for octets, _, _ in _kept(reader, content)]


def repacked(reader: Reader, content: int, into: Dictionaries) -> list[Row]:
    """Pack what was made of a content as close as may be; return id, version, new codec and octets; `Corrupt`."""
    kept = _kept(reader, content)
    return [(row, version, *into.pack_rendering(octets, SETTLED_LEVEL)) for octets, row, version in kept]


def _kept(reader: Reader, content: int) -> list[tuple[bytes, int, int]]:
    """Return octets, id and version of everything that was made of a content."""
    rows = reader.rows(
        "SELECT codec, octets, id, version FROM rendering WHERE id BETWEEN ? AND ?",
        content * _KINDS,
        content * _KINDS + _KINDS - 1,
    )
    return [(dictionaries.unpack_rendering(reader, codec, octets), *which) for codec, octets, *which in rows]


def replace(writer: Writer, rows: Sequence[Row]) -> None:
    """Write what `repacked` returned, of rows that are still there, so that they fill their pages anew."""
    there = [row for row in rows if writer.execute("DELETE FROM rendering WHERE id = ? AND version = ?", *row[:2])]
    writer.executemany("INSERT INTO rendering (id, version, codec, octets) VALUES (?, ?, ?, ?)", there)


def disagree(reader: Reader, kinds: Kinds, content: int, made: Sequence[bytes]) -> bool:
    """Tell whether something else is kept of a content than what each rendering makes; what is missing is no harm."""
    sql = "SELECT codec, octets FROM rendering WHERE id = ? AND version = ?"
    kept = (reader.row(sql, kinds.row_id(by, content), by.version) for by in kinds.registered)
    try:
        return any(
            row is not None and dictionaries.unpack_rendering(reader, *row) != right
            for row, right in zip(kept, made, strict=True)
        )
    except (Corrupt, TypeError):  # a damaged row may hold anything
        return True


def drop(writer: Writer, content: int) -> None:
    """Forget what was made of a content."""
    first = content * _KINDS
    writer.execute("DELETE FROM rendering WHERE id BETWEEN ? AND ?", first, first + _KINDS - 1)
