"""Dictionaries made of the account's own mail, which pack it closer than each piece alone (table ``dictionary``).

There is a pair of them, one for the chunks of messages and one for renderings, and its id says the codec.  A pair is
trained once the account has some mail, and anew when it has become many times as much; what was packed before is then
packed again (`repacking`).  Earlier pairs stay: another process may still pack with one, and there are only ever a few.
"""

# ruff: noqa: S608  # what is put into statements is all our own

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from attrs import frozen

from mailstore.digests import digest
from mailstore.errors import Corrupt
from mailstore.sqlite.base64lines import Base64Packing, meaning
from mailstore.sqlite.compression import AS_IT_IS, DAMAGED, LEVEL, PLAIN, WITHOUT_DICTIONARY, Packing, train
from mailstore.sqlite.transactions import Reader, Row, Writer

CHUNK_OCTETS: Final = 192 << 10
"""Of the dictionary for chunks: real mail packs to 0.26 of its octets, with zstd's default of 110 KB to 0.27."""
RENDERING_OCTETS: Final = 110 << 10
"""Of that for renderings, which pack to 0.27 of theirs."""
LEAST_CONTENTS: Final = 1000
"""Contents without which no dictionary is made: the pair then takes a fifth of what it saves."""
GROWTH: Final = 8
"""How many times as many contents there must be for another training."""
LARGEST_RENDERING: Final = 16 << 10
"""Octets of a rendering that is packed, so that a batch of rows stays bounded when it is unpacked."""
KEPT: Final = 32
"""Pairs that the process keeps in memory: some 400 KB each."""

_Key = tuple[int, bytes, bytes]
"""What a pair is known by: its codec, and the digests of its dictionaries."""


@frozen(eq=False)
class Dictionaries:
    """How chunks and renderings are packed; without a dictionary renderings stay as they are."""

    chunks: Packing
    renderings: Packing | None
    base64: Base64Packing

    def pack_chunk(self, octets: bytes, level: int = LEVEL) -> tuple[int, bytes]:
        """Return the codec and the octets to keep."""
        return self.base64.pack(octets, level) or self.chunks.pack(octets, level)

    def pack_rendering(self, octets: bytes, level: int = LEVEL) -> tuple[int, bytes]:
        """Return the codec and the octets to keep."""
        if self.renderings is None or len(octets) > LARGEST_RENDERING:
            return AS_IT_IS, octets
        return self.renderings.pack(octets, level)


def _pair(chunks: Packing, renderings: Packing | None) -> Dictionaries:
    return Dictionaries(chunks, renderings, Base64Packing(chunks))


NONE: Final = _pair(WITHOUT_DICTIONARY, None)


class _Cache:
    """The pairs that were used last, for all threads.

    Which pair a codec means is known for each connection, as long as there is it: a path, and a file's number too, may
    be another file's later, of which the same codec means another pair.
    """

    def __init__(self) -> None:
        self._keys: WeakKeyDictionary[object, dict[int, _Key]] = WeakKeyDictionary()
        self._kept: OrderedDict[_Key, Dictionaries] = OrderedDict()
        self._lock = Lock()

    def get(self, reader: Reader, codec: int) -> Dictionaries:
        with self._lock:
            keys = self._keys.setdefault(reader.source, {})
            key = keys.get(codec)
            if key is not None and key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        chunks, renderings = _read(reader, codec)
        with self._lock:
            key = keys[codec] = codec, digest(chunks), digest(renderings)
            pair = self._kept.get(key) or _pair(Packing(codec, chunks), Packing(codec, renderings, bare=True))
            self._kept[key] = pair
            self._kept.move_to_end(key)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return pair


_cache: Final = _Cache()


def of(reader: Reader, codec: int) -> Dictionaries:
    """Return what belongs to a codec; `Corrupt` if there is no such pair."""
    return NONE if codec <= PLAIN else _cache.get(reader, codec)


def _read(reader: Reader, codec: int) -> Row:
    row = reader.row("SELECT chunks, renderings FROM dictionary WHERE id = ?", codec - PLAIN)
    if row is None:
        raise Corrupt("the message is damaged, an administrator must look")
    return row


def newest(reader: Reader) -> Dictionaries:
    """Return what packs what comes in."""
    return of(reader, newest_codec(reader))


def newest_codec(reader: Reader) -> int:
    """Return the codec of what comes in."""
    return PLAIN + int(reader.value("SELECT ifnull(max(id), 0) FROM dictionary"))


def packing(reader: Reader, codec: int) -> Packing | Base64Packing | None:
    """Return what unpacks a chunk; None if it is as it was; `Corrupt`."""
    if codec < 0:
        return of(reader, ~codec).base64
    return None if codec == AS_IT_IS else of(reader, codec).chunks


def unpack_chunk(reader: Reader, codec: int, octets: bytes, limit: int) -> bytes:
    """Return the octets of a chunk, at most `limit`; `Corrupt`."""
    by = packing(reader, codec)
    return octets if by is None else by.unpack(octets, limit)


def unpack_rendering(reader: Reader, codec: int, octets: bytes) -> bytes:
    """Return the octets of a rendering; `Corrupt`."""
    if codec == AS_IT_IS:
        return octets
    packing = of(reader, codec).renderings
    if packing is None:
        raise Corrupt(DAMAGED)
    return packing.unpack(octets, LARGEST_RENDERING)


def unpack_renderings(
    reader: Reader, codecs: Sequence[int | None], octets: Sequence[bytes | None]
) -> Sequence[bytes | None]:
    """Return the octets of many renderings, None for those that are missing or damaged.

    `Corrupt` if the dictionary of some is not there.
    """
    unpacked = list(octets)
    for codec in {codec for codec in codecs if codec}:
        packing = of(reader, codec).renderings
        if packing is None:
            raise Corrupt(DAMAGED)
        places = [place for place, each in enumerate(codecs) if each == codec]
        column = [octets[place] or b"" for place in places]
        for place, each in zip(places, _whole(packing, column), strict=True):
            unpacked[place] = each
    return unpacked


def _whole(packing: Packing, column: Sequence[bytes]) -> Sequence[bytes | None]:
    """Return the octets of renderings, None for those that are damaged."""
    try:
        return packing.unpack_each(column, LARGEST_RENDERING)
    except Corrupt:
        whole: list[bytes | None] = []
        for each in column:
            try:
                whole.append(packing.unpack(each, LARGEST_RENDERING))
            except Corrupt:
                whole.append(None)
        return whole


def perhaps_wanted(reader: Reader) -> bool:
    """Tell, without counting, whether there may be enough mail for a first or for another training."""
    return int(reader.value("SELECT ifnull(max(id), 0) FROM content")) >= _enough(reader)


def wanted(reader: Reader) -> bool:
    """Tell whether there is enough; counts as far as that."""
    enough = _enough(reader)
    return reader.row("SELECT 1 FROM content LIMIT 1 OFFSET ?", enough - 1) is not None


def _enough(reader: Reader) -> int:
    trained: int | None = reader.value("SELECT contents FROM dictionary ORDER BY id DESC LIMIT 1")
    return LEAST_CONTENTS if trained is None else trained * GROWTH


@frozen
class Trained:
    """A new pair, and how many contents there were."""

    chunks: bytes
    renderings: bytes
    contents: int


def trained(chunks: Sequence[bytes], renderings: Sequence[bytes], contents: int) -> Trained | None:
    """Train a pair on samples; None if they have too little in common.  Takes a second."""
    for_chunks = train([meaning(chunk) or chunk for chunk in chunks], CHUNK_OCTETS)
    for_renderings = train(renderings, RENDERING_OCTETS)
    return Trained(for_chunks, for_renderings, contents) if for_chunks and for_renderings else None


def are_those_of(reader: Reader, schema: str) -> bool:
    """Tell whether every pair is one of the file's that is attached as `schema`."""
    unknown = f"""
        SELECT 1 FROM main.dictionary AS our WHERE NOT EXISTS (SELECT 1 FROM {schema}.dictionary AS other
            WHERE other.id = our.id AND other.chunks = our.chunks AND other.renderings = our.renderings)"""
    return reader.row(unknown) is None


def bring(reader: Reader, schema: str, writer: Writer) -> None:
    """Write the pairs that are in `schema` and not yet here."""
    newest = writer.value("SELECT ifnull(max(id), 0) FROM main.dictionary")
    columns = "id, chunks, renderings, contents, packed"
    rows = reader.rows(f"SELECT {columns} FROM {schema}.dictionary WHERE id > ?", newest)
    writer.executemany(f"INSERT INTO main.dictionary ({columns}) VALUES (?, ?, ?, ?, ?)", rows)


def add(writer: Writer, new: Trained) -> None:
    """Keep a pair, which packs what comes in from here on."""
    writer.execute(
        "INSERT INTO dictionary (chunks, renderings, contents) VALUES (?, ?, ?)",
        new.chunks,
        new.renderings,
        new.contents,
    )
