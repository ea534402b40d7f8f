"""Damaged pages: what can be made from other rows is left behind, and the rest of the file is written anew."""

# ruff: noqa: S608  # the names of tables that are put into statements are all our own

from collections.abc import Iterable
from contextlib import closing
from typing import Final

import apsw

from mailstore.sqlite import schemas
from mailstore.sqlite.transactions import Writer

DERIVED: Final = frozenset({
    "account", "brought", "change", "keyword", "mailbox_change", "origin", "rendering", "rendering_block",
    "rendering_kind", "structure", "thread_reference", "uid_run",
})  # fmt: skip
"""Tables that are made from the others once they are empty, or can be done without."""

_COLUMNS: Final = "rowid, type, name, tbl_name, rootpage, sql"


class BeyondRepair(Exception):
    """Pages are damaged that hold what is nowhere else; the text says which, to an administrator."""


class RowsLost(BeyondRepair):
    """So it is, and what can still be read may be written anew (`rescuing`)."""


def integrity(connection: apsw.Connection) -> list[str]:
    """Return what SQLite finds wrong with the pages of a file; reads all of them."""
    found: list[str] = []
    try:
        for (text,) in connection.execute("PRAGMA integrity_check"):
            found += text.splitlines()
    except apsw.CorruptError as error:
        found.append(str(error))
    return [] if found == ["ok"] else found


def strange(connection: apsw.Connection) -> list[str]:
    """Return which tables and indexes are not what this program made them."""
    with closing(_pristine()) as complete:
        differing = {name for name, _ in _described(connection) ^ _described(complete)}
    return sorted(name.decode(errors="replace") for name in differing)


def _described(connection: apsw.Connection) -> set[tuple[bytes, bytes | None]]:
    return set(connection.execute("SELECT CAST(name AS BLOB), CAST(sql AS BLOB) FROM sqlite_schema"))


def _pristine() -> apsw.Connection:
    """Return an account without anything in it."""
    connection = apsw.Connection(":memory:")
    schemas.upgrade(Writer(connection), schemas.ACCOUNT)
    return connection


def salvage(connection: apsw.Connection) -> list[str]:
    """Write the pages anew if some are damaged, and make the derived tables that are missing; return what was done.

    For as long as it takes to write the file, nothing else can be done with it.  (VACUUM is one transaction, and copies
    rows without looking at the lists of free pages, at indexes, or at tables that the schema does not name.)

    Raises:
        BeyondRepair: a table is damaged that cannot be made from others; nothing was changed.

    """
    done = _make_missing(connection)
    if strange(connection):
        raise BeyondRepair(f"the tables are not what they should be: {', '.join(strange(connection))}")
    if not integrity(connection):
        return done
    for table in _tables(connection) - DERIVED:
        if not _readable(connection, table):
            raise RowsLost(f"the table {table!r} is damaged, and there is nothing to make it from")
    for left in ({table for table in DERIVED if not _readable(connection, table)}, DERIVED):
        _write_anew(connection, left)
        done += ["damaged pages: the file is written anew", *_make_missing(connection)]
        if not integrity(connection):
            return done
    raise RowsLost("SQLite cannot mend the file")


def _readable(connection: apsw.Connection, table: str) -> bool:
    try:
        for _ in connection.execute(f'SELECT * FROM "{table}" NOT INDEXED'):
            pass
    except apsw.Error:
        return False
    return True


def _tables(connection: apsw.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def _write_anew(connection: apsw.Connection, left: Iterable[str]) -> None:
    """Leave some tables behind, with their indexes, and write the rest to new pages."""
    among = ", ".join(f"'{table}'" for table in left)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM sqlite_schema WHERE tbl_name IN ({among})"
    ).fetchall()
    _change_schema(connection, f"DELETE FROM sqlite_schema WHERE tbl_name IN ({among})", [()])
    try:
        connection.execute("VACUUM")
    except apsw.Error:
        _change_schema(connection, f"INSERT INTO sqlite_schema ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", rows)
        raise


def _change_schema(connection: apsw.Connection, sql: str, bindings: Iterable[tuple[object, ...]]) -> None:
    """Change the list of tables itself, and read it again."""
    connection.pragma("writable_schema", True)
    try:
        with connection:
            connection.executemany(sql, bindings)
    finally:
        connection.execute("PRAGMA writable_schema=RESET")


def _make_missing(connection: apsw.Connection) -> list[str]:
    """Make the derived tables that are not there, empty; return what was done."""
    missing = DERIVED - _tables(connection)
    with closing(_pristine()) as complete, connection:
        for table in missing:
            sql = "SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC"
            for (text,) in complete.execute(sql, (table,)):
                connection.execute(text)
    return [f"a damaged table: {table} is made anew" for table in sorted(missing)]
