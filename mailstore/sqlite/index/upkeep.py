"""An index is brought up to date, step by step; each step is short transactions, and takes seconds at most."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import apsw

from mailstore.errors import Corrupt, Expunged
from mailstore.fulltext.text import pieces
from mailstore.sqlite import connections, contents, schemas
from mailstore.sqlite.index import segments
from mailstore.sqlite.index.errors import FAILURES, IndexDamaged, IndexLost, NotNow, lost
from mailstore.sqlite.index.files import OBJECT_ID, belongs, discard, identity, open_for_writing
from mailstore.sqlite.index.texts import Taken, Texts
from mailstore.sqlite.transactions import Reader, Writer

TAKEN_AT_ONCE: Final = 32
TAKEN_OCTETS: Final = 1 << 20
"""Messages that are taken at once, or as many as have so many octets of text: some milliseconds of work."""
SEGMENT: Final = 512
SEGMENT_OCTETS: Final = 4 << 20
"""Contents, or octets of their texts, of which a segment is made.  Until then each search reads them, in 5 ms."""
MERGED: Final = 8
"""Segments of a level of which one of the next is made: a search looks up each trigram in each segment."""
COLUMN_OCTETS: Final = 64 << 20
"""Of all header fields together that have columns, in segments that are merged: eight times what mail has that is not
made for it.  A search, or who merges, has a whole column in memory."""
SPARE_PAGES: Final = 1000
"""Free pages that are left for what comes in next: a megabyte."""
SHRUNK_AT_ONCE: Final = 4000
"""Pages given back at once, each of which another one may have to be copied to."""
SWEPT_AT_ONCE: Final = 1000
SWEEP_SECONDS: Final = 24 * 60 * 60
"""Between two looks for contents that are gone."""


class Upkeep:
    """Looks after the index of one account, whoever else uses the account; blocking.

    Every method raises `StoreError` for what is wrong with the account, and `IndexLost` for the index.
    """

    def __init__(self, account: Path) -> None:
        """Open the index of an account, made anew unless there is one of this account."""
        self._path = account
        self._index = self._open()
        self._file = identity(account)
        self._texts = Texts()

    def close(self) -> None:
        """Let go of the file."""
        self._index.close()

    def is_there(self) -> bool:
        """Tell whether nobody has thrown the index away."""
        return self._file is not None and identity(self._path) == self._file

    def step(self) -> bool:
        """Do what is most urgent; return False if there is nothing to do."""
        with self._change() as writer:
            if self._pack(writer) or self._merge(writer) or self._build(writer):
                return True
            upto, swept_at = writer.rows("SELECT upto, swept_at FROM made")[0]
        if self._take(upto) or (time.time() - swept_at >= SWEEP_SECONDS and self._sweep(upto)):
            return True
        with self._change() as writer:
            return _shrink(writer)

    def _merge(self, writer: Writer) -> bool:
        """Merge segments of a level if there are enough."""
        sources = segments.alike(writer, MERGED)
        if sources and segments.column_octets(writer, sources) > COLUMN_OCTETS:
            segments.promote(writer, sources[0])
        elif sources:
            segments.merge(writer, sources, sources[0].level + 1)
        return bool(sources)

    def _pack(self, writer: Writer) -> bool:
        """Pack the texts of a large segment with a dictionary of their own, which fits best."""
        segment = segments.unpacked(writer)
        if segment is None:
            return False
        self._texts.train(writer, segment.distinct)
        self._texts.settle(writer, segment.distinct)
        segments.set_packed(writer, segment)
        return True

    def _build(self, writer: Writer) -> bool:
        """Make a segment if there is enough for one."""
        fresh = writer.rows(
            "SELECT id, size FROM content WHERE id > ? ORDER BY id LIMIT ?", segments.last(writer), SEGMENT
        )
        if len(fresh) < SEGMENT and sum(size for _, size in fresh) < SEGMENT_OCTETS:
            return False
        ids = [content for content, _ in fresh]
        if not self._texts.has_dictionary(writer):
            self._texts.train(writer, ids)
        segments.build(writer, self._texts, ids)
        return True

    def _take(self, upto: int) -> bool:
        """Take some of the contents that came in."""
        with self._asking() as account:
            taken = list(_following(account, upto))
        if taken:
            with self._change() as writer:
                if writer.execute("UPDATE made SET upto = ? WHERE upto = ?", taken[-1].content, upto):
                    self._texts.keep(writer, taken)
        return bool(taken)

    def _sweep(self, upto: int) -> bool:
        """Forget some of the contents that are gone."""
        with self._asking() as account:
            there = {content for (content,) in account.each("SELECT id FROM content WHERE id <= ?", upto)}
        with self._change() as writer:
            known = (content for (content,) in writer.each("SELECT id FROM content WHERE id <= ?", upto))
            gone = [content for content in known if content not in there]
            self._texts.drop(writer, gone[:SWEPT_AT_ONCE])
            if len(gone) <= SWEPT_AT_ONCE:
                writer.execute("UPDATE made SET swept_at = ?", int(time.time()))
                for segment in segments.mostly_gone(writer):
                    segments.merge(writer, [segment], segment.level)
        return bool(gone)

    def _open(self) -> apsw.Connection:
        """Open an index of this account, the second time a new one."""
        for _ in range(2):
            with self._asking() as account:
                index = _opened(account, self._path)
            if index is not None and self._path.exists():
                return index
            discard(self._path)  # also if the account was removed, which did not see what was made since
        raise IndexLost

    @contextmanager
    def _asking(self) -> Iterator[Reader]:
        """Ask the account, in one transaction; it is open no longer, since others may need it alone."""
        with connections.translated(), closing(connections.reading(self._path)) as account:
            if account.open_vfs == connections.ALONE or account.pragma("user_version") != len(schemas.ACCOUNT):
                raise NotNow  # where nobody can share it, or until the server brings it up to date
            with account:
                yield Reader(account)

    @contextmanager
    def _change(self) -> Iterator[Writer]:
        """Change the index, in one transaction; an index that is damaged is thrown away."""
        try:
            connections.begin_immediate(self._index)
            try:
                yield Writer(self._index)
                self._index.execute("COMMIT")
            finally:
                if self._index.in_transaction:
                    self._index.execute("ROLLBACK")
        except FAILURES as error:
            failure = lost(error)
            if isinstance(failure, IndexDamaged):
                discard(self._path)
            raise failure from error


def _opened(account: Reader, path: Path) -> apsw.Connection | None:
    """Open the index; None if it is damaged, or not of this account."""
    try:
        index = open_for_writing(path)
        if belongs(account, Reader(index)):
            return index
        index.close()
    except FAILURES as error:
        if not isinstance(lost(error), IndexDamaged):
            raise lost(error) from error
    return None


def _following(account: Reader, upto: int) -> Iterator[Taken]:
    """Yield the contents behind one, as many as are taken at once."""
    sql = "SELECT id, substr(object_id, 1, ?) FROM content WHERE id > ? ORDER BY id LIMIT ?"
    octets = 0
    for content, object_id in account.rows(sql, OBJECT_ID, upto, TAKEN_AT_ONCE):
        try:
            text = list(pieces(contents.message(account, content)))
        except (Corrupt, Expunged):  # searches say so when they come to it
            text = []
        yield Taken(content, object_id, text)
        octets += sum(map(len, text))
        if octets >= TAKEN_OCTETS:
            break


def _shrink(writer: Writer) -> bool:
    """Give back pages that nothing is on, if there are many."""
    if writer.value("PRAGMA freelist_count") <= SPARE_PAGES:
        return False
    for _ in writer.each(f"PRAGMA incremental_vacuum({SHRUNK_AT_ONCE})"):
        pass
    return True


def bring_up_to_date(account: Path) -> None:
    """Do all there is to do for an account's index; raises what `Upkeep` does."""
    upkeep = Upkeep(account)
    try:
        while upkeep.step():
            pass
    finally:
        upkeep.close()
