"""Maildirs, with folders beside or inside one another.

A folder's files are in its ``cur`` and ``new``; in ``cur`` the letters after ``:2,`` are flags.  Folders below it are
those of Maildir++ (``.Work.2024`` is Work/2024) and nested ones (``Work/2024``), named in modified UTF-7 or UTF-8.  A
``/`` inside the name of one level, which only modified UTF-7 can hide there, becomes ``_``.
"""

import os
import re
from base64 import b64decode
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from imapd.formats import dates
from imapd.formats.found import Found, LeftOut, pieces_of
from imapd.formats.status import keyword
from mailstore.model import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN, Flag, Flags
from mailstore.names import SEPARATOR

_INFO: Final = re.compile(r"[:!;]2,([A-Za-z]*)")
"""``:2,`` and what is written for it where a file name may hold no colon."""
_LETTERS: Final = {"D": DRAFT, "F": FLAGGED, "P": Flag("$Forwarded"), "R": ANSWERED, "S": SEEN, "T": DELETED}
_KEYWORD_LINE: Final = re.compile(r"^(\d|1\d|2[0-5]) (.+)$", re.ASCII | re.MULTILINE)
_SHIFTED: Final = re.compile(r"&([A-Za-z0-9+,]*)-")
"""RFC 3501, 5.1.3."""
_MAIL: Final = frozenset({"cur", "new", "tmp"})


def is_maildir(path: Path) -> bool:
    """Tell whether a folder is one: it has ``cur`` and ``new``, though a copy may lack an empty ``tmp``."""
    return (path / "cur").is_dir() and (path / "new").is_dir()


def holds_maildir(path: Path) -> bool:
    """Tell whether a folder or one somewhere below it is a Maildir."""
    return is_maildir(path) or any(holds_maildir(below) for below in _below(path))


def read(path: Path, folder: tuple[str, ...] = ()) -> Iterator[Found | LeftOut]:
    """Yield the messages of `path` and of all folders below it; `folder` are the levels of its own name."""
    if is_maildir(path):
        yield from _messages(path, folder)
    for below in _below(path):
        yield from read(below, folder + _levels(below.name))


def _below(path: Path) -> list[Path]:
    with os.scandir(path) as entries:
        return sorted(
            Path(entry) for entry in entries if entry.name not in _MAIL and entry.is_dir(follow_symlinks=False)
        )


def _levels(name: str) -> tuple[str, ...]:
    levels = name.split(".") if name.startswith(".") else [name]
    return tuple(_decoded(level).replace(SEPARATOR, "_") for level in levels if level)


def _decoded(level: str) -> str:
    """Read modified UTF-7 and leave what is none; Courier shifts ``.`` and ``/`` too, which the RFC forbids."""
    text = os.fsencode(level).decode(errors="replace")
    return _SHIFTED.sub(lambda shifted: _unshifted(shifted[1]) or shifted[0], text)


def _unshifted(base64: str) -> str:
    if not base64:
        return "&"
    try:
        return b64decode(base64.replace(",", "/") + "=" * (-len(base64) % 4)).decode("utf-16-be")
    except ValueError:
        return ""


def _messages(path: Path, folder: tuple[str, ...]) -> Iterator[Found | LeftOut]:
    keywords = _keywords(path)
    for sub in ("cur", "new"):
        for name in sorted(os.listdir(path / sub)):
            if name.startswith("."):
                continue
            file = path / sub / name
            try:
                yield Found(
                    source=str(file),
                    size=file.stat().st_size,
                    pieces=partial(pieces_of, file),
                    flags=_flags(name, keywords),
                    internal_date=dates.from_mtime(file),
                    folder=folder,
                )
            except OSError as error:
                yield LeftOut(str(file), str(error.strerror))


def _flags(name: str, keywords: dict[str, Flag]) -> Flags:
    info = _INFO.search(name)
    known = _LETTERS | keywords
    return frozenset(known[letter] for letter in info[1] if letter in known) if info else frozenset()


def _keywords(path: Path) -> dict[str, Flag]:
    """Return what the small letters mean, by Dovecot's file of lines such as ``0 $Forwarded``."""
    try:
        lines = (path / "dovecot-keywords").read_text("ascii", "replace")
    except OSError:
        return {}
    named = [(chr(ord("a") + int(number)), keyword(name)) for number, name in _KEYWORD_LINE.findall(lines)]
    return {letter: flag for letter, flag in named if flag}
