"""What a path holds, told by content.

A folder with a Maildir in it is read as Maildirs; of any other folder all files are read, in it and below it, except
hidden ones, and those below it keep their folders: an mbox is one of its own, the messages of a directory are in one
together.  A file that begins with an mbox separator is an mbox, one that begins with a header field is a message.  The
name decides only where content cannot: ``.eml`` is one message, octet for octet, even if it begins with a separator (as
long as there is no second one), and even if it begins like no message at all.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG
from typing import Final

from attrs import evolve, frozen

from imapd.formats import eml, exported, maildir, mbox, mh, subscriptions
from imapd.formats.exported import Place
from imapd.formats.found import ROOT, Folder, Found, Item, LeftOut, Subscribed, head_of
from imapd.formats.hints import NONE, Hints
from mailstore.names import INBOX, MAX_LEVELS

_COMPANIONS: Final = frozenset({".msf", ".dat"})
"""Files that Thunderbird keeps beside its mboxes."""
_MBOXES: Final = (".mbox", ".mbx", ".sbd")
"""What names of mboxes, and of folders with those below them, end with."""
_WHOLE: Final = "mbox"
"""The name of an mbox that is the folder of its directory (Apple Mail)."""


def read(path: Path, hints: Hints = NONE) -> Iterator[Item]:
    """Yield all messages that `path` holds."""
    try:
        if not path.is_dir():
            yield from _file(path, ROOT, hints)
        elif maildir.holds_maildir(path):
            yield from maildir.read(path, hints.uidl_format)
        else:
            yield from _Tree(path, hints).read()
    except OSError as error:
        yield LeftOut(os.fspath(error.filename or path), str(error.strerror))


@frozen
class _Directory:
    """A directory, and the levels of its name."""

    path: Path
    levels: tuple[str, ...] = ()


class _Tree:
    """A directory with mboxes and messages, and those below it."""

    def __init__(self, root: Path, hints: Hints) -> None:
        self._root, self._hints = root, hints
        self._places = exported.read(root)
        self._subscribed = subscriptions.read_hidden(root)
        self._known: set[tuple[str, ...]] = set()

    def read(self) -> Iterator[Item]:
        """Yield all that is in it."""
        waiting = [_Directory(self._root)]
        while waiting:
            directory = waiting.pop()
            try:
                names = sorted(os.listdir(directory.path))
                if len(directory.levels) > MAX_LEVELS:
                    yield LeftOut(str(directory.path), f"folders in more than {MAX_LEVELS} levels are not looked for")
                    continue
                yield from map(self._noted, self._files(directory, names))
                waiting += reversed(list(_below(directory, names)))
            except OSError as error:
                yield LeftOut(os.fspath(error.filename or directory.path), str(error.strerror))
        for levels in self._subscribed or ():
            if levels not in self._known:
                yield Subscribed(levels)

    def _noted(self, item: Item) -> Item:
        """Return an item, and note whose folder it is: subscriptions of others are told by themselves."""
        folder = item.folder if isinstance(item, Found) else item
        if isinstance(folder, Folder):
            self._known.add(folder.levels or (INBOX,))
        return item

    def _files(self, directory: _Directory, names: list[str]) -> Iterator[Item]:
        together = self._folder(directory.levels)
        if mh.is_mh(names):
            yield together
            yield from mh.read(directory.path, names, together)
            names = [name for name in names if not mh.is_message(name)]
        for name in names:
            path = directory.path / name
            if name.startswith(".") or name == exported.FILE or path.suffix in _COMPANIONS or path.is_dir():
                continue
            try:
                yield from _file(path, together, self._hints, self._own(path, directory))
            except OSError as error:
                yield LeftOut(str(path), str(error.strerror))

    def _own(self, path: Path, directory: _Directory) -> Folder:
        """Return the folder that a file would be as an mbox."""
        place = self._places.get(path.relative_to(self._root).as_posix())
        if path.name == _WHOLE:
            return self._folder(directory.levels, place)
        return self._folder((*directory.levels, _level(path.name)), place)

    def _folder(self, levels: tuple[str, ...], place: Place | None = None) -> Folder:
        if place is not None:
            levels = place.levels
        levels = () if levels == (INBOX,) else levels
        subscribed = None if self._subscribed is None else (levels or (INBOX,)) in self._subscribed
        return Folder(levels, None, place.special_use if place else None, subscribed)


def _below(directory: _Directory, names: list[str]) -> Iterator[_Directory]:
    """Yield the directories in a directory; a link to one could lead round in circles."""
    for name in names:
        path = directory.path / name
        if not name.startswith(".") and path.is_dir() and not path.is_symlink():
            yield _Directory(path, (*directory.levels, _level(name)))


def _level(name: str) -> str:
    for ending in _MBOXES:
        name = name.removesuffix(ending)
    return os.fsencode(name).decode(errors="replace")


def _file(path: Path, together: Folder, hints: Hints, own: Folder | None = None) -> Iterator[Item]:
    """Yield what a file holds: a message goes `together` with others, an mbox may be a folder of its `own`."""
    if not S_ISREG(path.stat().st_mode):
        yield LeftOut(str(path), "it is neither a file nor a folder")
        return
    head = head_of(path)
    is_eml = path.suffix.lower() == ".eml"
    if mbox.begins_mbox(head) and not (is_eml and not mbox.holds_several(path)):
        yield from mbox.read(path, own or together, hints.dialect)
    elif head and (is_eml or eml.begins_message(head)):
        yield evolve(eml.read(path, head), folder=together)
    elif head:
        yield LeftOut(str(path), "it begins like no mail; if it is a message, let its name end with .eml")
    elif own is not None and path.suffix in {"", *_MBOXES}:
        yield own
