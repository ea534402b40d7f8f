"""Several changes in one transaction, in a thread: each stands or falls alone, and all that stand are on disk."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import apsw

from mailstore.sqlite.connections import BUSY, NONSENSE, begin_immediate, damage, meaning
from mailstore.sqlite.transactions import Writer

Apply = Callable[[Writer], Any]
Outcome = Any
"""What an `Apply` returned, or the exception that it raised."""

_LOST: Final = (apsw.FullError, apsw.IOError, apsw.NoMemError, apsw.InterruptError)
"""After these SQLite may have rolled back the whole transaction, savepoints and all."""


def commit(connection: apsw.Connection, changes: Sequence[Apply]) -> list[Outcome]:
    """Run `changes` and commit them; return what became of each, in order.

    When one of them costs the whole transaction, each is run again on its own: a small change may still find room where
    a large one does not.  When the commit itself fails, nobody can say what is on the disk, so all of them fail.
    """
    try:
        return _transaction(connection, changes)
    except apsw.Error as error:
        if len(changes) == 1 or isinstance(error, BUSY):
            return [meaning(error)] * len(changes)
        return [outcome for change in changes for outcome in commit(connection, [change])]


def _transaction(connection: apsw.Connection, changes: Sequence[Apply]) -> list[Outcome]:
    begin_immediate(connection)
    try:
        writer = Writer(connection)
        outcomes = [_savepoint(connection, writer, change) for change in changes]
        failure = _finish(connection)
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return outcomes if failure is None else [failure] * len(outcomes)


def _finish(connection: apsw.Connection) -> Exception | None:
    """Commit; return why that failed.  That there is no room is raised: then certainly nothing of it is on the disk."""
    try:
        connection.execute("COMMIT")
    except apsw.FullError:
        raise
    except apsw.Error as error:
        return meaning(error)
    return None


def _savepoint(connection: apsw.Connection, writer: Writer, change: Apply) -> Outcome:
    """Run one change; when it fails, undo it and nothing else."""
    connection.execute("SAVEPOINT change")
    try:
        outcome = change(writer)
    except apsw.Error as error:
        if isinstance(error, _LOST) or not connection.in_transaction:
            raise
        connection.execute("ROLLBACK TO change")
        outcome = meaning(error)
    except NONSENSE as error:
        connection.execute("ROLLBACK TO change")
        outcome = damage(error)
    except Exception as error:  # noqa: BLE001  # whatever it is, the neighbours must not suffer; its caller gets it
        connection.execute("ROLLBACK TO change")
        outcome = error
    connection.execute("RELEASE change")
    return outcome


def commit_alone(connection: apsw.Connection, change: Apply) -> Outcome:
    """Commit one change and close the connection; return or raise what became of it."""
    try:
        (outcome,) = commit(connection, [change])
    finally:
        connection.close()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
