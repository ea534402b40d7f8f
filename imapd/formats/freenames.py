"""Names for the files of an export: those that are wished, as far as file systems and each other allow."""

from collections.abc import Callable, Iterable
from typing import Final

MAX_OCTETS: Final = 200
"""Of one name: file systems take 255, and other programs add to it."""


class FreeNames:
    """Gives each name once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """Take the names that are to be given to nothing."""
        self._taken = set(taken)

    def free(self, levels: tuple[str, ...], spelled: Callable[[tuple[str, ...]], str]) -> str:
        """Return a name for `levels`: as they are `spelled`, the longest cut and the last numbered if it must be."""
        while len(spelled(levels).encode()) > MAX_OCTETS:
            longest = max(range(len(levels)), key=lambda at: len(spelled(levels[at : at + 1])))
            levels = (*levels[:longest], levels[longest][:-1], *levels[longest + 1 :])
        name, number = spelled(levels), 1
        while name in self._taken:
            number += 1
            name = spelled((*levels[:-1], f"{levels[-1]}_{number}"))
        self._taken.add(name)
        return name
