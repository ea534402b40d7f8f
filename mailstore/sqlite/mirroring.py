"""Tables that become what those of another file are, row by row: what is the same is not written.

The other file is attached as ``source``, and its schema is the same.  Which tables there are the schema itself says, so
that none can be forgotten.
"""

# ruff: noqa: S608  # what is put into statements are names of our own tables

from collections.abc import Set
from typing import Final

from attrs import frozen

from mailstore.sqlite.transactions import Reader, Writer

SOURCE: Final = "source"


@frozen
class _Table:
    """A table: its name, the columns that tell its rows apart, and all of its columns."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]

    def lacking(self, columns: tuple[str, ...], schema: str) -> str:
        """Return, as SQL, whether there is no row in `schema` with the same in these columns as the row ``our``."""
        same = " AND ".join(f"other.{each} {'=' if each in self.key else 'IS'} our.{each}" for each in columns)
        return f"NOT EXISTS (SELECT 1 FROM {schema}.{self.name} AS other WHERE {same})"


def tables(reader: Reader) -> set[str]:
    """Return the names of all tables but SQLite's own."""
    rows = reader.rows("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'")
    return {name for (name,) in rows}


def mirror(writer: Writer, without: Set[str]) -> None:
    """Give all tables but those `without` the rows that they have in the source."""
    for name in tables(writer) - without:
        table = _table(writer, name)
        writer.execute(f"DELETE FROM main.{name} AS our WHERE {table.lacking(table.columns, SOURCE)}")
        writer.execute(f"""
            INSERT INTO main.{name} ({", ".join(table.columns)}) SELECT {", ".join(table.columns)}
            FROM {SOURCE}.{name} AS our WHERE {table.lacking(table.key, "main")}""")
    # what AUTOINCREMENT has counted, last: each row that is written counts too
    writer.execute("DELETE FROM main.sqlite_sequence")
    writer.execute(f"INSERT INTO main.sqlite_sequence SELECT name, seq FROM {SOURCE}.sqlite_sequence")


def _table(reader: Reader, name: str) -> _Table:
    columns = reader.rows("SELECT name, pk FROM pragma_table_info(?, 'main') ORDER BY cid", name)
    key = tuple(column for column, place in columns if place)
    assert key, "every table of ours has a primary key"
    return _Table(name, key, tuple(column for column, _ in columns))
