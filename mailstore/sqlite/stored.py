"""A message's octets, read as far as they are asked for."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final

from mailstore.mime import Part
from mailstore.sqlite import contents
from mailstore.sqlite.chunks import Chunks
from mailstore.sqlite.database import Database
from mailstore.sqlite.transactions import Reader

INLINE_OCTETS: Final = 4 * contents.CHUNK
"""What is read on the reactor's thread: a third of a millisecond.  More is read beside it."""


class StoredMessage:
    """What `Field.MESSAGE` gives; see `mailstore.interfaces.IStoredMessage`."""

    __slots__ = ("_chunks", "_content", "_database", "_place", "_root", "_size")

    def __init__(self, database: Database, content: int, size: int, chunks: Chunks, place: int) -> None:
        """Take the content and its octets, and where its chunks are found."""
        self._database = database
        self._content = content
        self._size = size
        self._chunks = chunks
        self._place = place
        self._root: Part | None = None

    @property
    def size(self) -> int:
        """Octets of the whole message."""
        return self._size

    async def root(self) -> Part:
        """Return the part tree, its offsets counted in octets from the message's first; `Expunged`, `Corrupt`."""
        if self._root is None:
            self._root = await self._database.read(partial(contents.structure, content=self._content, size=self._size))
        return self._root

    async def read(self, start: int, stop: int) -> bytes:
        """Return the octets from `start` up to `stop` (those that exist); `Expunged`, `Corrupt`."""
        stop = min(stop, self._size)
        last = (stop - 1) // contents.CHUNK
        if start // contents.CHUNK == last:
            return await self._of_chunk(start, stop, last)
        if stop - start > INLINE_OCTETS:
            return await self._database.read_in_thread(self._wanted(start, stop))
        return b"".join([piece async for piece in self.stream(start, stop)])

    async def stream(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the same octets in pieces of at most a chunk, so that each chunk is read and decompressed once."""
        stop = min(stop, self._size)
        last = (stop - 1) // contents.CHUNK
        while start < stop:
            end = min(stop, (start // contents.CHUNK + 1) * contents.CHUNK)
            yield await self._of_chunk(start, end, last)
            start = end

    async def _of_chunk(self, start: int, stop: int, last: int) -> bytes:
        """Return octets of one chunk, of those up to `last` that are asked for; `Expunged`, `Corrupt`."""
        number = start // contents.CHUNK
        before = number * contents.CHUNK
        chunk = await self._chunks.of(self._place, number, last)
        there = self._size - before
        if chunk is not None and len(chunk) == min(contents.CHUNK, there) and there != contents.CHUNK:
            return chunk[start - before : stop - before]
        return await self._database.read(self._wanted(start, stop))

    def _wanted(self, start: int, stop: int) -> Callable[[Reader], bytes]:
        return partial(contents.read, content=self._content, start=start, stop=stop, size=self._size)
