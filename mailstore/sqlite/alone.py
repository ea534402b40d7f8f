"""A file that nobody else uses, for as long as it is exchanged, upgraded or thrown away; everything here blocks."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

import apsw

from mailstore.errors import Busy
from mailstore.sqlite.bell import unused
from mailstore.sqlite.connections import connect, translated

_LOOK_SECONDS: Final = 0.05
"""Between two looks whether a file is free."""


@contextmanager
def alone(path: Path, patience: float = 0.0) -> Iterator[apsw.Connection]:
    """Hold a file so that nobody else can open it, in any process.

    `Busy` if somebody uses it for longer than `patience`, in seconds.  (Who is connected keeps a lock on the file,
    since it has a write-ahead log; who uses an account, connected or at rest, has its bell.)
    """
    connection, held = _held(path, time.monotonic() + patience)
    with held:
        yield connection


def _held(path: Path, deadline: float) -> tuple[apsw.Connection, ExitStack]:
    while True:
        try:
            return _hold(path)
        except Busy:
            if time.monotonic() >= deadline:
                raise
        time.sleep(_LOOK_SECONDS)


@translated()
def _hold(path: Path) -> tuple[apsw.Connection, ExitStack]:
    with ExitStack() as held:
        connection = held.enter_context(closing(connect(path, patience=0.0)))
        connection.pragma("locking_mode", "EXCLUSIVE")
        connection.execute("BEGIN EXCLUSIVE; COMMIT")
        held.enter_context(unused(path.with_suffix(".bell")))  # behind the other: who opens a file has it first too
        return connection, held.pop_all()
