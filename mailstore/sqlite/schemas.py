"""Numbered schema files: an older database is brought up to date when it is opened, a newer one is refused."""

from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Final

import apsw

from mailstore.errors import Corrupt, Unavailable
from mailstore.sqlite import connections, upgrading
from mailstore.sqlite.committing import commit_alone
from mailstore.sqlite.files import sync
from mailstore.sqlite.transactions import Writer

Schema = tuple[str, ...]
"""The steps from an empty database to what this program knows; the n-th leads to version n."""

_FOLDER: Final = files(__package__) / "schema"


def _steps(kind: str) -> Schema:
    """Return the texts of ``kind-001.sql``, ``kind-002.sql`` and so on."""
    found = sorted((file for file in _FOLDER.iterdir() if file.name.startswith(f"{kind}-")), key=lambda file: file.name)
    return tuple(file.read_text() for file in found)


ACCOUNT: Final = _steps("account")
REGISTRY: Final = _steps("registry")
_ONLY_FASTER: Final = ACCOUNT[13:15]
"""Steps that change no answer, and are left out where pages are damaged: the rest of the mail can still be read."""


def upgrade(writer: Writer, schema: Schema) -> None:
    """Take the steps that are missing; `Unavailable` if the database knows more steps than this program."""
    version = writer.value("PRAGMA user_version")
    _refuse_newer(version, schema)
    for step in schema[version:]:
        writer.execute(step)
    writer.execute(f"PRAGMA user_version = {len(schema)}")


def _refuse_newer(version: int, schema: Schema) -> None:
    if version > len(schema):
        raise Unavailable(
            "the mail store was written by a newer version of this program: install that version,"
            " or restore the backup that was made before the upgrade"
        )


@connections.translated()
def create(path: Path, fill: Callable[[Writer], None]) -> None:
    """Make a database, filled, and see it to the disk; blocking."""
    commit_alone(connections.creating(path), fill)
    sync(path)
    sync(path.parent)


@connections.translated()
def open_for_reading(
    path: Path, schema: Schema, patience: float = connections.BUSY_SECONDS
) -> apsw.Connection:
    """Open a database, upgraded if it is an older one; blocking.

    Raises:
        Unavailable: it is a newer one, or the disk failed.
        Busy: somebody else holds it for longer than `patience`, in seconds, or has it open though it must be upgraded.
        Corrupt: it is no database.

    """
    connection = connections.reading(path, patience=patience)
    version = connection.pragma("user_version")
    if version == len(schema):
        return connection
    connection.close()
    _refuse_newer(version, schema)
    try:
        upgrading.bring_up_to_date(path, len(schema), partial(upgrade, schema=schema), patience)
    except Corrupt:
        needed = tuple("" if step in _ONLY_FASTER else step for step in schema)
        upgrading.bring_up_to_date(path, len(schema), partial(upgrade, schema=needed), patience)
    return connections.reading(path, patience=patience)
