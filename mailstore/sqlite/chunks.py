"""The chunks of messages that were fetched together, read some at a time for who takes one after the other.

Nearly all messages have no more than one.  Statements are half as dear for each of twenty as for one.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from mailstore.errors import Corrupt
from mailstore.sqlite import contents, dictionaries
from mailstore.sqlite.base64lines import Base64Packing
from mailstore.sqlite.compression import Packing
from mailstore.sqlite.database import Database
from mailstore.sqlite.transactions import Reader

_Packing = Packing | Base64Packing | None

OCTETS: Final = 256 << 10
"""Of chunks that are held for one fetch, packed to a third mostly."""
MESSAGES: Final = 32
"""Whose chunks are read in one go, if they are short: a tenth of a millisecond."""


class Chunks:
    """Whoever asks for the chunks of one message behind those of the one before will ask for the next message's.

    And whoever asks for chunks of a message behind those that were asked for will ask for the rest.
    """

    __slots__ = ("_asked", "_behind", "_contents", "_database", "_next", "_packed", "_sizes")

    def __init__(self, database: Database, contents: Sequence[int], sizes: Sequence[int]) -> None:
        """Take the contents of the messages, and how many octets each has."""
        self._database = database
        self._contents = contents
        self._sizes = sizes
        self._packed: Mapping[int, tuple[_Packing, bytes]] = {}
        self._next = -1
        self._behind = self._asked = -1  # the chunk behind those that were read last, and the last that was asked for

    async def of(self, place: int, number: int, last: int) -> bytes | None:
        """Return the octets of one chunk; None if they cannot be had here: `contents.read` says why.

        Args:
            place: where its message is among those that were fetched.
            number: of the chunk in its message, from 0.
            last: of the last chunk of the message that is asked for.

        """
        chunk = contents.chunk_id(self._contents[place], number)
        found = self._packed.get(chunk)
        try:
            if found is None:
                wanted = self._wanted(place, number, last)
                self._behind, self._asked = number + len(wanted), last
                self._packed = await self._database.read(partial(_packed, wanted=wanted))
                found = self._packed.get(chunk)
            self._next = place + 1
            if found is None:
                return None
            packing, octets = found
            return octets if packing is None else packing.unpack(octets, contents.CHUNK)
        except Corrupt:  # this one, or perhaps another of them
            return None

    def _wanted(self, place: int, number: int, last: int) -> list[int]:
        """Return the ids of the chunks that are read together."""
        ids: list[int] = []
        room = OCTETS
        for message, first, behind in self._order(place, number, last):
            chunk = contents.chunk_id(self._contents[message], first)
            octets = self._sizes[message] - first * contents.CHUNK
            for each in range(chunk, chunk + behind - first):
                room -= min(octets, contents.CHUNK)
                if room < 0:
                    return ids
                ids.append(each)
                octets -= contents.CHUNK
        return ids

    def _order(self, place: int, number: int, last: int) -> Iterator[tuple[int, int, int]]:
        """Yield which chunks will be asked for: of which message, the first, and the one behind the last.

        Of the next messages they are those that are of this one.
        """
        in_order = place == self._next and not number
        count = self._count(place)
        whole = last == count - 1
        if place + 1 == self._next and number == self._behind and last > self._asked:
            last = count - 1  # who comes back for the next piece takes all of them
        yield place, number, last + 1
        for message in range(place + 1, min(place + MESSAGES, len(self._sizes)) if in_order else 0):
            yield message, 0, self._count(message) if whole else 1

    def _count(self, place: int) -> int:
        """Return how many chunks a message has."""
        return -(-self._sizes[place] // contents.CHUNK)


def _packed(reader: Reader, wanted: Sequence[int]) -> dict[int, tuple[_Packing, bytes]]:
    """Return each chunk that is there, and what unpacks it; `Corrupt`."""
    rows = contents.chunks(reader, wanted)
    by = {codec: dictionaries.packing(reader, codec) for codec in {codec for _, codec, _ in rows}}
    return {chunk: (by[codec], octets) for chunk, codec, octets in rows}
