"""Damaged pages that hold what is nowhere else: what can still be read goes into a new file, and the old one stays."""

# ruff: noqa: S608  # the names of tables that are put into statements are all our own

import os
import time
from pathlib import Path
from typing import Final

import apsw

from mailstore.sqlite import connections, foundlings, schemas, upgrading
from mailstore.sqlite.accountcopy import partial_path
from mailstore.sqlite.alone import alone
from mailstore.sqlite.committing import commit_alone
from mailstore.sqlite.files import sync
from mailstore.sqlite.gleaning import DAMAGE, rows
from mailstore.sqlite.index.files import discard
from mailstore.sqlite.swapping import remove
from mailstore.sqlite.transactions import Row, Writer

PATIENCE_SECONDS: Final = 3.0
"""How long somebody may still have the account open who is about to close it."""
_ANEW: Final = frozenset({"change", "uid_run"})
"""Tables that are made from the messages that there are then."""


@connections.translated()
def rescue(path: Path) -> list[str]:
    """Write an account's file anew with all that can be read; return what was done, for an administrator; blocking.

    A message of which something is lost stays in its place, so that `check` names it by mailbox and UID.

    Raises:
        Busy: somebody has it open.
        Corrupt: it is no database, or its list of tables is damaged.  Then, and after other errors, it is as it was.
        Unavailable: the disk failed.

    """
    with alone(path, PATIENCE_SECONDS) as source:
        done = _make(source, partial_path(path))
        kept = _exchange(source, partial_path(path), path)
    return [f"damaged pages: what can be read is in a new file, the damaged one is kept as {kept.name}", *done]


def _make(source: apsw.Connection, making: Path) -> list[str]:
    remove(making)
    schemas.create(making, lambda writer: schemas.upgrade(writer, schemas.ACCOUNT))
    done: list[str] = commit_alone(connections.writing(making), lambda writer: _fill(source, writer))
    return done


def _exchange(source: apsw.Connection, making: Path, path: Path) -> Path:
    """Give the new file the place of the old one; return where that is from then on."""
    sync(making)
    source.pragma("journal_mode", "DELETE")  # all that is in its log goes to the file
    kept = path.with_name(f"{path.name}{upgrading.DAMAGED}{time.strftime('%Y%m%d-%H%M%S')}")
    os.link(path, kept)
    making.rename(path)
    sync(path.parent)
    discard(path)
    return kept


def _fill(source: apsw.Connection, writer: Writer) -> list[str]:
    """Copy what can be read, and give what has lost its place another."""
    tables = [name for (name,) in writer.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    for table in sorted({*tables} - _ANEW - {"sqlite_sequence"}):
        writer.execute(f"DELETE FROM {table}")
        for row in rows(source, table):
            _insert(writer, table, row)
    _count_on(source, writer)
    return foundlings.place(writer)


def _insert(writer: Writer, table: str, row: Row) -> None:
    try:
        writer.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(row))})", *row)
    except apsw.ConstraintError:  # what was read is no such row
        return


def _count_on(source: apsw.Connection, writer: Writer) -> None:
    """Give out no id a second time."""
    try:
        counted = source.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
    except DAMAGE:
        return
    for name, last in counted:
        assert isinstance(last, int), "SQLite keeps it"
        writer.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", last, str(name))
