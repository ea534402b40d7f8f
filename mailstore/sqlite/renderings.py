"""What the doors let the store keep beside each content (tables ``rendering_kind``, ``rendering``).

What is in blocks already (`renderingblocks`) is not here; what is asked of a content is looked for in both.
"""

# ruff: noqa: S608  # what is put into statements is all our own

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Final

from mailstore.errors import Corrupt
from mailstore.renderings import Rendering
from mailstore.sqlite import dictionaries, renderingblocks
from mailstore.sqlite.renderingblocks import CONTENTS, Made
from mailstore.sqlite.transactions import Reader, Writer

KINDS: Final = 256
"""Kinds that an account may have, and so the distance between the rows of two contents."""

_MADE: Final = "SELECT id, version, codec, octets FROM rendering"
_FITTING: Final = "id >= ? AND id < ? AND length(octets) <= ?"
"""What may be in a block."""
_INTO: Final = "INSERT OR REPLACE INTO rendering (id, version, codec, octets)"


class Kinds:
    """Registered renderings, and the numbers that an account has given to their names."""

    def __init__(self, numbers: Iterable[tuple[Rendering, int]]) -> None:
        self._numbers = dict(numbers)
        self.registered: Final = list(self._numbers)
        self.arriving: Final = [each for each in self.registered if not each.late]
        self.late: Final = [each for each in self.registered if each.late]

    def number(self, rendering: Rendering) -> int:
        """Return the number of the name of a rendering."""
        return self._numbers[rendering]

    def row_id(self, rendering: Rendering, content: int) -> int:
        """Return the id of the row that has what a rendering made of a content."""
        return content * KINDS + self._numbers[rendering]

    def row_id_sql(self, rendering: Rendering) -> str:
        """Return the same as SQL, of ``content_id``."""
        return f"content_id * {KINDS} + {self._numbers[rendering]}"


def kinds(reader: Reader, registered: Sequence[Rendering]) -> Kinds | None:
    """Return the numbers of the renderings; None if some have none yet."""
    found = known(reader, registered)
    return found if len(found.registered) == len(registered) else None


def known(reader: Reader, registered: Sequence[Rendering]) -> Kinds:
    """Return the numbers of those of the renderings that have one."""
    numbers: dict[str, int] = dict(reader.rows("SELECT name, id FROM rendering_kind"))
    return _kinds(tuple((each, numbers[each.name]) for each in registered if each.name in numbers))


@lru_cache(maxsize=64)  # all accounts have the same but those from before a rendering was added: one object for all
def _kinds(numbers: tuple[tuple[Rendering, int], ...]) -> Kinds:
    return Kinds(numbers)


def register(writer: Writer, registered: Sequence[Rendering]) -> Kinds:
    """Give a number to every rendering that has none."""
    names = ((each.name,) for each in registered)
    writer.executemany("INSERT OR IGNORE INTO rendering_kind (name) VALUES (?)", names)
    return known(writer, registered)


def keep_all(writer: Writer, kinds: Kinds, content: int, made: Mapping[Rendering, tuple[int, bytes]]) -> None:
    """Write what each rendering made of one content: codec and octets."""
    rows = ((kinds.row_id(by, content), by.version, *packed) for by, packed in made.items())
    writer.executemany(f"{_INTO} VALUES (?, ?, ?, ?)", rows)


def keep_one(writer: Writer, kinds: Kinds, rendering: Rendering, made: Mapping[int, bytes]) -> None:
    """Write what one rendering made of contents, of those that are still there."""
    pack = dictionaries.newest(writer).pack_rendering
    rows = (
        (kinds.row_id(rendering, content), rendering.version, *pack(octets), content)
        for content, octets in made.items()
    )
    writer.executemany(f"{_INTO} SELECT ?, ?, ?, ? FROM content WHERE id = ?", rows)


def arrived(reader: Reader, kinds: Kinds, content: int) -> list[bytes]:
    """Return the octets of what was made of a content, and is made of each as it comes in; `Corrupt`."""
    numbers = {kinds.number(each) for each in kinds.arriving}
    return [each.octets for each in _of(reader, content) if each.kind in numbers]


def _of(reader: Reader, content: int) -> list[Made]:
    """Return everything that was made of a content."""
    rows = reader.rows(f"{_MADE} WHERE id >= ? AND id < ?", content * KINDS, (content + 1) * KINDS)
    return [_unpacked(reader, *row) for row in rows] + renderingblocks.made_of(reader, content)


def _unpacked(reader: Reader, row: int, version: int, codec: int, octets: bytes) -> Made:
    return Made(row % KINDS, version, row // KINDS, dictionaries.unpack_rendering(reader, codec, octets))


def disagree(reader: Reader, kinds: Kinds, content: int, made: Mapping[Rendering, bytes]) -> bool:
    """Tell whether something else is kept of a content than what each rendering makes; what is missing is no harm."""
    right = {(kinds.number(by), by.version): octets for by, octets in made.items()}
    try:
        return any(right.get((each.kind, each.version), each.octets) != each.octets for each in _of(reader, content))
    except (Corrupt, TypeError):  # a damaged row may hold anything
        return True


def drop(writer: Writer, contents: Sequence[int]) -> None:
    """Forget what was made of contents."""
    bounds = ((content * KINDS, (content + 1) * KINDS) for content in contents)
    writer.executemany("DELETE FROM rendering WHERE id >= ? AND id < ?", bounds)
    renderingblocks.leave_out(writer, contents)


def next_unsettled(reader: Reader, kinds: Kinds, first: int) -> int | None:
    """Return the first block from `first` on for which there is something that is not in it; None if there is none.

    The newest block is left for later, since there will be more for it.
    """
    newest: int = reader.value("SELECT ifnull(max(id), 0) FROM content") // CONTENTS
    row = reader.row(f"SELECT id FROM rendering WHERE {_FITTING} ORDER BY id LIMIT 1", *_bounds(first, newest))
    found = [] if row is None else [row[0] // KINDS // CONTENTS]
    found += (block for by in kinds.late if (block := _next_without(reader, kinds, by, first, newest)) is not None)
    return min(found, default=None)


def _next_without(reader: Reader, kinds: Kinds, late: Rendering, first: int, newest: int) -> int | None:
    """Return the first block behind the last that has something of a late rendering; those before were tried."""
    start = max(first, renderingblocks.end(reader, kinds.number(late), late.version))
    sql = "SELECT id FROM content WHERE id >= ? AND id < ? ORDER BY id LIMIT 1"
    content: int | None = reader.value(sql, start * CONTENTS, newest * CONTENTS)
    return None if content is None else content // CONTENTS


def settle(writer: Writer, kinds: Kinds, block: int, late: Iterable[Made]) -> None:
    """Put into a block what is not in it of its contents, but for what is too large.

    What is damaged is left out, and so made anew for who asks for it.

    Args:
        late: what late renderings made of contents that may be gone since.

    """
    bounds = _bounds(block, block + 1)
    there = set(renderingblocks.contents(writer, block))
    new = list(_sound(writer, kinds, bounds))
    new += (each for each in late if each.content in there)
    renderingblocks.add(writer, block, new, [(kinds.number(by), by.version) for by in kinds.late] if there else [])
    writer.execute(f"DELETE FROM rendering WHERE {_FITTING}", *bounds)


def _sound(reader: Reader, kinds: Kinds, bounds: tuple[int, int, int]) -> Iterator[Made]:
    """Yield what rows have of contents, but for what is damaged."""
    sound = {kinds.number(by): by.sound for by in kinds.registered}
    for row in reader.rows(f"{_MADE} WHERE {_FITTING}", *bounds):
        with suppress(Corrupt):
            made = _unpacked(reader, *row)
            if (is_sound := sound.get(made.kind)) is None or is_sound(made.octets):
                yield made


def _bounds(first: int, stop: int) -> tuple[int, int, int]:
    """Return what is bound in `_FITTING` for the contents of blocks."""
    return first * CONTENTS * KINDS, stop * CONTENTS * KINDS, dictionaries.LARGEST_RENDERING
