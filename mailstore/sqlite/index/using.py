"""The index of an open account, as searches use it: whatever is wrong with it, they go on without."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

import apsw
from twisted.logger import Logger

from mailstore.errors import StoreError
from mailstore.sqlite.index.errors import FAILURES, IndexDamaged, IndexLost
from mailstore.sqlite.index.files import belongs, discard, identity, open_for_reading
from mailstore.sqlite.index.known import KnownFields
from mailstore.sqlite.index.lookup import Index
from mailstore.sqlite.index.segments import Segments
from mailstore.sqlite.index.texts import Texts
from mailstore.sqlite.transactions import Reader

T = TypeVar("T")

_log = Logger()


class SearchIndex:
    """An index that may come, be replaced and go at any time; to be used in one thread at a time."""

    def __init__(self, account: Path, ring: Callable[[], None]) -> None:
        """Take the account's file, and what tells the indexer that there is something to do."""
        self._account = account
        self._ring = ring
        self._connection: apsw.Connection | None = None
        self._texts = Texts()
        self._segments = Segments()
        self._file: tuple[int, int] | None = None
        self.known: Final = KnownFields()

    def ask(self, account: Reader, question: Callable[[Index | None], T]) -> T:
        """Answer a question in one transaction; its argument is None if there is no index that can be used.

        Raises:
            IndexLost: it could be used, and then no more.

        """
        connection = self._open(account)
        if connection is None:
            return question(None)
        try:
            connection.execute("BEGIN")
            try:
                return question(Index(Reader(connection), self._texts, self._segments))
            finally:
                connection.execute("COMMIT")
        except apsw.Error as error:  # perhaps the account's: then it comes again
            self.close()
            raise IndexLost from error
        except IndexLost as error:
            self.close()
            if isinstance(error, IndexDamaged):
                _log.error("a search index is damaged and will be made anew: {error!r}", error=error.__cause__)
                discard(self._account)
                with suppress(StoreError):  # then the next change tells the indexer
                    self._ring()
            raise

    def close(self) -> None:
        """Let go of the file."""
        connection, self._connection = self._connection, None
        self._segments = Segments()
        if connection is not None:
            connection.close()

    def rest(self) -> None:
        """Let go of the file, of whose pages up to 2 MB are in memory, and of what is remembered; it all comes back."""
        self.close()
        self.known.forget()

    def _open(self, account: Reader) -> apsw.Connection | None:
        """Return the connection to the file that is there now, if its index is this account's."""
        file = identity(self._account)
        if file != self._file or self._connection is None:
            self.close()
            self._file, self._texts = file, Texts()
            if file is not None:
                self._connection = self._connect(account)
        return self._connection

    def _connect(self, account: Reader) -> apsw.Connection | None:
        try:
            connection = open_for_reading(self._account)
            if belongs(account, Reader(connection)) and identity(self._account) == self._file:
                return connection
            connection.close()
        except FAILURES:  # it is being made or thrown away, or cannot be read: the indexer sees to it
            pass
        return None
