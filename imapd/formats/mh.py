"""MH: a folder is a directory, a message a file whose name is a number; ``.mh_sequences`` names sets of messages.

::

    sequences = *(name ":" *(SP (number / number "-" number)) LF)

What is not in ``unseen`` is seen; ``flagged`` and ``replied`` are flags (mutt, Claws Mail), other names keywords.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attrs import evolve

from imapd.formats import eml
from imapd.formats.found import Folder, Found, LeftOut, head_of
from imapd.formats.status import keyword
from mailstore.model import ANSWERED, FLAGGED, SEEN, Flag

_SEQUENCES: Final = ".mh_sequences"
_FLAGS: Final = {"flagged": FLAGGED, "replied": ANSWERED}
_UNSEEN: Final = "unseen"
_CURRENT: Final = "cur"
_MAX_NUMBER: Final = 9
"""Digits of a message's number."""


def is_mh(names: list[str]) -> bool:
    """Tell whether a directory with files of these names is a folder of MH."""
    return _SEQUENCES in names


def is_message(name: str) -> bool:
    """Tell whether a file of this name is a message."""
    return name.isascii() and name.isdigit() and len(name) <= _MAX_NUMBER


def read(path: Path, names: list[str], folder: Folder) -> Iterator[Found | LeftOut]:
    """Yield the messages of one folder, whose files have these names, in the order of their numbers."""
    sequences = _sequences(path)
    unseen = sequences.pop(_UNSEEN, [])
    flags = {number: set[Flag]() for number in map(int, filter(is_message, names))}
    for name, ranges in sequences.items():
        flag = _FLAGS.get(name) or (None if name == _CURRENT else keyword(name))
        if flag is not None:
            for number in _among(flags, ranges):
                flags[number].add(flag)
    hidden = set(_among(flags, unseen))
    for number in sorted(flags):
        file = path / str(number)
        try:
            found = evolve(eml.read(file, head_of(file)), folder=folder)
        except OSError as error:
            yield LeftOut(str(file), str(error.strerror))
            continue
        seen = set() if number in hidden else {SEEN}
        yield evolve(found, flags=frozenset(flags[number] | seen))


def _sequences(path: Path) -> dict[str, list[range]]:
    try:
        text = (path / _SEQUENCES).read_text("utf-8", "replace")
    except OSError:
        return {}
    lines = (line.partition(":") for line in text.split("\n"))
    return {name.strip(): [*_ranges(numbers)] for name, colon, numbers in lines if colon}


def _ranges(numbers: str) -> Iterator[range]:
    for each in numbers.split():
        first, dash, last = each.partition("-")
        if is_message(first) and (is_message(last) or not dash):
            yield range(int(first), int(last or first) + 1)


def _among(numbers: dict[int, set[Flag]], ranges: list[range]) -> Iterator[int]:
    """Yield the numbers that are in one of some ranges; it costs no more than there are messages."""
    for each in ranges:
        if len(each) < len(numbers):
            yield from filter(numbers.__contains__, each)
        else:
            yield from filter(each.__contains__, numbers)
