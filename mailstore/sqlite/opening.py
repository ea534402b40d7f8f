"""The files of an account: made, opened, removed; everything here blocks."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

import apsw
from attrs import frozen

from mailstore.errors import NotFound
from mailstore.model import AccountId, ModSeq
from mailstore.renderings import Rendering
from mailstore.sqlite import blockfile, changelog, connections, dictionaries, hierarchy, renderings, schemas, upgrading
from mailstore.sqlite.bell import Bell
from mailstore.sqlite.committing import commit_alone
from mailstore.sqlite.connections import translated
from mailstore.sqlite.contents import Keeping
from mailstore.sqlite.files import is_gone, make_folder, sync
from mailstore.sqlite.index.files import SUFFIXES
from mailstore.sqlite.transactions import Reader, Writer

_SUFFIXES: Final = (".db", ".db-wal", ".db-shm", blockfile.SUFFIX, ".bell", ".maildrop", ".upkeep", *SUFFIXES)


@frozen
class Opened:
    """An account's files, in use."""

    path: Path
    reading: apsw.Connection
    bell: Bell
    keeping: Keeping
    modseq: ModSeq


def account_path(root: Path, account_id: AccountId) -> Path:
    """Return where an account's database is: in one of 256 folders, so that none of them becomes large."""
    return root / "accounts" / account_id[:2] / f"{account_id}.db"


@translated()
def create(path: Path, registered: Sequence[Rendering]) -> None:
    """Make an account with the usual folders, and see it to the disk."""
    make_folder(path.parent)
    Bell(path.with_suffix(".bell")).close()
    schemas.create(path, partial(_fill, registered=registered))


def _fill(writer: Writer, registered: Sequence[Rendering]) -> None:
    schemas.upgrade(writer, schemas.ACCOUNT)
    hierarchy.fill(writer)
    renderings.register(writer, registered)  # not when it is first opened: then the disk may be full


@translated()
def open_files(path: Path, registered: Sequence[Rendering]) -> Opened:
    """Open an account; `NotFound`, `Unavailable`, `Corrupt`, and `Busy` soon: see `to_read_patiently`."""
    require(path)
    reading = schemas.open_for_reading(path, schemas.ACCOUNT, connections.PATIENCE)
    try:
        return _opened(path, reading, registered)
    except connections.NONSENSE as error:
        reading.close()
        raise connections.damage(error)  # noqa: B904  # it has its cause
    except BaseException:
        reading.close()  # or a damaged file stays in use, and nobody can mend it
        raise


def _opened(path: Path, reading: apsw.Connection, registered: Sequence[Rendering]) -> Opened:
    reader = Reader(reading)
    kinds = renderings.kinds(reader, registered)
    if kinds is None:
        writing = connections.writing(path, reading.open_vfs, connections.PATIENCE)
        kinds = commit_alone(writing, lambda writer: renderings.register(writer, registered), connections.PATIENCE)
    keeping = Keeping(kinds, dictionaries.newest(reader))
    return Opened(path, reading, Bell(path.with_suffix(".bell")), keeping, changelog.current(reader))


def require(path: Path) -> None:
    """Make sure that there is an account; `NotFound`."""
    if is_gone(path):
        raise NotFound("there is no such account")


@translated()
def is_free(path: Path) -> bool:
    """Tell whether an account may be made at `path`: no file is left of another."""
    return not any(path.parent.glob(f"{path.stem}.*"))


@translated()
def open_bare(path: Path) -> tuple[Bell, apsw.Connection]:
    """Open an account's files though its rows may make no sense; `NotFound`, `Unavailable`, `Corrupt`."""
    require(path)
    reading = schemas.open_for_reading(path, schemas.ACCOUNT)
    return Bell(path.with_suffix(".bell")), reading


@translated()
def remove(path: Path) -> None:
    """Remove an account's files, the database first: without it the others are nothing."""
    for suffix in _SUFFIXES:
        path.with_suffix(suffix).unlink(missing_ok=True)
    upgrading.remove_copies(path)
    sync(path.parent)
