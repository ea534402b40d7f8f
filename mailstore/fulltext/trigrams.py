"""Every three octets that follow one another: a text without those of a string does not hold the string."""

from array import array
from collections.abc import Iterable
from itertools import islice
from typing import Final

OCTETS: Final = 3
_AT_ONCE: Final = 1 << 12
"""Octets looked at in one go, which take some fifty times as much memory: as much as a processor has close by."""


def trigrams(pieces: Iterable[bytes], most: int) -> set[int]:
    """Return the trigrams of a run of octets that comes in pieces, each as a number, the first octet its highest.

    Once there are more than `most` the rest is not looked at.
    """
    found: set[int] = set()
    kept = b""
    for piece in pieces:
        octets = kept + piece
        for at in range(0, len(octets) - 2, _AT_ONCE):
            found.update(_trigrams(octets[at : at + _AT_ONCE + 2]))
            if len(found) > most:
                return found
        kept = octets[-2:]
    return found


def _trigrams(octets: bytes) -> "array[int]":
    """Return the trigrams of at least three octets, in order.

    One step for all of them instead of one for each: the octets become digits of 32 bits, and the number that they are
    is added to itself, moved on by one and by two digits.
    """
    count = len(octets) - 2
    digits = int.from_bytes(octets.decode("latin-1").encode("utf-32-le"), "little")
    threes = digits << 16 | digits >> 32 << 8 | digits >> 64
    return array("I", threes.to_bytes(4 * len(octets) + 4, "little")[: 4 * count])


def in_order(sought: Iterable[bytes], most: int) -> list[int]:
    """Return at most so many trigrams of strings, each once, in the order in which looking them up tells most.

    Those that have no octet in common tell more than neighbours do.
    """
    spread = [octets[at:] for octets in sought for at in range(OCTETS)]
    found = dict.fromkeys(
        int.from_bytes(octets[at : at + OCTETS], "big")
        for octets in spread
        for at in range(0, len(octets) - 2, OCTETS)
    )
    return list(islice(found, most))
