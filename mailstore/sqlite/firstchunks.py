"""The first chunks of messages that were fetched together, read some at a time for who takes one after the other.

Nearly all messages have no other chunk.  Statements are half as dear for each of twenty as for one.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from mailstore.errors import Corrupt
from mailstore.sqlite import contents, dictionaries
from mailstore.sqlite.compression import Packing
from mailstore.sqlite.database import Database
from mailstore.sqlite.transactions import Reader

OCTETS: Final = 256 << 10
"""Of messages whose first chunks are held for one fetch, packed to a third mostly."""
MESSAGES: Final = 32
"""Whose first chunks are read in one go, if they are short: a tenth of a millisecond."""


class FirstChunks:
    """Whoever asks for that of one message behind that of the one before will ask for the next."""

    __slots__ = ("_contents", "_database", "_next", "_packed", "_sizes")

    def __init__(self, database: Database, contents: Sequence[int], sizes: Sequence[int]) -> None:
        """Take the contents of the messages, and how many octets each has."""
        self._database = database
        self._contents = contents
        self._sizes = sizes
        self._packed: Mapping[int, tuple[Packing | None, bytes]] = {}
        self._next = -1

    async def of(self, place: int) -> bytes | None:
        """Return the octets of one; None if they cannot be had here: `contents.read` says why."""
        content = self._contents[place]
        if content not in self._packed:
            upto = self._upto(place) if place == self._next else place + 1
            try:
                self._packed = await self._database.read(partial(_packed, wanted=self._contents[place:upto]))
            except Corrupt:  # perhaps another of them
                return None
        self._next = place + 1
        return self._unpacked(content)

    def _upto(self, place: int) -> int:
        """Return the end of the messages that are read together."""
        octets = 0
        for number, size in enumerate(self._sizes[place : place + MESSAGES]):
            octets += min(size, contents.CHUNK)
            if octets > OCTETS:
                return place + max(number, 1)
        return place + MESSAGES

    def _unpacked(self, content: int) -> bytes | None:
        if content not in self._packed:
            return None
        packing, octets = self._packed[content]
        try:
            return octets if packing is None else packing.unpack(octets, contents.CHUNK)
        except Corrupt:
            return None


def _packed(reader: Reader, wanted: Sequence[int]) -> dict[int, tuple[Packing | None, bytes]]:
    """Return the first chunk of each content that has one, and what unpacks it; `Corrupt`."""
    rows = contents.first_chunks(reader, wanted)
    by = {codec: dictionaries.packing(reader, codec) for codec in {codec for _, codec, _ in rows}}
    return {content: (by[codec], octets) for content, codec, octets in rows}
