"""Where messages stand in a sorted list of which no more than the UIDs is kept."""

from array import array
from collections.abc import Container, Iterable
from typing import Final

from imapd.doors.turns import in_turns
from imapd.imap.search.sorting import Sorting
from mailstore.uidset import UidSet

FEW: Final = 1000
"""Messages whose places are looked for together."""
_AT_ONCE: Final = 500
_AS_SET: Final = 10_000
"""Members up to which a set of Python's is made of them, which is quicker and takes some 60 octets each."""


async def sift(order: "array[int]", gone: UidSet) -> tuple["array[int]", "array[int]"]:
    """Return the indexes in `order` of what is `gone`, and `order` without it."""
    indexes, left = array("I"), array("I")
    members: Container[int] = frozenset(gone) if len(gone) <= _AS_SET else gone
    async for start in in_turns(range(0, len(order), _AT_ONCE)):
        batch = order[start : start + _AT_ONCE]
        found = [index for index, uid in enumerate(batch, start) if uid in members]
        indexes.extend(found)
        left.extend([uid for uid in batch if uid not in members] if found else batch)
    return indexes, left


async def places(sorting: Sorting, order: "array[int]", uids: UidSet) -> list[tuple[int, int]]:
    """Return each of `uids`, at most `FEW`, behind the index in `order` that it belongs before; in order.

    All are looked for at the same time, by bisection.  Those that are gone for good are left out; `LookupError` if
    one of `order` is, which says nothing of its place any more.
    """
    keys = await sorting.keys_of(uids)
    ranges = {uid: (0, len(order)) for uid in keys}
    while middles := {uid: (low + high) // 2 for uid, (low, high) in ranges.items() if low < high}:
        probes = await sorting.keys_of(UidSet.from_uids({order[middle] for middle in middles.values()}))
        for uid, middle in middles.items():
            low, high = ranges[uid]
            ranges[uid] = (middle + 1, high) if probes[order[middle]] < keys[uid] else (low, middle)
    return [(ranges[uid][0], uid) for uid in sorted(keys, key=keys.__getitem__)]


def along_with(order: "array[int]", placed: Iterable[tuple[int, int]]) -> "array[int]":
    """Return `order` with UIDs put in, each before what has an index now; the indexes ascend."""
    whole, begin = array("I"), 0
    for index, uid in placed:
        whole += order[begin:index]
        whole.append(uid)
        begin = index
    return whole + order[begin:]
