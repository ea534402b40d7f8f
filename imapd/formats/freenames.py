"""Names for the files of an export: those that are wished, as far as file systems and each other allow."""

from typing import Final

MAX_OCTETS: Final = 200
"""Of one name: file systems take 255, and other programs add to it."""


class FreeNames:
    """Gives each name once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, wish: str, ending: str = "") -> str:
        """Return a name like `wish`, cut and numbered if it must be, with an `ending`."""
        cut = wish.encode()[:MAX_OCTETS].decode(errors="ignore")
        name, number = cut + ending, 1
        while name.casefold() in self._taken:
            number += 1
            name = f"{cut}_{number}{ending}"
        self._taken.add(name.casefold())
        return name
