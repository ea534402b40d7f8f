"""A message's octets, read as far as they are asked for."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Final

from mailstore.mime import Part
from mailstore.sqlite import contents
from mailstore.sqlite.database import Database
from mailstore.sqlite.firstchunks import FirstChunks

INLINE_OCTETS: Final = 4 * contents.CHUNK
"""What is read on the reactor's thread: a third of a millisecond.  More is read beside it."""


class StoredMessage:
    """What `Field.MESSAGE` gives; see `mailstore.interfaces.IStoredMessage`."""

    __slots__ = ("_chunks", "_content", "_database", "_place", "_root", "_size")

    def __init__(self, database: Database, content: int, size: int, chunks: FirstChunks, place: int) -> None:
        """Take the content and its octets, and where its first chunk is found."""
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
            self._root = await self._database.read(partial(contents.structure, content=self._content))
        return self._root

    async def read(self, start: int, stop: int) -> bytes:
        """Return the octets from `start` up to `stop` (those that exist); `Expunged`, `Corrupt`."""
        stop = min(stop, self._size)
        if stop <= contents.CHUNK:
            chunk = await self._chunks.of(self._place)
            if chunk is not None and len(chunk) >= stop:
                return chunk[start:stop]
        wanted = partial(contents.read, content=self._content, start=start, stop=stop)
        if stop - start <= INLINE_OCTETS:
            return await self._database.read(wanted)
        return await self._database.read_in_thread(wanted)

    async def stream(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the same octets in pieces of at most a chunk, so that each chunk is read and decompressed once."""
        stop = min(stop, self._size)
        while start < stop:
            end = min(stop, (start // contents.CHUNK + 1) * contents.CHUNK)
            yield await self.read(start, end)
            start = end
