"""Sets of UIDs as runs: what a mailbox holds, what a client was told, what a command names.

A mailbox of a million messages that nobody has expunged from is one run, so every operation costs by the number of
runs and not of messages.  A `UidSet` is immutable and may be shared by any number of sessions.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import accumulate, chain, count, repeat
from operator import add, or_, sub
from typing import Final, cast

from mailstore.model import Uid

Run = tuple[int, int]
"""First and last UID, both included."""

MAX_UID: Final = 0xFFFF_FFFF
"""The largest unsigned 32-bit value (RFC 3501, nz-number)."""

_ALIKE: Final = 1000
"""Runs that are looked at together: sets that have most in common are brought together at the speed of C."""
_FEW: Final = 3
"""Sets of any size that are brought together one by one; of more, which are small, all runs are sorted at once."""


class UidSet:
    """An immutable, ordered set of UIDs, kept as disjoint runs that do not touch."""

    __slots__ = ("_firsts", "_lasts", "_ranks", "_size")

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        """Take `runs` in any order, overlapping or not; a run whose first is above its last is empty."""
        ordered = sorted(runs)
        if len(ordered) == 1 and ordered[0][0] <= ordered[0][1]:  # as most have
            self._firsts, self._lasts = array("I", (ordered[0][0],)), array("I", (ordered[0][1],))
        else:
            self._firsts, self._lasts = _gathered(ordered)
        self._ranks: array[int] | None = None
        self._size: int | None = None

    @classmethod
    def _of_arrays(cls, firsts: "array[int]", lasts: "array[int]") -> "UidSet":
        """Return the set of runs that ascend and do not touch."""
        uids = cls.__new__(cls)
        uids._firsts, uids._lasts, uids._ranks, uids._size = firsts, lasts, None, None
        return uids

    def ranked(self) -> "UidSet":
        """Return the set, with what tells ranks made ready: some ten milliseconds for a hundred thousand runs."""
        self._ranks, self._size = self._before, self._before[-1]
        return self

    @property
    def _before(self) -> "array[int]":
        """How many members are before each run, and at last how many there are; made when it is first asked for."""
        if self._ranks is None:
            sizes = map(sub, self._lasts, self._firsts)
            self._ranks = array("I", map(add, accumulate(sizes, initial=0), count()))
        return self._ranks

    @classmethod
    def ascending(cls, runs: Iterable[Run]) -> "UidSet":
        """Return the set of `runs` whose firsts ascend; a million of them need no more memory than the set itself."""
        return cls._of_arrays(*_gathered(runs))

    @classmethod
    def joined(cls, parts: "Iterable[UidSet]") -> "UidSet":
        """Return the set of parts each of which is above those before it."""
        firsts, lasts = array("I"), array("I")
        for part in filter(None, parts):
            extends = 0
            if lasts and part._firsts[0] == lasts[-1] + 1:
                extends = 1
                lasts.pop()
            firsts += part._firsts[extends:]
            lasts += part._lasts
        return cls._of_arrays(firsts, lasts)

    @classmethod
    def union(cls, parts: "Sequence[UidSet]") -> "UidSet":
        """Return the set of all members of any of `parts`."""
        if len(parts) > _FEW:
            return cls(chain.from_iterable(part.runs for part in parts))
        return reduce(or_, parts, EMPTY)

    @classmethod
    def of(cls, *uids: int) -> "UidSet":
        """Return the set of just these UIDs."""
        return cls(zip(uids, uids, strict=True))

    @classmethod
    def from_uids(cls, uids: Iterable[int]) -> "UidSet":
        """Return the set of these UIDs, in any order."""
        return cls((uid, uid) for uid in uids)

    @property
    def runs(self) -> Iterator[Run]:
        """The runs in ascending order, as (first, last)."""
        return zip(self._firsts, self._lasts, strict=True)

    @property
    def runs_descending(self) -> Iterator[Run]:
        """The runs from the last to the first."""
        return zip(reversed(self._firsts), reversed(self._lasts), strict=True)

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
        if self._size is None:
            self._size = sum(self._lasts) - sum(self._firsts) + len(self._firsts)
        return self._size

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
        at = bisect_right(self._firsts, uid) - 1
        if at < 0 or uid > self._lasts[at]:
            return None
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
        few, many = (self, other) if len(self._firsts) <= len(other._firsts) else (other, self)
        if not few._firsts:
            return many
        firsts, lasts = array("I"), array("I")
        at = 0
        for few_first, few_last in few.runs:
            low = bisect_left(many._lasts, few_first - 1, at)
            high = bisect_right(many._firsts, few_last + 1, low)
            firsts += many._firsts[at:low]
            lasts += many._lasts[at:low]
            first, last = few_first, few_last
            if low < high:
                first, last = min(first, many._firsts[low]), max(last, many._lasts[high - 1])
            if lasts and first <= lasts[-1] + 1:  # a run of the many reaches from the one before to this
                lasts[-1] = max(last, lasts[-1])
            else:
                firsts.append(first)
                lasts.append(last)
            at = high
        firsts += many._firsts[at:]
        lasts += many._lasts[at:]
        return UidSet._of_arrays(firsts, lasts)

    def __and__(self, other: "UidSet") -> "UidSet":
        few, many = (self, other) if len(self._firsts) <= len(other._firsts) else (other, self)
        if not few._firsts:
            return EMPTY  # one for all: another takes 220 octets, and each session keeps some
        if few == many:
            return few
        if len(few._firsts) == 1:  # as most of what commands name, and of what happens
            first, last = few._firsts[0], few._lasts[0]
            if first <= many._firsts[0] and many._lasts[-1] <= last:
                return many
            if many._has_run(first, last):
                return few
        firsts, lasts = array("I"), array("I")
        for piece in few.pieces(_ALIKE):
            low = bisect_left(many._lasts, piece.first)
            high = bisect_right(many._firsts, piece.last, low)
            alike = piece.run_count == high - low and piece._firsts == many._firsts[low:high]
            if alike and piece._lasts == many._lasts[low:high]:
                firsts += piece._firsts
                lasts += piece._lasts
            else:
                piece._find_among(many, firsts, lasts)
        return UidSet._of_arrays(firsts, lasts)

    def _has_run(self, first: int, last: int) -> bool:
        """Tell whether all from `first` to `last` are members."""
        at = bisect_left(self._lasts, last)
        return at < len(self._firsts) and self._firsts[at] <= first

    def _find_among(self, many: "UidSet", firsts: "array[int]", lasts: "array[int]") -> None:
        """Add the runs of what is in both, found run by run."""
        for first, last in self.runs:
            low = bisect_left(many._lasts, first)
            high = bisect_right(many._firsts, last, low)
            if low < high:
                at = len(firsts)
                firsts += many._firsts[low:high]
                lasts += many._lasts[low:high]
                firsts[at] = max(firsts[at], first)
                lasts[-1] = min(lasts[-1], last)

    def __sub__(self, other: "UidSet") -> "UidSet":
        if not (other._firsts and self._firsts):
            return self
        if self._firsts[0] > other._lasts[-1] or self._lasts[-1] < other._firsts[0]:
            return self
        if self == other:
            return EMPTY
        near = other & UidSet([(self.first, self.last)])
        return self & near._gaps() if near else self

    def _gaps(self) -> "UidSet":
        """Return every UID that is not a member."""
        firsts, lasts = array("I", [1]), array("I", map(sub, self._firsts, repeat(1)))
        firsts.extend(map(add, self._lasts[:-1], repeat(1)))
        if self.last < MAX_UID:
            firsts.append(self.last + 1)
            lasts.append(MAX_UID)
        return UidSet._of_arrays(firsts[not lasts[0] :], lasts[not lasts[0] :])

    def pieces(self, size: int) -> Iterator["UidSet"]:
        """Yield the set in order, in parts of at most `size` runs."""
        for at in range(0, self.run_count, size):
            yield UidSet._of_arrays(self._firsts[at : at + size], self._lasts[at : at + size])

    def batches(self, size: int) -> Iterator["UidSet"]:
        """Yield the set in order, in parts of at most `size` members and `size` runs."""
        at = 0
        while at < self.run_count:
            batch = UidSet._of_arrays(self._firsts[at : at + size], self._lasts[at : at + size])
            at += batch.run_count
            if len(batch) <= size:
                yield batch
            else:
                yield from batch._split(size)

    def _split(self, size: int) -> Iterator["UidSet"]:
        """Yield parts of exactly `size` members, but for the last."""
        for below in range(0, len(self), size):
            yield self.between_ranks(below + 1, below + size)


def joined(runs: Iterable[Run]) -> Iterator[Run]:
    """Yield runs, whose firsts ascend, with those joined that overlap or touch, and without those that are empty."""
    pending: Run | None = None
    for first, last in runs:
        if first > last:
            continue
        if pending is None:
            pending = first, last
        elif first <= pending[1] + 1:
            pending = pending[0], max(last, pending[1])
        else:
            yield pending
            pending = first, last
    if pending is not None:
        yield pending


def _gathered(runs: Iterable[Run]) -> tuple["array[int]", "array[int]"]:
    """Return the firsts and the lasts of runs that ascend, joined."""
    firsts, lasts = array("I"), array("I")
    for first, last in joined(runs):
        firsts.append(first)
        lasts.append(last)
    return firsts, lasts


EMPTY: Final = UidSet()
