"""Limits as administrators write and read them: ``500M``, ``2G``, ``10000``, ``unlimited``."""

import re
from typing import Final

from mailstore.model import UNLIMITED

_UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_SIZE: Final = re.compile(r"([1-9][0-9]{0,11})([KMGT]?)", re.IGNORECASE)
_COUNT: Final = re.compile(r"[1-9][0-9]{0,17}")
_UNLIMITED: Final = "unlimited"

A_SIZE: Final = "a size, such as 500M or 2G, or unlimited"
A_COUNT: Final = "a number, 1 at least, or unlimited"


def octets(text: str) -> int:
    """Return a size in octets; the units K, M, G and T are powers of 1024.  `ValueError` if it is none."""
    if text == _UNLIMITED:
        return UNLIMITED
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(A_SIZE)
    return int(found[1]) * _UNITS[found[2].upper()]


def count(text: str) -> int:
    """Return a number; `ValueError` if it is none."""
    if text == _UNLIMITED:
        return UNLIMITED
    if not _COUNT.fullmatch(text):
        raise ValueError(A_COUNT)
    return int(text)


def spell_octets(size: int) -> str:
    """Return the text that `octets` takes for this size, in the largest unit that is exact."""
    if size == UNLIMITED:
        return _UNLIMITED
    unit = max((name for name, one in _UNITS.items() if not size % one), key=_UNITS.__getitem__) if size else ""
    return f"{size // _UNITS[unit]}{unit}"


def spell_count(number: int) -> str:
    """Return the text that `count` takes for this number."""
    return _UNLIMITED if number == UNLIMITED else str(number)


def roughly(size: int) -> str:
    """Return a size for people, with one digit behind the point: ``1.5G``."""
    unit = max((name for name, one in _UNITS.items() if size >= one), key=_UNITS.__getitem__, default="")
    return f"{size / _UNITS[unit]:.1f}{unit}" if unit else str(size)
