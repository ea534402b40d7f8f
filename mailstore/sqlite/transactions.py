"""What a function may do inside a transaction: a `Reader` asks, a `Writer` changes too.

Functions that take one are plain and synchronous, and leave nothing open: they run as a whole or not at all.  One that
takes a `Writer` may be run again after its transaction was lost, so it changes nothing but the file.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw

if TYPE_CHECKING:  # names that only the stubs have
    Binding = int | str | bytes | None | apsw.CArrayBinding

Row = tuple[Any, ...]


class Reader:
    """Asks questions, all of which see the same state."""

    __slots__ = ("_connection",)

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    @property
    def source(self) -> object:
        """What stands for the open file, and never for another."""
        return self._connection

    @property
    def path(self) -> Path:
        """The open file."""
        return Path(self._connection.filename)

    def each(self, sql: str, *bindings: "Binding") -> Iterator[Row]:
        """Return the rows one by one, for answers that may have to be cut short."""
        return self._connection.execute(sql, bindings)

    def rows(self, sql: str, *bindings: "Binding") -> list[Row]:
        """Return all rows."""
        return self._connection.execute(sql, bindings).fetchall()

    def row(self, sql: str, *bindings: "Binding") -> Row | None:
        """Return the first row."""
        return self._connection.execute(sql, bindings).fetchone()

    def value(self, sql: str, *bindings: "Binding") -> Any:  # noqa: ANN401  # what it is, the caller's SQL says
        """Return the first value of the first row; None if there is no row."""
        row = self._connection.execute(sql, bindings).fetchone()
        return None if row is None else row[0]


class Writer(Reader):
    """Asks and changes."""

    __slots__ = ()

    def execute(self, sql: str, *bindings: "Binding") -> int:
        """Run one statement; return how many rows it changed."""
        self._connection.execute(sql, bindings)
        return self._connection.changes()

    def executemany(self, sql: str, bindings: Iterable[Row]) -> None:
        """Run one statement for each of `bindings`."""
        self._connection.executemany(sql, bindings)

    def insert(self, sql: str, *bindings: "Binding") -> int:
        """Run one INSERT; return the new row's id."""
        self._connection.execute(sql, bindings)
        return self._connection.last_insert_rowid()
