"""The writes of one file: those that come while a commit is on its way to the disk share the next one."""

from collections.abc import Callable
from contextlib import suppress
from itertools import accumulate, takewhile
from typing import Any, Final, Generic, TypeVar

import apsw
from attrs import define, field, frozen
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from mailstore.errors import Busy, StoreError, Unavailable
from mailstore.sqlite.committing import Apply, Outcome, commit_asking
from mailstore.sqlite.connections import PATIENCE, doubtful, require_free, settle, translated
from mailstore.sqlite.patience import Patience
from mailstore.sqlite.threads import Threads
from mailstore.sqlite.transactions import Reader, Writer

T = TypeVar("T")

GATHERED_OCTETS: Final = 32 << 20
"""Prepared octets that one transaction may hold in memory; a single larger write still gets through, by itself."""


@frozen(eq=False)
class Write(Generic[T]):
    """One change of the file, all or nothing.

    Attributes:
        prepare: does what needs no lock, and returns the change itself, which may be run more than once.
        octets: roughly what that keeps in memory.
        answer: called on the reactor's thread once the change is on disk.

    """

    prepare: Callable[[], Callable[[Writer], T]]
    octets: int = 0
    answer: "Deferred[T]" = field(factory=Deferred)


@define(eq=False)
class _Batch:
    """Writes that are made together.

    Attributes:
        writes: in the order they came.
        patience: with another process that holds the file.
        outcomes: what became of those that are done; mostly that is none or all.
        state: the file's, behind the last that was done, or why there is none.
        has_waited: for another process.

    """

    writes: list[Write[Any]]
    patience: Patience
    outcomes: list[Outcome] = field(factory=list)
    state: Outcome = None
    has_waited: bool = False

    def left(self) -> list[Write[Any]]:
        return self.writes[len(self.outcomes) :]

    def end(self, outcome: Outcome) -> None:
        """Note what became of all that are left, and of the state."""
        self.outcomes += [outcome] * len(self.left())
        self.state = outcome


class WriteQueue:
    """Runs writes in the order they came, one transaction at a time."""

    def __init__(
        self,
        threads: Threads,
        connect: Callable[[], apsw.Connection],
        *,
        ring: Callable[[], None],
        state: Callable[[Reader], Any],
        committed: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Take how to connect, and what to call.

        Args:
            threads: where the writes happen.
            connect: opens the file.
            ring: called after each commit, in its thread; if it raises, all fail, though they may be on disk.
            state: asked at the end of each transaction.
            committed: called after each commit, on the reactor's thread, with that state, or with why there is none.
            failed: called with what a write failed by, on the reactor's thread.

        """
        self._threads = threads
        self._connect = connect
        self._ring = ring
        self._state = state
        self._committed = committed
        self._failed = failed
        self._connection: apsw.Connection | None = None
        self._quiet = False
        self._unsettled: float | None = 0.0
        """Seconds to wait for others so that the log can begin anew before the next change; None if it need not."""
        self._waiting: list[Write[Any]] = []
        self._running = False
        self._closed = False
        self._idle: Deferred[None] | None = None

    def put(self, write: Write[T]) -> "Deferred[T]":
        """Add a write; the `Deferred` answers when it is on disk.

        Raises:
            Unavailable: the queue is closed.

        """
        if self._closed:
            raise Unavailable("the mail store is closing")
        self._waiting.append(write)
        if not self._running:
            self._start()
        return write.answer

    async def close(self) -> None:
        """Finish what is waiting, and let go of the connection."""
        self._closed = True
        if self._running:
            self._idle = Deferred()
            await self._idle
        if self._connection is not None:
            await self._threads.to_write(self._connection.close)

    async def rest(self, *, at_once: bool = False) -> None:
        """Let go of the connection, some 230 KB, if nothing was written since this was called last, or `at_once`."""
        if self._connection is None or self._running or self._closed:
            return
        if not (self._quiet or at_once):
            self._quiet = True
            return
        self._running = True
        connection, self._connection = self._connection, None
        try:
            await self._threads.to_write(connection.close)
        finally:
            self._running = False
            if self._waiting:
                self._start()
            elif self._idle is not None:
                self._idle.callback(None)

    def is_at_rest(self) -> bool:
        """Tell whether there is no connection, and nobody opens one."""
        return self._connection is None and not self._running

    def _start(self) -> None:
        self._running, self._quiet = True, False
        self._make(_Batch(self._gather(), Patience(self._threads.reactor)))

    def _make(self, batch: _Batch) -> None:
        self._threads.to_write(lambda: self._run(batch)).addBoth(self._made, batch)

    def _gather(self) -> list[Write[Any]]:
        """Take those that have waited longest, one at least."""
        upto = accumulate(write.octets for write in self._waiting)
        count = max(1, sum(1 for _ in takewhile(GATHERED_OCTETS.__ge__, upto)))
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        return batch

    def _run(self, batch: _Batch) -> None:
        """Prepare and commit, in a thread, and note what became of the writes; `Busy` if nothing was done."""
        connection = self._trusted()
        if batch.has_waited:
            require_free(connection)  # or it would be prepared in vain; to keep what is prepared would take room
        prepared = [_attempt(write.prepare) for write in batch.left()]
        changes: list[Apply] = [change for change in prepared if not isinstance(change, Exception)]
        outcomes, state = commit_asking(connection, changes, self._state, PATIENCE)
        if any(map(doubtful, outcomes)):
            self._distrust()
        self._ring()  # last: if it fails, nobody is told of anything
        batch.state = state
        each = iter(outcomes)
        with suppress(StopIteration):  # another process has come between them
            for change in prepared:
                batch.outcomes.append(change if isinstance(change, Exception) else next(each))

    def _trusted(self) -> apsw.Connection:
        """Return a connection to a file behind whose log more may be written; `Unavailable`, `Busy`.

        A sync that failed is not made good by the next one: the system may take for written what is only in its memory.
        A change that was refused then is still in the log, and looks whole.  If the program is killed and starts again,
        it takes that for committed and writes behind it; a power cut would take both.  So before the first change, and
        after each failure, all that is committed goes to the database itself, and the log begins anew.  Before the
        first it is caution, and left out if others read just then.
        """
        if self._connection is None:
            connection = self._connect()
            try:
                if self._unsettled is not None:
                    settle(connection, self._unsettled)
            except Busy:
                if self._unsettled:
                    connection.close()
                    raise
            except BaseException:
                connection.close()
                raise
            self._connection, self._unsettled = connection, None
        return self._connection

    def _distrust(self) -> None:
        """Let go of a connection to a file of which nobody knows what is on the disk, and try to know it."""
        assert self._connection is not None, "a commit has one"
        self._connection.close()
        self._connection, self._unsettled = None, PATIENCE
        with suppress(StoreError):  # if not now, then before the next change
            self._trusted()

    def _made(self, failure: Failure | None, batch: _Batch) -> None:
        """Try again later what another process did not allow; else finish."""
        if failure is not None and not (failure.check(Busy) and batch.patience.is_left()):
            batch.end(failure.value)
        if batch.left():
            batch.has_waited = True
            self._threads.pause(batch.patience.step()).addCallback(lambda _: self._make(batch))
        else:
            self._finish(batch)

    def _finish(self, batch: _Batch) -> None:
        """Start the next transaction, then answer, on the reactor's thread."""
        self._running = False
        if self._waiting:
            self._start()
        try:
            self._committed(batch.state)
        finally:  # who waits must hear, whatever a listener did
            for write, outcome in zip(batch.writes, batch.outcomes, strict=True):
                self._answer(write, outcome)
            if self._idle is not None and not self._running:
                self._idle.callback(None)

    def _answer(self, write: Write[Any], outcome: Outcome) -> None:
        if isinstance(outcome, Exception):
            write.answer.errback(outcome)
            self._failed(outcome)
        else:
            write.answer.callback(outcome)


def _attempt(prepare: Callable[[], Apply]) -> Apply | Exception:
    try:
        with translated():  # what is to be written may be in a file
            return prepare()
    except Exception as error:  # noqa: BLE001  # whatever it is, the caller gets it and the neighbours do not suffer
        return error
