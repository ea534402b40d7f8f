"""Octets to fewer octets and back, with or without a dictionary, and with a checksum."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from threading import local
from typing import Final

import zstandard

from mailstore.errors import Corrupt

AS_IT_IS: Final = 0
"""The codec of octets that were not packed, and so have no checksum."""
PLAIN: Final = 1
"""The codec of a zstd frame without a dictionary; that of one with a dictionary is above."""

LEVEL: Final = 1
"""For what comes in: 0.42 of the octets of real mail at 400 MB a second, 0.31 with a dictionary.  Level 3 makes 0.02
less of it, and takes half as long again."""
SETTLED_LEVEL: Final = 12
"""For what is packed again in the background, and is made anew if it is lost: a tenth less for four times the work."""
CLOSE_LEVEL: Final = 17
"""For mail that is packed again in the background: another twenty-fifth, for 0.7 ms of a message.  And for postings and
columns that stay: a fortieth to a tenth, for 0.05 to 0.3 ms."""

_CONTEXTS: Final = 4
"""Contexts that each thread keeps: each takes some hundred kilobytes."""

_DAMAGE: Final = (zstandard.ZstdError, MemoryError, TypeError)
"""What it may raise to unpack a damaged row, which may hold anything."""
DAMAGED: Final = "the message is damaged, an administrator must look"


class Packing:
    """A way to pack octets: a codec, and the zstd dictionary that goes with it.

    `bare` frames have no magic number, which is four octets less.
    """

    def __init__(self, codec: int, dictionary: bytes | None = None, *, bare: bool = False) -> None:
        self.codec: Final = codec
        self._bare = bare
        self._dictionary = None if dictionary is None else zstandard.ZstdCompressionDict(dictionary)

    def pack(self, octets: bytes, level: int = LEVEL) -> tuple[int, bytes]:
        """Return the codec and the octets to keep: a frame though they may be more by that, for its checksum."""
        return (self.codec, self.frame(octets, level)) if octets else (AS_IT_IS, octets)

    def frame(self, octets: bytes, level: int) -> bytes:
        """Return the octets packed, though they may be more by that."""
        return _contexts.compressor(self, level).compress(octets)

    def unpack(self, octets: bytes, limit: int) -> bytes:
        """Return what was packed, at most `limit` octets; `Corrupt` if it is not that."""
        try:
            unpacked = _contexts.decompressor(self).decompress(octets, limit)
        except _DAMAGE as error:
            raise Corrupt(DAMAGED) from error
        if not unpacked:  # no frame is of nothing, but where one says so the binding looks no further
            raise Corrupt(DAMAGED)
        return unpacked

    def unpack_each(self, octets: Iterable[bytes], limit: int) -> list[bytes]:
        """Return what was packed, at most `limit` octets of each; `Corrupt` if it is not that."""
        decompress = _contexts.decompressor(self).decompress
        try:
            unpacked = [decompress(each, limit) for each in octets]
        except _DAMAGE as error:
            raise Corrupt(DAMAGED) from error
        if not all(unpacked):  # as above
            raise Corrupt(DAMAGED)
        return unpacked

    def compressor(self, level: int) -> zstandard.ZstdCompressor:
        """Return a new context."""
        parameters = zstandard.ZstdCompressionParameters.from_level(
            level, format=self._format, write_checksum=True, write_dict_id=False
        )
        return zstandard.ZstdCompressor(compression_params=parameters, dict_data=self._dictionary)

    def decompressor(self) -> zstandard.ZstdDecompressor:
        """Return a new context."""
        return zstandard.ZstdDecompressor(dict_data=self._dictionary, format=self._format)

    @property
    def _format(self) -> int:
        return zstandard.FORMAT_ZSTD1_MAGICLESS if self._bare else zstandard.FORMAT_ZSTD1


class _Contexts(local):
    """A context serves one thread at a time, and is too large to be made for each chunk."""

    def __init__(self) -> None:
        self.compressor = lru_cache(_CONTEXTS)(Packing.compressor)
        self.decompressor = lru_cache(_CONTEXTS)(Packing.decompressor)


_contexts: Final = _Contexts()

WITHOUT_DICTIONARY: Final = Packing(PLAIN)


def train(samples: Sequence[bytes], octets: int) -> bytes | None:
    """Return a dictionary of at most `octets` for what is like `samples`; None if they have too little in common."""
    try:
        return zstandard.train_dictionary(octets, list(samples)).as_bytes()
    except zstandard.ZstdError:
        return None
