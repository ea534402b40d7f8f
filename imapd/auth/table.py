"""A dictionary of bounded size in memory that several processes share."""

from functools import lru_cache
from hashlib import blake2b
from struct import Struct
from typing import Final

_BUCKET: Final = 8
"""Entries among which one is looked for.  None of the buckets is full before most of them nearly are."""
_FREE: Final = 0
_DIGEST_OCTETS: Final = 8
_DIGESTS: Final = 1024
"""Digests that are remembered: a login asks for twelve, of four keys."""


class Digests:
    """Makes keys short, by a secret, so that nobody can choose names that are taken for another's."""

    def __init__(self, secret: bytes) -> None:
        """Take up to 64 octets, the same in all processes."""
        self._secret = secret
        self.of: Final = lru_cache(_DIGESTS)(self._of)

    def _of(self, key: str) -> int:
        """Return 64 bits that stand for a key."""
        octets = key.encode(errors="backslashreplace")
        return int.from_bytes(blake2b(octets, key=self._secret, digest_size=_DIGEST_OCTETS).digest()) or 1


class Table:
    """Numbers by digest.  Where there is no room for another entry, the one gives way whose first number is the least.

    In memory are first the digests of all entries, 0 for a free one, then their numbers.
    """

    def __init__(self, memory: memoryview, numbers: Struct) -> None:
        """Take the memory, of the size that `octets` says and zeros at first, and what is kept by each digest."""
        entries = len(memory) // (_DIGEST_OCTETS + numbers.size)
        self._digests = memory[: entries * _DIGEST_OCTETS].cast("Q")
        self._numbers = memory[entries * _DIGEST_OCTETS :]
        self._struct = numbers
        self._buckets = entries // _BUCKET

    @staticmethod
    def octets(entries: int, numbers: Struct) -> int:
        """Return how much memory a table of so many entries takes, a multiple of eight."""
        return entries * (_DIGEST_OCTETS + numbers.size)

    def get(self, digest: int) -> tuple[float, ...] | None:
        """Return the numbers of an entry; None if there is none."""
        start, bucket = self._bucket(digest)
        return self._read(start + bucket.index(digest)) if digest in bucket else None

    def put(self, digest: int, *numbers: float) -> None:
        """Write an entry, in place of what was there."""
        start, bucket = self._bucket(digest)
        if digest in bucket:
            place = start + bucket.index(digest)
        elif _FREE in bucket:
            place = start + bucket.index(_FREE)
        else:
            place = min(range(start, start + _BUCKET), key=self._read)
        self._struct.pack_into(self._numbers, place * self._struct.size, *numbers)
        self._digests[place] = digest

    def remove(self, digest: int) -> None:
        """Forget an entry, if it is there."""
        start, bucket = self._bucket(digest)
        if digest in bucket:
            self._digests[start + bucket.index(digest)] = _FREE

    def _bucket(self, digest: int) -> tuple[int, list[int]]:
        """Return where the entries begin among which this one is, and their digests."""
        start = digest % self._buckets * _BUCKET
        return start, self._digests[start : start + _BUCKET].tolist()

    def _read(self, place: int) -> tuple[float, ...]:
        return self._struct.unpack_from(self._numbers, place * self._struct.size)
