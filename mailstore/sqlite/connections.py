"""Connections to one SQLite file, and what their errors mean."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw
from twisted.logger import Logger
from twisted.python.failure import Failure

from mailstore import errors
from mailstore.sqlite.files import is_gone

PAGE: Final = 4096
WAL_PAGES: Final = 1000
"""Pages in the log before the committing thread writes them back: 4 MB, which takes a few milliseconds."""
WAL_OCTETS: Final = 4 << 20
"""What is left of the log's file after that, however long it grew."""
CACHE_KIB: Final = 512
"""Of each connection: they multiply by the open accounts, and the system's own cache is behind them."""
BUSY_SECONDS: Final = 10.0
"""How long another process may hold an account before a command gives up."""
PATIENCE: Final = 0.005
"""How much of that a thread of the store may wait in itself: longer than most transactions of others take.  The rest
passes in the reactor (`patience`): there are few threads, and who needs another account must not wait as well."""

BUSY: Final = (apsw.BusyError, apsw.LockedError)
_FULL: Final = (apsw.FullError, apsw.IOError, apsw.NoMemError, apsw.CantOpenError, apsw.PermissionsError)
_DAMAGED: Final = (apsw.CorruptError, apsw.NotADBError, apsw.SQLError)
"""The last is a table or column that is not there: the statements are right, tests run each of them."""

ALONE: Final = "unix-excl"
"""SQLite's way for one process alone.  What several processes share in a file beside the database (``-shm``) it keeps
in memory, so that a database can be opened when the disk has not even room for that; while it is open, other processes
are told that it is busy."""
NONSENSE: Final = (TypeError, ValueError, LookupError, OverflowError)
"""What comes of rows that nobody wrote like that: a bit of a number is enough."""
DAMAGE: Final = (errors.Corrupt, *_DAMAGED, *NONSENSE)
"""What it may raise to read rows that are damaged."""
_NO_SHARED_MEMORY: Final = (apsw.IOError, apsw.FullError, apsw.CantOpenError)

_log = Logger("mailstore.sqlite")


def meaning(error: apsw.Error) -> Exception:
    """Return what SQLite says of the disk and of the file as the store's error, ready to be raised."""
    meant = _meaning(error)
    meant.__cause__ = error
    return meant


def corrupt(error: Exception) -> errors.Corrupt:
    """Return what one of `DAMAGE` means, whatever told it."""
    meant = meaning(error) if isinstance(error, apsw.Error) else error
    return meant if isinstance(meant, errors.Corrupt) else damage(meant)


def damage(error: Exception) -> errors.Corrupt:
    """Return what rows that make no sense mean, ready to be raised; where they went wrong is logged."""
    _log.failure("what is in an account makes no sense", Failure(error))
    meant = errors.Corrupt("the account is damaged, an administrator must look")
    meant.__cause__ = error
    return meant


def _meaning(error: apsw.Error) -> Exception:
    if isinstance(error, BUSY):
        return errors.Busy("the account is busy, try again")
    if isinstance(error, _FULL):
        return _refused_by_disk(error)
    if isinstance(error, _DAMAGED):
        return errors.Corrupt("the account is damaged, an administrator must look")
    if isinstance(error, apsw.ReadOnlyError):
        return errors.ReadOnly("the mail store takes no changes")
    return AssertionError("SQLite does not take this, so it is wrong")


def _refused_by_disk(error: Exception) -> errors.Unavailable:
    _log.error("the disk failed a mail store: {error!r}", error=error)
    return errors.Unavailable("the mail store cannot do this now, try again later")


@contextmanager
def translated() -> Iterator[None]:
    """Raise what SQLite and the system say of files as the store's errors."""
    try:
        yield
    except apsw.Error as error:
        raise meaning(error)  # noqa: B904  # it has its cause
    except OSError as error:
        raise _refused_by_disk(error) from error


@translated()
def reading(path: Path, vfs: str = "", patience: float = BUSY_SECONDS) -> apsw.Connection:
    """Open the file for reads only; blocking.

    `vfs` is what another connection of this process to the file has as ``open_vfs``; left out for the first one.  If
    somebody else holds the file for longer than `patience`, in seconds, it is `Busy`.
    """
    try:
        return _reading(path, vfs, patience)
    except _NO_SHARED_MEMORY:
        if vfs:
            raise
    return _reading(path, ALONE, patience)


def _reading(path: Path, vfs: str, patience: float) -> apsw.Connection:
    connection = connect(path, vfs, patience)
    connection.pragma("query_only", True)
    return connection


@translated()
def writing(path: Path, vfs: str = "", patience: float = BUSY_SECONDS) -> apsw.Connection:
    """Open the file for transactions that are on disk once they are committed; both as above; blocking."""
    connection = connect(path, vfs, patience)
    connection.pragma("synchronous", "FULL")
    connection.pragma("journal_size_limit", WAL_OCTETS)
    connection.wal_autocheckpoint(WAL_PAGES)
    return connection


@translated()
def creating(path: Path) -> apsw.Connection:
    """Make an empty database that only its owner can read, and open it to be filled; blocking.

    Nothing is synced: until somebody knows of the file, a power cut may have it.
    """
    path.touch(0o600, exist_ok=False)
    connection = connect(path)
    connection.pragma("synchronous", "OFF")
    connection.pragma("page_size", PAGE)
    connection.pragma("auto_vacuum", "INCREMENTAL")
    connection.pragma("journal_mode", "WAL")
    return connection


@translated()
def attach(connection: apsw.Connection, path: Path, name: str) -> None:
    """Make the tables of another file, whose path is absolute, readable under the schema's `name`; blocking."""
    connection.execute(f"ATTACH ? AS {name}", (f"{path.as_uri()}?mode=ro",))


def connect(path: Path, vfs: str = "", patience: float = BUSY_SECONDS) -> apsw.Connection:
    """Open the file; somebody may hold it for himself, to close or to upgrade it: wait so many seconds.

    Raises:
        NotFound: there is none, which is no fault of the disk: somebody has removed it, most likely with its account.
        apsw.Error: it cannot be opened.

    """
    if is_gone(path):
        raise errors.NotFound("the mail store has no such file any more")
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI
    connection = apsw.Connection(str(path), flags=flags, vfs=vfs or None)
    try:
        connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)  # else each UID in a range has its query planned anew
        connection.set_busy_timeout(int(patience * 1000))
        connection.pragma("cache_size", -CACHE_KIB)  # what is asked first opens the file
        connection.set_busy_timeout(0)
    except BaseException:
        connection.close()
        raise
    return connection


def doubtful(outcome: object) -> bool:
    """Tell whether an outcome says that the disk failed, so that nobody knows what is on it."""
    return isinstance(outcome, errors.Unavailable) and isinstance(outcome.__cause__, apsw.IOError)


@translated()
def settle(connection: apsw.Connection, patience: float) -> None:
    """Write all that is committed to the database itself, sync it, and begin the log anew; blocking.

    `Busy` if somebody reads for longer than `patience`, in seconds.
    """
    connection.set_busy_timeout(int(patience * 1000))
    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    finally:
        connection.set_busy_timeout(0)


def begin_immediate(connection: apsw.Connection, patience: float | None = None) -> None:
    """Begin a transaction that may write, waiting for other processes in short, uneven steps; blocking.

    It waits for `patience`, in seconds; left out, for `BUSY_SECONDS`.  (SQLite's own busy handler sleeps ever longer,
    and two busy processes starve each other with it.)
    """
    deadline = time.monotonic() + (BUSY_SECONDS if patience is None else patience)
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except BUSY:
            if time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0.001, 0.005))  # noqa: S311  # no secret


@translated()
def require_free(connection: apsw.Connection) -> None:
    """Make sure that no other process holds the file just now; `Busy`."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("ROLLBACK")
