"""One SQLite file: reads run at once on the reactor's thread, writes and long reads in other threads."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

import apsw
from twisted.internet.defer import Deferred

from mailstore.errors import Busy, Corrupt, StoreError, Unavailable
from mailstore.sqlite import connections
from mailstore.sqlite.marks import Marks, is_young, marks
from mailstore.sqlite.patience import Patience
from mailstore.sqlite.threads import Threads
from mailstore.sqlite.transactions import Reader, Writer
from mailstore.sqlite.writing import Write, WriteQueue

T = TypeVar("T")


def nothing() -> None:
    """Do nothing: what is called after a commit of which nobody else is to hear."""


def stateless(_: Reader) -> None:
    """Ask nothing at the end of a transaction, where nobody listens for what it has changed."""


def unnoticed(what: object) -> None:
    """Do nothing: what is called for a commit or for damage that nobody asked to hear of."""


class Database:
    """An open file and its connections: one to read, and when they are needed one to write and one to scan.

    A function given to `read` must be bounded, in rows and in octets.
    """

    def __init__(
        self,
        path: Path,
        reading: apsw.Connection,
        threads: Threads,
        *,
        require: Callable[[], None] = nothing,
        ring: Callable[[], None] = nothing,
        state: Callable[[Reader], Any] = stateless,
        committed: Callable[[Any], None] = unnoticed,
        damaged: Callable[[BaseException], None] = unnoticed,
    ) -> None:
        """Take the file, the connection to read, and what to call.

        Args:
            path: the file.
            reading: open for reads, on the reactor's thread.
            threads: where writes and long reads happen.
            require: after the file was opened to be written, in that thread; raises if another may have its name.
            ring: after a commit, in its thread.
            state: asked at the end of each transaction, and told to `committed`, or why it failed.
            committed: after a commit, on the reactor's thread.
            damaged: when something was found to be damaged, and by what, in any thread.

        """
        self.path: Final = path
        self._reading: apsw.Connection | None = reading
        self._marks: Marks | None = None
        self._closed = self._quiet = False
        self._scanning: apsw.Connection | None = None
        self._scan_lock = Lock()
        self._elsewhere_now = 0
        self._threads = threads
        self._require = require
        self._damaged = damaged
        self._vfs = reading.open_vfs
        self._writes = WriteQueue(
            threads,
            self._open_to_write,
            ring=ring,
            state=state,
            committed=committed,
            failed=self.note,
        )

    async def read(self, question: Callable[[Reader], T]) -> T:
        """Answer `question` in one transaction, here and at once; only if the file is busy, wait.

        Raises:
            Busy: it was never free.
            Unavailable: the file is closed, or the disk failed.

        """
        try:
            return self.read_now(question)
        except Busy:
            patience = Patience(self._threads.reactor)
        while True:
            await self._threads.pause(patience.step())
            try:
                return self.read_now(question)
            except Busy:
                if not patience.is_left():
                    raise

    def read_now(self, question: Callable[[Reader], T]) -> T:
        """Answer `question` in one transaction; `Busy` also where trying again would do."""
        self._quiet = False
        return self.glance(question)

    def glance(self, question: Callable[[Reader], T]) -> T:
        """Answer as `read_now` does, for the store itself: what only it asks about comes to rest all the same."""
        return self._ask(self._open(), question)

    def wake(self) -> None:
        """Open what `read` needs if it was let go of, for somebody about to ask; whether that failed he hears then."""
        if self._reading is None:
            with suppress(StoreError):
                self._open()
                self._quiet = False

    def _open(self) -> apsw.Connection:
        """Return the connection to read; a new one takes half a millisecond."""
        if self._closed:
            raise Unavailable("the mail store is closed")
        if self._reading is None:
            try:
                self._reading = connections.reading(self.path, self._vfs, patience=0.0)
            except Corrupt as error:
                self.note(error)
                raise
            self._vfs = self._reading.open_vfs
        return self._reading

    def _open_to_write(self) -> apsw.Connection:
        connection = connections.writing(self.path, self._vfs, connections.PATIENCE)
        try:
            self._require()
        except BaseException:
            connection.close()
            raise
        return connection

    async def read_in_thread(self, question: Callable[[Reader], T]) -> T:
        """Answer `question` beside the reactor: for scans and large octets; errors as of `read`."""
        return await self._elsewhere(self._threads.to_read_patiently(lambda: self._scan(question)))

    async def _elsewhere(self, done: Awaitable[T]) -> T:
        """Wait for what is done in other threads, on connections of which others must know until then."""
        self._elsewhere_now += 1
        try:
            return await done
        finally:
            self._elsewhere_now -= 1

    def write(self, change: Callable[[Writer], T]) -> "Deferred[T]":
        """Make a change; when this answers, it is on disk.  It happens even if nobody waits for the answer.

        Raises:
            Busy: another process held the file for too long.
            Unavailable: the disk refused, or the file is closed.
            Corrupt: the file is damaged.

        """
        return self._writes.put(Write(lambda: change))

    def write_prepared(self, prepare: Callable[[], Callable[[Writer], T]], octets: int) -> "Deferred[T]":
        """Make the change that `prepare` returns, which needs no lock and leaves some `octets` in memory."""
        return self._writes.put(Write(prepare, octets))

    async def alone(self, work: Callable[[apsw.Connection], T]) -> T:
        """Do what no transaction can hold, beside the reactor, on a connection of its own; errors as of `write`."""

        def run() -> T:
            connection = connections.writing(self.path, self._vfs)
            connection.set_busy_timeout(int(connections.BUSY_SECONDS * 1000))
            try:
                return work(connection)
            except apsw.Error as error:
                raise connections.meaning(error)  # noqa: B904  # it has its cause
            finally:
                connection.close()

        return await self._elsewhere(self._threads.to_read(run))

    async def rest(self, beside: Callable[[], None] = nothing) -> None:
        """Let go of the connection that long reads use, and of the others if nothing was asked since the last rest.

        They take some 200 KB each, and come back when they are needed; `beside` is called with the others, as by
        `close`.  That the file is in use others know without them, by its bell.  If others cannot open it meanwhile,
        it is let go of in any case: they have their turn, and who comes next opens it for all, if there is room.
        """
        await self._writes.rest(at_once=self.is_alone)
        quiet, self._quiet = self._quiet or self.is_alone, True
        if quiet and self._reading is not None:
            reading, self._reading = self._reading, None
            closing = self._threads.to_read(lambda: self._close(reading, beside))  # the last one writes the log back
            await self._elsewhere(closing)
        elif self._scanning is not None:
            await self._elsewhere(self._threads.to_read(self._end_scanning))
        if not (self._reading or self._scanning or self._elsewhere_now) and self._writes.is_at_rest():
            self._vfs = ""  # not before: of one process all must have the same

    @property
    def is_alone(self) -> bool:
        """Tell whether no other process can open the file, since there was no room for what they would share."""
        return self._vfs == connections.ALONE

    def may_have_changed(self) -> bool:
        """Tell whether the file may have been written to since this was asked last, by whomever."""
        before, self._marks = self._marks, marks(self.path)
        return self._marks != before or is_young(self._marks)

    def pause(self, seconds: float = 0.0) -> "Deferred[None]":
        """Let the reactor see to everyone else for at least this long."""
        return self._threads.pause(seconds)

    async def close(self, beside: Callable[[], None] = nothing) -> None:
        """Finish what is being written, and close; also what was asked `beside` it in `read_in_thread`."""
        self._closed = True
        reading, self._reading = self._reading, None
        await self._writes.close()
        await self._threads.to_read(lambda: self._close(reading, beside))

    def _scan(self, question: Callable[[Reader], T]) -> T:
        with self._scan_lock:
            if self._closed:
                raise Unavailable("the mail store is closed")
            if self._scanning is None:
                self._scanning = connections.reading(self.path, self._vfs, connections.PATIENCE)
                self._vfs = self._scanning.open_vfs
            return self._ask(self._scanning, question)

    def _end_scanning(self) -> None:
        with self._scan_lock:
            scanning, self._scanning = self._scanning, None
            if scanning is not None:
                scanning.close()

    def _ask(self, connection: apsw.Connection, question: Callable[[Reader], T]) -> T:
        try:
            return _transaction(connection, question)
        except connections.NONSENSE as error:
            self._damaged(error)
            raise connections.damage(error)  # noqa: B904  # it has its cause
        except Corrupt as error:
            self.note(error)
            raise

    def note(self, error: Exception) -> None:
        """Tell who listens for it if an error means damage, after which the caller goes on."""
        if isinstance(error, Corrupt):
            self._damaged(error.__cause__ or error)

    def _close(self, reading: apsw.Connection | None, beside: Callable[[], None]) -> None:
        with self._scan_lock:
            beside()
            for connection in (self._scanning, reading):
                if connection is not None:
                    connection.close()
            self._scanning = None


def _transaction(connection: apsw.Connection, question: Callable[[Reader], T]) -> T:
    try:
        connection.execute("BEGIN")
        try:
            return question(Reader(connection))
        finally:
            if connection.in_transaction:
                connection.execute("COMMIT")
    except apsw.Error as error:
        raise connections.meaning(error)  # noqa: B904  # it has its cause
