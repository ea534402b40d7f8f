"""Octets of a block of renderings to fewer octets and back: LZ4, with a checksum.

A block is packed once and unpacked by each who lists its messages: LZ4 takes a quarter of zstd's time for that, and
leaves a third more octets, of the few that renderings have.
"""

import zlib
from struct import Struct, error
from typing import Final

import lz4.block

from mailstore.errors import Corrupt

LEVEL: Final = 9
"""Of LZ4's high compression: 12 takes fifteen times as long for a hundredth."""

_DAMAGED: Final = "what was made of messages is damaged"
_HEAD: Final = Struct("<II")
"""The checksum of what follows, and how many octets that becomes, on which the checksum depends as well."""


def pack(octets: bytes) -> bytes:
    """Return octets packed."""
    packed: bytes = lz4.block.compress(octets, mode="high_compression", compression=LEVEL, store_size=False)
    return _HEAD.pack(zlib.crc32(packed, len(octets)), len(octets)) + packed


def unpack(packed: bytes, limit: int) -> bytes:
    """Return what was packed, at most `limit` octets; `Corrupt` if it is not that."""
    try:
        checksum, size = _HEAD.unpack_from(packed)
        behind = memoryview(packed)[_HEAD.size :]
        if size > limit or zlib.crc32(behind, size) != checksum:
            raise Corrupt(_DAMAGED)
        octets: bytes = lz4.block.decompress(behind, uncompressed_size=size)
    except (error, lz4.block.LZ4BlockError) as problem:
        raise Corrupt(_DAMAGED) from problem
    return octets
