"""Sets of UIDs as runs: what a mailbox holds, what a client was told, what a command names.

A mailbox of a million messages that nobody has expunged from is one run, so every operation costs by the number of
runs and not of messages.  A `UidSet` is immutable and may be shared by any number of sessions.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain, count
from operator import add, sub
from typing import Final, cast

from mailstore.model import Uid

Run = tuple[int, int]
"""First and last UID, both included."""

MAX_UID: Final = 0xFFFF_FFFF
"""The largest unsigned 32-bit value (RFC 3501, nz-number)."""


class UidSet:
    """An immutable, ordered set of UIDs, kept as disjoint runs that do not touch."""

    __slots__ = ("_before", "_firsts", "_lasts")

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        """Take `runs` in any order, overlapping or not; a run whose first is above its last is empty."""
        self._take(*_joined(sorted(runs)))

    def _take(self, firsts: "array[int]", lasts: "array[int]") -> None:
        """Take runs that ascend and do not touch."""
        self._firsts, self._lasts = firsts, lasts
        self._before: array[int] = array("I", map(add, accumulate(map(sub, lasts, firsts), initial=0), count()))

    @classmethod
    def _of_arrays(cls, firsts: "array[int]", lasts: "array[int]") -> "UidSet":
        uids = cls.__new__(cls)
        uids._take(firsts, lasts)
        return uids

    @classmethod
    def ascending(cls, runs: Iterable[Run]) -> "UidSet":
        """Return the set of `runs` whose firsts ascend; a million of them need no more memory than the set itself."""
        return cls._of_arrays(*_joined(runs))

    @classmethod
    def of(cls, *uids: int) -> "UidSet":
        """Return the set of just these UIDs."""
        return cls((uid, uid) for uid in uids)

    @classmethod
    def from_uids(cls, uids: Iterable[int]) -> "UidSet":
        """Return the set of these UIDs, in any order."""
        return cls((uid, uid) for uid in uids)

    @property
    def runs(self) -> Iterator[Run]:
        """The runs in ascending order, as (first, last)."""
        return zip(self._firsts, self._lasts, strict=True)

    @property
    def run_count(self) -> int:
        """How many runs the set has: what operations on it cost."""
        return len(self._firsts)

    @property
    def first(self) -> Uid:
        """The smallest UID; `IndexError` if empty."""
        return Uid(self._firsts[0])

    @property
    def last(self) -> Uid:
        """The largest UID; `IndexError` if empty."""
        return Uid(self._lasts[-1])

    def __len__(self) -> int:
        return self._before[-1]

    def __bool__(self) -> bool:
        return bool(self._firsts)

    def __contains__(self, uid: object) -> bool:
        if not isinstance(uid, int) or not 0 < uid <= MAX_UID:
            return False
        at = bisect_right(self._firsts, uid) - 1
        return at >= 0 and uid <= self._lasts[at]

    def __iter__(self) -> Iterator[Uid]:
        runs = chain.from_iterable(range(first, last + 1) for first, last in self.runs)
        return cast(Iterator[Uid], runs)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UidSet):
            return NotImplemented
        return self._firsts == other._firsts and self._lasts == other._lasts

    def __hash__(self) -> int:
        return hash((self._firsts.tobytes(), self._lasts.tobytes()))

    def __repr__(self) -> str:
        return f"UidSet({','.join(f'{a}:{b}' if a != b else str(a) for a, b in self.runs)})"

    def rank(self, uid: int) -> int | None:
        """Return how many members are at or below the member `uid`: its sequence number; None if it is none."""
        if uid not in self:
            return None
        at = bisect_right(self._firsts, uid) - 1
        return self._before[at] + uid - self._firsts[at] + 1

    def count_below(self, uid: int) -> int:
        """Return how many members are smaller than `uid`."""
        if uid <= 0:
            return 0
        at = bisect_right(self._firsts, min(uid, MAX_UID)) - 1
        if at < 0:
            return 0
        return self._before[at] + min(uid - self._firsts[at], self._lasts[at] - self._firsts[at] + 1)

    def at(self, rank: int) -> Uid:
        """Return the member whose `rank` this is (1 is the smallest); `IndexError` if there is none."""
        if not 1 <= rank <= len(self):
            raise IndexError(rank)
        at = bisect_right(self._before, rank - 1) - 1
        return Uid(self._firsts[at] + rank - 1 - self._before[at])

    def between_ranks(self, first: int, last: int) -> "UidSet":
        """Return the members whose rank is from `first` to `last`; ranks beyond the ends name nothing."""
        return self.at_ranks([(first, last)])

    def at_ranks(self, ranks: Iterable[Run]) -> "UidSet":
        """Return the members that have these ranks; ranks beyond the ends name nothing."""
        clipped = ((max(first, 1), min(last, len(self))) for first, last in ranks)
        return self & UidSet((self.at(first), self.at(last)) for first, last in clipped if first <= last)

    def ranks(self, uids: "UidSet") -> Iterator[Run]:
        """Yield the ranks of `uids`, all of which must be members, as runs (first, last) in ascending order."""
        for first, last in uids.runs:
            low = self.rank(first)
            if low is None:
                raise KeyError(first)
            yield low, low + last - first

    def __or__(self, other: "UidSet") -> "UidSet":
        if not other:
            return self
        return UidSet(chain(self.runs, other.runs)) if self else other

    def __and__(self, other: "UidSet") -> "UidSet":
        few, many = (self, other) if self.run_count <= other.run_count else (other, self)
        firsts, lasts = array("I"), array("I")
        for first, last in few.runs:
            low = bisect_left(many._lasts, first)
            high = bisect_right(many._firsts, last, low)
            if low < high:
                at = len(firsts)
                firsts += many._firsts[low:high]
                lasts += many._lasts[low:high]
                firsts[at] = max(firsts[at], first)
                lasts[-1] = min(lasts[-1], last)
        return UidSet._of_arrays(firsts, lasts)

    def __sub__(self, other: "UidSet") -> "UidSet":
        if not other or not self:
            return self
        near = other & UidSet([(self.first, self.last)])
        return self & UidSet.ascending(near._gaps()) if near else self

    def _gaps(self) -> Iterator[Run]:
        """Yield the runs of every UID that is not a member."""
        below = 1
        for first, last in self.runs:
            yield below, first - 1
            below = last + 1
        yield below, MAX_UID

    def pieces(self, size: int) -> Iterator["UidSet"]:
        """Yield the set in order, in parts of at most `size` runs."""
        for at in range(0, self.run_count, size):
            yield UidSet._of_arrays(self._firsts[at : at + size], self._lasts[at : at + size])

    def batches(self, size: int) -> Iterator["UidSet"]:
        """Yield the set in order, in parts of at most `size` members and `size` runs."""
        batch: list[Run] = []
        room = size
        for run_first, last in self.runs:
            first = run_first
            while first <= last:
                stop = min(last, first + room - 1)
                batch.append((first, stop))
                room -= stop - first + 1
                first = stop + 1
                if not room:
                    yield UidSet(batch)
                    batch, room = [], size
        if batch:
            yield UidSet(batch)


def _joined(runs: Iterable[Run]) -> tuple["array[int]", "array[int]"]:
    """Return the firsts and the lasts of runs that ascend, those joined that overlap or touch."""
    firsts, lasts = array("I"), array("I")
    for first, last in runs:
        if first > last:
            continue
        if lasts and first <= lasts[-1] + 1:
            lasts[-1] = max(last, lasts[-1])
        else:
            firsts.append(first)
            lasts.append(last)
    return firsts, lasts


EMPTY: Final = UidSet()
