"""An account elsewhere, held on to through lost connections."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from threading import Event
from typing import Final, TypeVar

from imapd.remote import folders, messages
from imapd.remote.address import Address
from imapd.remote.connection import Connection, Login, Security
from imapd.remote.errors import LostError, RefusedError, RemoteError
from imapd.remote.folders import Folder
from imapd.remote.messages import Arrival, Survey
from mailstore.model import Flags, Uid

_T = TypeVar("_T")

WAITS: Final = (1, 2, 5, 15, 30, 60, 60, 60)
"""Seconds before each new attempt at one thing: four minutes in all, in which a server starts again."""
ATTEMPTS: Final = 3
"""At one message, on connections that are lost over it while others can be made."""


class RemoteAccount:
    """An account on an IMAP server.

    Every method but `abort` blocks, and belongs in one thread at a time.  A connection that is lost is made again, and
    what was under way is done again.  All of them raise `RefusedError` for what the server does not do, and `LostError`
    when it cannot be reached any more.
    """

    waits = WAITS

    def __init__(self, address: Address, login: Login, security: Security, say: Callable[[str], None]) -> None:
        """Take where it is, who logs in, how much is asked of the way there, and who is told of what goes wrong."""
        self._address, self._login, self._security, self._say = address, login, security, say
        self._connection: Connection | None = None
        self._examined: bytes | None = None
        self._validities: dict[bytes, int] = {}
        self._stopped = Event()

    def open(self) -> None:
        """Connect and log in, at the first attempt or not at all."""
        self._connection = Connection(self._address, self._login, self._security)

    def folders(self) -> list[Folder]:
        """Return every folder, INBOX first, what shows others' messages last."""
        return self._persist(folders.folders)

    def survey(self, folder: Folder) -> Survey:
        """Return which messages a folder has."""

        def surveyed(connection: Connection) -> Survey:
            self._examined = None
            validity, following, exists = folders.examine(connection, folder)
            self._validities[folder.raw] = validity
            self._examined = folder.raw
            return messages.survey(connection, validity, following, exists)

        return self._persist(surveyed)

    def flags(self, folder: Folder, first: int, last: int) -> dict[Uid, tuple[Flags, int]]:
        """Return flags and sizes of the messages from one UID to another, some thousand, by UID."""
        return self._within(folder, lambda connection: messages.flags(connection, first, last))

    def headers(self, folder: Folder, uids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Yield UIDs and headers of messages; some hundred are in memory at once."""
        for first in range(0, len(uids), messages.BATCH_MESSAGES):
            some = uids[first : first + messages.BATCH_MESSAGES]
            yield from self._within(folder, partial(messages.headers, uids=some)).items()

    def batch(self, folder: Folder, uids: Sequence[int], sizes: Sequence[int]) -> list[Arrival]:
        """Return messages that `batches` put together, or none; what the server does not give is left out."""
        found: dict[int, Arrival] = {}
        try:
            if len(uids) > 1 or sum(sizes) <= messages.BATCH_OCTETS:
                found |= {each.uid: each for each in self._at_once(folder, uids, sum(sizes))}
            for uid in uids:
                if uid not in found and (arrival := self._one(folder, uid)) is not None:
                    found[uid] = arrival
        except BaseException:
            for each in found.values():
                each.spool.close()
            raise
        return [found[uid] for uid in uids if uid in found]

    def _at_once(self, folder: Folder, uids: Sequence[int], octets: int) -> list[Arrival]:
        """Return messages by one command, or none if that is refused or costs the connection."""
        if not uids:
            return []
        try:
            return self._within(folder, lambda connection: messages.batch(connection, uids, octets), waits=())
        except (RefusedError, LostError, OSError):  # the last if there is no room for what comes
            return []

    def _one(self, folder: Folder, uid: int, attempts: int = ATTEMPTS) -> Arrival | None:
        """Return a message, or None, and say why, if it is refused or costs one connection after the other."""
        self._within(folder, lambda connection: None)  # a server that is away altogether is not so for a message
        reason = "the server does not give it"
        try:
            arrival = self._within(folder, partial(messages.in_parts, uid=uid), waits=())
            if arrival is not None:
                return arrival
        except (RefusedError, OSError) as error:
            reason = str(error)
        except LostError as error:
            if attempts > 1:
                return self._one(folder, uid, attempts - 1)
            reason = str(error)
        self._say(f"{folder.name}, UID {uid}: {reason}")
        return None

    def close(self) -> None:
        """Log out."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def abort(self) -> None:
        """End whatever another thread waits for."""
        self._stopped.set()
        if self._connection is not None:
            self._connection.abort()

    def _within(self, folder: Folder, work: Callable[[Connection], _T], waits: Sequence[float] | None = None) -> _T:
        def within(connection: Connection) -> _T:
            if self._examined != folder.raw:
                self._examined = None
                validity, _, _ = folders.examine(connection, folder)
                if validity != self._validities[folder.raw]:
                    raise RemoteError(f"{folder.name} was made anew on the server meanwhile; run it again")
                self._examined = folder.raw
            return work(connection)

        return self._persist(within, waits)

    def _persist(self, work: Callable[[Connection], _T], waits: Sequence[float] | None = None) -> _T:
        for wait in self.waits if waits is None else waits:
            try:
                return self._attempt(work)
            except LostError as error:
                if self._stopped.is_set():
                    raise
                self._say(f"{error}; trying again in {wait} s")
                self._stopped.wait(wait)
        return self._attempt(work)

    def _attempt(self, work: Callable[[Connection], _T]) -> _T:
        if self._stopped.is_set():
            raise LostError("stopped")
        try:
            if self._connection is None:
                self.open()
            assert self._connection is not None
            return work(self._connection)
        except LostError:
            if self._connection is not None:
                self._connection.abort()
            self._connection = self._examined = None
            raise


def batches(uids: "array[int]", sizes: "array[int]") -> Iterator[tuple[Sequence[int], Sequence[int]]]:
    """Yield UIDs and sizes in runs of bounded octets and number; what is larger than a batch comes alone."""
    first = octets = 0
    for at, size in enumerate(sizes):
        if at > first and (octets + size > messages.BATCH_OCTETS or at - first >= messages.BATCH_MESSAGES):
            yield uids[first:at], sizes[first:at]
            first, octets = at, 0
        octets += size
    if first < len(uids):
        yield uids[first:], sizes[first:]
