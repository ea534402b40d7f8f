"""Maildirs, with folders beside or inside one another, as Dovecot, Courier, mutt and our export leave them.

A folder's files are in its ``cur`` and ``new``; in ``cur`` the letters after ``:2,`` are flags.  Folders below it are
those of Maildir++ and nested ones (`imapd.formats.maildirnames`).
"""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from stat import S_ISREG
from typing import Final

from attrs import evolve, frozen

from imapd.formats import exported, maildirkeywords, maildirnames, subscriptions, uidlists
from imapd.formats.exported import Place
from imapd.formats.found import Folder, Found, Item, LeftOut, Subscribed, pieces_of
from imapd.formats.maildirkeywords import Keywords
from imapd.formats.maildirnames import FileName
from imapd.formats.uidlformat import UidlFormat
from imapd.formats.uidlists import UidList
from mailstore.model import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN, Flag, Flags, InternalDate
from mailstore.names import INBOX, MAX_LEVELS

LETTERS: Final = {"D": DRAFT, "F": FLAGGED, "P": Flag("$Forwarded"), "R": ANSWERED, "S": SEEN, "T": DELETED}
_MAIL: Final = frozenset({"cur", "new", "tmp", "courierimapkeywords", "courierimaphieracl"})
_LAST: Final = 1 << 32
"""Sorts what has no UID behind all that have one."""


def is_maildir(path: Path) -> bool:
    """Tell whether a folder is one: it has ``cur`` and ``new``, though a copy may lack an empty ``tmp``."""
    return (path / "cur").is_dir() and (path / "new").is_dir()


def holds_maildir(path: Path) -> bool:
    """Tell whether a folder or one somewhere below it is a Maildir."""
    return any(isinstance(each, _Maildir) for each in _walk(path, ()))


@frozen
class _Scope:
    """What is said at the place where Maildirs begin, of all that are below it.

    Attributes:
        root: the place.
        levels: of its own name.
        subscribed: every subscribed name, by its levels below the place; None if nothing tells.
        places: what our export says.

    """

    root: Path
    levels: tuple[str, ...]
    subscribed: frozenset[tuple[str, ...]] | None
    places: dict[str, Place]

    def folder(self, path: Path, levels: tuple[str, ...]) -> Folder:
        """Return the folder at `path`, whose own name says `levels`."""
        below = levels[len(self.levels) :]
        is_subscribed = None if self.subscribed is None else (below or (INBOX,)) in self.subscribed
        place = self.places.get(path.relative_to(self.root).as_posix())
        if place is None:
            return Folder(levels, subscribed=is_subscribed)
        return Folder(self.levels + _below_inbox(place.levels), None, place.special_use, is_subscribed)

    def others(self, known: set[tuple[str, ...]]) -> Iterator[Subscribed]:
        """Yield the subscriptions that are of no folder; `known` are the levels that folders' own names say."""
        named = {maildirnames.levels_of(path): place.levels for path, place in self.places.items()}
        for below in sorted(self.subscribed or ()):
            if self.levels + _below_inbox(below) not in known:
                yield Subscribed(self.levels + _below_inbox(named.get(below, below)))


def _below_inbox(levels: tuple[str, ...]) -> tuple[str, ...]:
    """Return the levels of a folder: the one where it all begins is INBOX."""
    return () if levels == (INBOX,) else levels


def read(path: Path, uidl_format: UidlFormat) -> Iterator[Item]:
    """Yield the folders at and below `path`, each with its messages, then what else is subscribed.

    Messages that Dovecot has in INBOX have UIDLs in that format, unless it has written down others.
    """
    scopes = [_scope(_Maildir(path, ()))]
    known: set[tuple[str, ...]] = set()
    for each in _walk(path, ()):
        if isinstance(each, LeftOut):
            yield each
            continue
        while not each.path.is_relative_to(scopes[-1].root):
            yield from scopes.pop().others(known)
        if each.path != path and (own := _scope(each)).subscribed is not None:
            scopes.append(own)
        known.add(each.levels)
        files, unread = _files(each.path)  # before what is written down of them, which is so no older than they are
        listed = uidlists.read(each.path)
        folder = evolve(scopes[-1].folder(each.path, each.levels), identity=listed.identity)
        if not folder.levels:
            listed.name(uidl_format)
        yield folder
        yield from unread
        yield from _messages(each.path, files, folder, listed)
    while scopes:
        yield from scopes.pop().others(known)


@frozen
class _Maildir:
    """A Maildir, and the levels of its name."""

    path: Path
    levels: tuple[str, ...]


def _scope(found: _Maildir) -> _Scope:
    is_flat = any(name.startswith(".") for name in _below(found.path))
    subscribed = subscriptions.read(found.path, "." if is_flat else "/")
    return _Scope(
        found.path,
        found.levels,
        None if subscribed is None else frozenset(subscribed),
        exported.read(found.path),
    )


def _walk(path: Path, levels: tuple[str, ...]) -> Iterator[_Maildir | LeftOut]:
    """Yield the Maildirs at and below `path`, each before those below it; links to folders are not followed."""
    waiting = [_Maildir(path, levels)]
    while waiting:
        found = waiting.pop()
        if is_maildir(found.path):
            yield found
        try:
            below = _below(found.path)
        except OSError as error:
            yield LeftOut(str(found.path), str(error.strerror))
            continue
        for name in reversed(below):
            inner = _Maildir(found.path / name, found.levels + maildirnames.levels_of(name))
            if inner.path.is_symlink():
                if is_maildir(inner.path):
                    yield LeftOut(str(inner.path), "a link to a folder is not followed; import what it leads to")
            elif len(inner.levels) > MAX_LEVELS:
                yield LeftOut(str(inner.path), f"folders in more than {MAX_LEVELS} levels are not looked for")
            else:
                waiting.append(inner)


def _below(path: Path) -> list[str]:
    with os.scandir(path) as entries:
        return sorted(entry.name for entry in entries if entry.name not in _MAIL and entry.is_dir())


_Files = list[tuple[str, str]]


def _files(path: Path) -> tuple[_Files, list[LeftOut]]:
    """Return the names of the files in ``new`` and ``cur``, each behind that, and what cannot be read."""
    files, unread = [], []
    for sub in ("new", "cur"):  # what goes from one to the other meanwhile must not be missed
        try:
            files += [(sub, name) for name in os.listdir(path / sub) if not name.startswith(".")]
        except OSError as error:
            unread.append(LeftOut(str(path / sub), str(error.strerror)))
    return files, unread


def _messages(path: Path, files: _Files, folder: Folder, listed: UidList) -> Iterator[Found | LeftOut]:
    """Yield the messages of one folder by UID, those that have none last and by the names of their files."""
    keywords = maildirkeywords.read(path)
    by_uid = sorted((listed.uids.get(maildirnames.parse(name).base, _LAST), name, sub) for sub, name in files)
    known: set[tuple[str, str]] = set()
    for _, name, sub in by_uid:
        file = path / sub / name
        try:
            yield _message(file, folder, listed, keywords)
        except OSError as error:
            again = _again(path, name) if isinstance(error, FileNotFoundError) else None
            known = known or set(files)
            if again is None or again == (sub, name):
                yield LeftOut(str(file), str(error.strerror))
            elif again not in known:
                yield from _messages(path, [again], folder, listed)


def _again(path: Path, name: str) -> tuple[str, str] | None:
    """Return where the file is that had a name until it was given other flags; None if it is gone."""
    base = maildirnames.parse(name).base
    near = ((sub, each) for sub, each in _files(path)[0] if each.startswith(base))
    return next((found for found in near if maildirnames.parse(found[1]).base == base), None)


def _message(file: Path, folder: Folder, listed: UidList, keywords: Keywords) -> Found | LeftOut:
    stat, name = file.stat(), maildirnames.parse(file.name)
    if not S_ISREG(stat.st_mode):
        return LeftOut(str(file), "it is no file")
    seconds = stat.st_mtime_ns // 1_000_000_000 if name.seconds is None else name.seconds
    return Found(
        source=str(file),
        size=stat.st_size,
        pieces=partial(pieces_of, file),
        flags=_flags(name, keywords),
        internal_date=InternalDate(seconds, name.zone or 0),
        folder=folder,
        uid=listed.uids.get(name.base),
        uidl=listed.uidls.get(name.base),
        is_exact=name.is_exact,
    )


def _flags(name: FileName, keywords: Keywords) -> Flags:
    system = (LETTERS[letter] for letter in name.letters if letter in LETTERS)
    return frozenset([*system, *keywords.of(name.base, name.letters)])
