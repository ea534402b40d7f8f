"""Keywords of a Maildir's messages: small letters that Dovecot's list explains, and Courier's lists by file."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from attrs import Factory, frozen

from imapd.formats.status import keyword
from mailstore.model import Flag, Flags

_DOVECOT: Final = re.compile(r"^(\d|1\d|2[0-5]) (.+)$", re.ASCII | re.MULTILINE)
_COURIER: Final = re.compile(r"(.+):([\d ]+)", re.ASCII)
_LATER: Final = re.compile(r"\.(\d{1,9})\.(.+)", re.ASCII)
FILE: Final = "dovecot-keywords"
MAX_LETTERS: Final = 26
"""Keywords of one folder that letters can name."""
_COURIERS: Final = "courierimapkeywords"
_LIST: Final = ":list"


@frozen
class Keywords:
    """What tells the keywords of messages.

    Attributes:
        letters: keywords by the letter in a file's name.
        by_base: more of them, by the base of a file's name.

    """

    letters: dict[str, Flag] = Factory(dict)
    by_base: dict[str, Flags] = Factory(dict)

    def of(self, base: str, letters: str) -> Iterator[Flag]:
        """Yield the keywords of a message."""
        yield from (self.letters[letter] for letter in letters if letter in self.letters)
        yield from self.by_base.get(base, ())


def read(folder: Path) -> Keywords:
    """Return what is written down beside the messages of a folder."""
    named = [(chr(ord("a") + int(number)), keyword(name)) for number, name in _DOVECOT.findall(_text(folder / FILE))]
    return Keywords(
        {letter: flag for letter, flag in named if flag},
        _courier(folder / _COURIERS),
    )


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "surrogateescape")
    except OSError:
        return ""


def _courier(folder: Path) -> dict[str, Flags]:
    """Return keywords by file: those of the list, and then those of files that Courier has changed since."""
    names, _, entries = _text(folder / _LIST).partition("\n\n")
    keywords = names.split("\n")
    found = {}
    for entry in filter(None, map(_COURIER.fullmatch, entries.split("\n"))):
        numbers = (int(number) for number in entry[2].split())
        found[entry[1]] = _flags(keywords[number] for number in numbers if number < len(keywords))
    for base, name in _changed(folder).items():
        found[base] = _flags(_text(folder / name).split("\n"))
    return found


def _changed(folder: Path) -> dict[str, str]:
    """Return by the base of a message's file which file has its keywords: the one with no number, or the last."""
    newest: dict[str, tuple[float, str]] = {}
    try:
        names = os.listdir(folder)
    except OSError:
        return {}
    for name in names:
        if name == _LIST:
            continue
        later = _LATER.fullmatch(name)
        base, number = (later[2], float(later[1])) if later else (name, float("inf"))
        newest[base] = max(newest.get(base, (-1.0, "")), (number, name))
    return {base: name for base, (_, name) in newest.items()}


def _flags(names: Iterable[str]) -> Flags:
    return frozenset(flag for flag in map(keyword, names) if flag)


def write(folder: Path, letters: Mapping[Flag, str], others: Mapping[str, Sequence[Flag]]) -> None:
    """Write down what letters mean, and the keywords that have none by the base of a message's file; `OSError`."""
    if letters:
        lines = [f"{ord(letter) - ord('a')} {flag}\n" for flag, letter in letters.items()]
        (folder / FILE).write_text("".join(lines), "ascii")
    if others:
        numbers = {flag: number for number, flag in enumerate(sorted({*chain(*others.values())}))}
        lines = [f"{base}:{' '.join(str(numbers[flag]) for flag in flags)}\n" for base, flags in others.items()]
        (folder / _COURIERS).mkdir()
        (folder / _COURIERS / _LIST).write_text("".join([*(f"{flag}\n" for flag in numbers), "\n", *lines]), "ascii")
