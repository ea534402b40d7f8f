"""The file of an index: made, opened, recognized, thrown away; everything here blocks."""

import fcntl
import os
import sys
import unicodedata
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Final

import apsw

from mailstore.fulltext.text import VERSION
from mailstore.sqlite.connections import WAL_OCTETS, begin_immediate
from mailstore.sqlite.transactions import Reader

SUFFIXES: Final = (".search", ".search-wal", ".search-shm")
PAGE: Final = 1 << 10
"""Rows of some kilobytes leave an eighth of larger pages unused."""
WAL_PAGES: Final = WAL_OCTETS // PAGE
CACHE_KIB: Final = 2048
OBJECT_ID: Final = 8
"""Octets of a content's object_id that tell it from any other."""

FORMAT: Final = 4
"""To be raised with every change of how things are kept in the file, and of how texts are divided, or left unsorted."""
MADE_BY: Final = " ".join(
    map(str, (FORMAT, VERSION, unicodedata.unidata_version, *sys.version_info[:2], sys.byteorder))
)
"""Our versions, and what besides decides how text is decoded and folded, and numbers are kept."""

_SCHEMA: Final = (files("mailstore.sqlite") / "schema" / "search.sql").read_text()


def index_path(account: Path) -> Path:
    """Return where the index of an account's file is."""
    return account.with_suffix(SUFFIXES[0])


def discard(account: Path) -> None:
    """Throw the index away, whoever uses it: they see that it is gone, and go on without."""
    with suppress(OSError), _undisturbed(account):
        for suffix in SUFFIXES:
            account.with_suffix(suffix).unlink(missing_ok=True)


@contextmanager
def _undisturbed(account: Path) -> Iterator[None]:
    """Let nobody else open an index of this folder, or throw it away, meanwhile; `OSError`.

    SQLite knows the log beside a file by its name: that of one that is gone must not be taken for that of a new one.
    """
    folder = os.open(account.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def identity(account: Path) -> tuple[int, int] | None:
    """Return what tells the index's file from any other for as long as it is open; None if there is none."""
    try:
        status = index_path(account).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def open_for_reading(account: Path) -> apsw.Connection:
    """Open the index; `apsw.Error`, also if there is none, `OSError`."""
    with _undisturbed(account):
        connection = _connect(index_path(account))
    connection.pragma("query_only", True)
    return connection


def open_for_writing(account: Path) -> apsw.Connection:
    """Open the index, made if there is none; `apsw.Error`, `OSError`.

    What a power cut may take is a last transaction: never half of one, and the index says how far it goes.
    """
    path = index_path(account)
    with _undisturbed(account):
        path.touch(0o600)
        connection = _connect(path)
        connection.pragma("page_size", PAGE)
        connection.pragma("auto_vacuum", "INCREMENTAL")
        connection.pragma("journal_mode", "WAL")
        connection.pragma("synchronous", "NORMAL")
        connection.pragma("journal_size_limit", WAL_OCTETS)
        connection.wal_autocheckpoint(WAL_PAGES)
        _fill(connection)
    return connection


def _fill(connection: apsw.Connection) -> None:
    """Make the tables, unless they are there."""
    begin_immediate(connection)
    if not connection.pragma("schema_version"):
        connection.execute(_SCHEMA)
        connection.execute("INSERT INTO made (id, version, upto, swept_at) VALUES (1, ?, 0, 0)", (MADE_BY,))
    connection.execute("COMMIT")


def _connect(path: Path) -> apsw.Connection:
    """Open the file, and with it the log beside it; `apsw.Error`."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.pragma("cache_size", -CACHE_KIB)
    return connection


def belongs(account: Reader, index: Reader) -> bool:
    """Tell whether the index was made by this program, from this account: not from what a backup has replaced.

    The ids of contents are never used twice in one history of an account.  After a return to an earlier state they are,
    so a content that both know must be the same in both, and the account must have got as far as the index.
    """
    version, upto = index.row("SELECT version, upto FROM made") or ("", 0)
    if version != MADE_BY or upto > (account.value("SELECT seq FROM sqlite_sequence WHERE name = 'content'") or 0):
        return False
    known = "SELECT substr(object_id, 1, ?) FROM content WHERE id = ?"
    for content, object_id in index.each("SELECT id, object_id FROM content ORDER BY id DESC"):
        there = account.value(known, OBJECT_ID, content)
        if there is not None:
            return bool(there == object_id)
    return True


def numbers(octets: bytes) -> "array[int]":
    """Return numbers of 8 octets each."""
    found = array("q")
    found.frombytes(octets)
    return found
