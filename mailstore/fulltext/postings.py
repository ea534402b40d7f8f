"""Which texts have a trigram, packed: for each trigram a posting, that is the places of its texts, ascending.

A posting is written as the distances between its places, an octet each, and `_FAR` once for every `_FAR` that one is
longer.  Postings lie together in pages, which shrink to a sixth under zstd, since most distances are small and many
trigrams come in company::

    page = count next trigrams *(posting %xFF)  ; count of 16 bits; first octets of all trigrams, then second, third
    next = 3OCTET                               ; the first trigram of the page behind it: a page that is lost is missed
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import accumulate, compress, groupby
from operator import itemgetter, sub
from typing import Final

Posting = tuple[int, bytes]
"""A trigram, and the written places of the texts that have it, of which there is at least one."""
Move = int | Sequence[int | None]
"""Where the places of one source are in a whole: all on by as many, or each for itself, and None if it is left out."""

PAGE: Final = 16 << 10
"""Octets of a page before it is packed, about."""
LARGEST_PAGE: Final = 8 << 20
"""Octets that no page has: one posting may make it that much longer."""
END: Final = (1 << 24) - 1
"""What is behind the last page: no text has this trigram."""
_NAMES: Final = 5
"""Where the trigrams of a page begin."""
_FAR: Final = 254
_END: Final = b"\xff"


def pages(postings: Iterable[Posting]) -> Iterator[tuple[int, bytes]]:
    """Yield where each page of postings begins, and its octets; postings come ascending by trigram.

    The first page begins at 0, and is there though there be no posting.
    """
    first, names, packed = 0, list[int](), list[bytes]()
    octets = 0
    for trigram, posting in postings:
        if octets >= PAGE:
            yield first, _page(names, packed, trigram)
            first, names, packed, octets = trigram, [], [], 0
        names.append(trigram)
        packed.append(posting)
        octets += len(posting) + 4
    yield first, _page(names, packed, END)


def _page(names: Sequence[int], packed: Sequence[bytes], following_one: int) -> bytes:
    octets = b"".join([name.to_bytes(3, "big") for name in names])
    head = len(names).to_bytes(2, "big"), following_one.to_bytes(3, "big")
    return b"".join([*head, octets[::3], octets[1::3], octets[2::3], *_ended(packed)])


def following(page: bytes) -> int:
    """Return where the page behind it begins."""
    return int.from_bytes(page[2:_NAMES], "big")


def _ended(packed: Iterable[bytes]) -> Iterator[bytes]:
    for posting in packed:
        yield posting
        yield _END


def _names(page: bytes) -> bytearray:
    """Return the trigrams of a page, one after the other."""
    count = int.from_bytes(page[:2], "big")
    names = bytearray(3 * count)
    for octet in range(3):
        names[octet::3] = page[_NAMES + octet * count : _NAMES + (octet + 1) * count]
    return names


def find(page: bytes, trigram: int) -> bytes:
    """Return the posting of a trigram, still written; without any octets if no text has it.

    Raises:
        ValueError: it is not in this page that it would be.

    """
    if trigram >= following(page):
        raise ValueError("a page is missing")
    names = _names(page)
    wanted = trigram.to_bytes(3, "big")
    at = names.find(wanted)
    while at % 3 and at >= 0:
        at = names.find(wanted, at + 1)
    return b"" if at < 0 else page[_NAMES + len(names) :].split(_END, at // 3 + 1)[at // 3]


def each(page: bytes) -> Iterator[Posting]:
    """Yield the postings of a page."""
    names = _names(page)
    packed = page[_NAMES + len(names) :].split(_END)
    for number, posting in enumerate(packed[:-1]):
        yield int.from_bytes(names[3 * number : 3 * number + 3], "big"), posting


def encode(places: Sequence[int], after: int = 0) -> bytes:
    """Write the places of a posting, of which there is at least one, behind others that end at `after`."""
    distances = [places[0] - after, *map(sub, places[1:], places)]
    return bytes(distances) if max(distances) < _FAR else b"".join(map(_written, distances))


def _written(distance: int) -> bytes:
    far, near = divmod(distance, _FAR)
    return bytes([_FAR] * far + [near])


def decode(posting: bytes) -> list[int]:
    """Return the places of a posting."""
    places = list(accumulate(posting))
    return list(compress(places, map(_FAR.__ne__, posting))) if _FAR in posting else places


def merged(sources: Sequence[Iterable[Posting]], moves: Sequence[Move]) -> Iterator[Posting]:
    """Yield the postings of all `sources`, which are ascending by trigram, as one.

    In the whole every place of a source is above all those of the sources before it.
    """
    numbered = (_numbered(number, source) for number, source in enumerate(sources))
    for trigram, group in groupby(merge(*numbered), itemgetter(0)):
        written, last = b"", 0
        for _, number, posting in group:
            further, last = _moved(posting, moves[number], last)
            written += further
        if written:
            yield trigram, written


def _numbered(number: int, source: Iterable[Posting]) -> Iterator[tuple[int, int, bytes]]:
    for trigram, posting in source:
        yield trigram, number, posting


def _moved(posting: bytes, move: Move, after: int) -> tuple[bytes, int]:
    """Write a posting elsewhere, behind others that end at `after`; return also where it ends."""
    if not isinstance(move, int):
        places = [place for place in map(move.__getitem__, decode(posting)) if place is not None]
        return (encode(places, after), places[-1]) if places else (b"", after)
    far = len(posting) - len(posting.lstrip(bytes([_FAR])))
    return _written(sum(posting[: far + 1]) + move - after) + posting[far + 1 :], sum(posting) + move
