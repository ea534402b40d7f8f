"""Several changes in one transaction, in a thread: each stands or falls alone, and all that stand are on disk."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import apsw

from mailstore.errors import Busy
from mailstore.sqlite.connections import BUSY, NONSENSE, begin_immediate, damage, meaning
from mailstore.sqlite.transactions import Reader, Writer

Apply = Callable[[Writer], Any]
Outcome = Any
"""What an `Apply` returned, or the exception that it raised."""


def commit(connection: apsw.Connection, changes: Sequence[Apply], patience: float | None = None) -> list[Outcome]:
    """Run `changes` and commit them; return what became of each, in order; with `patience` as below."""
    return commit_asking(connection, changes, _nothing, patience)[0]


def commit_asking(
    connection: apsw.Connection,
    changes: Sequence[Apply],
    state: Callable[[Reader], Any],
    patience: float | None = None,
) -> tuple[list[Outcome], Outcome]:
    """Run `changes`, ask for the `state` behind them, and commit; return what became of each, and the last state.

    When one of several fails, nothing of them stays, and each is run again on its own.  (Savepoints would spare that:
    for them SQLite copies every page before it is changed, each time, and if they are many into a file.)  When the
    commit itself fails, nobody can say what is on the disk, so all of them fail.

    If another process takes the file between two that are run on their own, and holds it for longer than `patience`, in
    seconds (`begin_immediate`), those that are left are not in the answer; if it does before the first, it is `Busy`.
    """
    try:
        *outcomes, found = _transaction(connection, [*changes, state], patience)
    except BUSY as error:
        raise meaning(error)  # noqa: B904  # it has its cause
    except Exception as error:  # noqa: BLE001  # whatever it is, the neighbours must not suffer; its caller gets it
        if len(changes) > 1:
            return _one_by_one(connection, changes, state, patience)
        *outcomes, found = [_outcome(error)] * (len(changes) + 1)
    return outcomes, found


def _one_by_one(
    connection: apsw.Connection,
    changes: Sequence[Apply],
    state: Callable[[Reader], Any],
    patience: float | None,
) -> tuple[list[Outcome], Outcome]:
    outcomes, found = commit_asking(connection, changes[:1], state, patience)
    with suppress(Busy):
        for change in changes[1:]:
            (outcome,), found = commit_asking(connection, [change], state, patience)
            outcomes.append(outcome)
    return outcomes, found


def _nothing(_: Reader) -> None:
    """Ask nothing."""


def _outcome(error: Exception) -> Exception:
    """Return what a change is answered that failed by `error`."""
    if isinstance(error, apsw.Error):
        return meaning(error)
    return damage(error) if isinstance(error, NONSENSE) else error


def _transaction(connection: apsw.Connection, changes: Sequence[Apply], patience: float | None) -> list[Outcome]:
    begin_immediate(connection, patience)
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


def commit_alone(connection: apsw.Connection, change: Apply, patience: float | None = None) -> Outcome:
    """Commit one change and close the connection; return or raise what became of it; `patience` as above."""
    try:
        (outcome,) = commit(connection, [change], patience)
    finally:
        connection.close()
    if isinstance(outcome, Exception):
        raise outcome
    return outcome
