"""A large text is sorted by its parts: as a whole it has by chance all trigrams of many strings that are not in it."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Final

from mailstore.fulltext.text import BODY
from mailstore.fulltext.trigrams import trigrams

PART: Final = 32 << 10
"""Octets of a part, about.  Half as many would leave a third fewer texts to read, and cost four times as much."""
OVERLAP: Final = 64
"""Octets that a part has in common with the one before it: of a string that is one longer, some part has everything."""


def parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a text, which comes in pieces, in parts of which the first has all of the header."""
    kept, end = b"", 0
    for piece in pieces:
        octets, start = kept + piece, 0
        end = end or octets.find(BODY) + 1 + PART
        while end + PART // 2 < len(octets):
            yield octets[start:end]
            start, end = end - OVERLAP, end + PART
        kept, end = octets[start:], end - start
    yield kept


def trigrams_by_part(pieces: Iterable[bytes], most: int) -> list[set[int]]:
    """Return the trigrams of each part of a text.

    While there are more than `most` in all, two parts become one.  Once there are in one part, which is then the only
    one, the rest of the text is not looked at.
    """
    found: list[set[int]] = []
    width = 1
    for number, part in enumerate(parts(pieces)):
        if number % width == 0:
            found.append(set())
        found[-1] |= trigrams([part], most)
        while sum(map(len, found)) > most:
            if len(found) == 1:
                return found
            found = [one | other for one, other in zip_longest(found[::2], found[1::2], fillvalue=set[int]())]
            width *= 2
    return found
