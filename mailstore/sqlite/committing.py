"""Several changes in one transaction, in a thread: each stands or falls alone, and all that stand are on disk."""

from collections.abc import Callable, Sequence
from typing import Any

import apsw

from mailstore.sqlite.connections import BUSY, NONSENSE, begin_immediate, damage, meaning
from mailstore.sqlite.transactions import Reader, Writer

Apply = Callable[[Writer], Any]
Outcome = Any
"""What an `Apply` returned, or the exception that it raised."""


def commit(connection: apsw.Connection, changes: Sequence[Apply]) -> list[Outcome]:
    """Run `changes` and commit them; return what became of each, in order."""
    return commit_asking(connection, changes, _nothing)[0]


def commit_asking(
    connection: apsw.Connection, changes: Sequence[Apply], state: Callable[[Reader], Any]
) -> tuple[list[Outcome], Outcome]:
    """Run `changes`, ask for the `state` behind them, and commit; return what became of each, and the last state.

    When one of several fails, nothing of them stays, and each is run again on its own.  (Savepoints would spare that:
    for them SQLite copies every page before it is changed, each time, and if they are many into a file.)  When the
    commit itself fails, nobody can say what is on the disk, so all of them fail.
    """
    try:
        *outcomes, found = _transaction(connection, [*changes, state])
    except Exception as error:  # noqa: BLE001  # whatever it is, the neighbours must not suffer; its caller gets it
        if len(changes) > 1 and not isinstance(error, BUSY):
            each = [commit_asking(connection, [change], state) for change in changes]
            return [outcome for [outcome], _ in each], each[-1][1]
        *outcomes, found = [_outcome(error)] * (len(changes) + 1)
    return outcomes, found


def _nothing(_: Reader) -> None:
    """Ask nothing."""


def _outcome(error: Exception) -> Exception:
    """Return what a change is answered that failed by `error`."""
    if isinstance(error, apsw.Error):
        return meaning(error)
    return damage(error) if isinstance(error, NONSENSE) else error


def _transaction(connection: apsw.Connection, changes: Sequence[Apply]) -> list[Outcome]:
    begin_immediate(connection)
    try:
        writer = Writer(connection)
        outcomes = [change(writer) for change in changes]
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


def commit_alone(connection: apsw.Connection, change: Apply) -> Outcome:
    """Commit one change and close the connection; return or raise what became of it."""
    try:
        (outcome,) = commit(connection, [change])
    finally:
        connection.close()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
