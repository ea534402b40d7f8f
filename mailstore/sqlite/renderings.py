"""What the doors let the store keep beside each content (tables ``rendering_kind``, ``rendering``)."""

from collections.abc import Mapping, Sequence
from typing import Final

from mailstore.renderings import Rendering
from mailstore.sqlite.transactions import Reader, Writer

_CONTENTS: Final = 1 << 40
"""Contents that an account may have, and so the distance between the rows of two kinds."""

_INTO: Final = "INSERT OR REPLACE INTO rendering (id, version, octets)"


class Kinds:
    """The registered renderings, and the numbers that an account has given to their names."""

    def __init__(self, registered: Sequence[Rendering], numbers: Mapping[str, int]) -> None:
        self.registered = registered
        self._first = {each: numbers[each.name] * _CONTENTS for each in registered}

    def first_id(self, rendering: Rendering) -> int:
        """Return what is added to a content's id for the id of its row."""
        return self._first[rendering]


def kinds(reader: Reader, registered: Sequence[Rendering]) -> Kinds | None:
    """Return the numbers of the renderings; None if some have none yet."""
    numbers = _numbers(reader)
    return Kinds(registered, numbers) if all(each.name in numbers for each in registered) else None


def register(writer: Writer, registered: Sequence[Rendering]) -> Kinds:
    """Give a number to every rendering that has none."""
    names = ((each.name,) for each in registered)
    writer.executemany("INSERT OR IGNORE INTO rendering_kind (name) VALUES (?)", names)
    return Kinds(registered, _numbers(writer))


def _numbers(reader: Reader) -> dict[str, int]:
    return dict(reader.rows("SELECT name, id FROM rendering_kind"))


def keep_all(writer: Writer, kinds: Kinds, content: int, made: Sequence[bytes]) -> None:
    """Write what each rendering made of one content."""
    each = zip(kinds.registered, made, strict=True)
    rows = ((kinds.first_id(by) + content, by.version, octets) for by, octets in each)
    writer.executemany(f"{_INTO} VALUES (?, ?, ?)", rows)


def keep_one(writer: Writer, kinds: Kinds, rendering: Rendering, made: Mapping[int, bytes]) -> None:
    """Write what one rendering made of contents, of those that are still there."""
    first = kinds.first_id(rendering)
    rows = ((first + content, rendering.version, octets, content) for content, octets in made.items())
    writer.executemany(f"{_INTO} SELECT ?, ?, ? FROM content WHERE id = ?", rows)  # noqa: S608  # all of it is ours


def drop(writer: Writer, content: int) -> None:
    """Forget what was made of a content."""
    writer.execute("DELETE FROM rendering WHERE id IN (SELECT id * ? + ? FROM rendering_kind)", _CONTENTS, content)
