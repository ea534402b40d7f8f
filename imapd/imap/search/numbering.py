"""Numbers for names of 64 bits: a dictionary of a fifth of the memory."""

from array import array
from secrets import randbits
from typing import Final

_WORD: Final = (1 << 64) - 1


class Numbering:
    """Gives each name a number, from 1 on in the order of first mention; some 16 to 24 octets a name."""

    def __init__(self, expected: int) -> None:
        """Make room for as many names as are `expected`; more are taken too."""
        self._names = array("Q", [0])
        self._factor = randbits(64) | 1  # nobody who chooses names knows where they fall
        self._resize((expected * 4 // 3).bit_length())

    def __len__(self) -> int:
        return len(self._names) - 1

    def find(self, name: int) -> int:
        """Return the number of `name`; 0 if it was never mentioned."""
        return self._slots[self._slot(name)]

    def number(self, name: int) -> int:
        """Return the number of `name`, which is one more than there were if it was never mentioned."""
        at = self._slot(name)
        if found := self._slots[at]:
            return found
        self._slots[at] = number = len(self._names)
        self._names.append(name)
        if number * 4 > self._mask * 3:
            self._resize(self._mask.bit_length() + 1)
        return number

    def _slot(self, name: int) -> int:
        """Return where the number of `name` stands, or would."""
        names, slots, mask = self._names, self._slots, self._mask
        at = (name * self._factor & _WORD) >> self._shift
        while (found := slots[at]) and names[found] != name:
            at = (at + 1) & mask
        return at

    def _resize(self, bits: int) -> None:
        self._shift, self._mask = 64 - bits, (1 << bits) - 1
        self._slots = slots = array("I", bytes(4 << bits))
        for number in range(1, len(self._names)):
            at = (self._names[number] * self._factor & _WORD) >> self._shift
            while slots[at]:
                at = (at + 1) & self._mask
            slots[at] = number
