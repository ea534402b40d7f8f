"""A disk that forgets: what was asked of it below one folder, in order, and what a power cut may leave of that.

Files are written through a VFS of SQLite's, folders through `os`; `Recorder` notes both.  `Disk` is a model of what is
on the disk for certain and what is on its way there: until a file is synced, any of the sectors that were written to it
may be there; until a folder is synced, of the names that came and went the last ones may not have.  Nothing is said of
the order between files.
"""

import os
from itertools import count, pairwise
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import apsw

SECTOR = 512
"""Octets that a disk writes as a whole or not at all."""


class Made(NamedTuple):
    """A name came into a folder: of a file, or if there is no `inode` of a folder."""

    path: str
    inode: int | None


class Gone(NamedTuple):
    """A name went."""

    path: str


class Wrote(NamedTuple):
    """Octets were written to a file."""

    inode: int
    offset: int
    octets: bytes


class Resized(NamedTuple):
    """A file was cut or extended."""

    inode: int
    size: int


class Synced(NamedTuple):
    """What was written to a file before so many events is on the disk."""

    inode: int
    before: int


class Lost(NamedTuple):
    """A sync failed: what was written to a file before is never on the disk, though who reads it finds it there."""

    inode: int


class SyncedFolder(NamedTuple):
    """Every name in a folder is on the disk."""

    path: str


class Noted(NamedTuple):
    """Something happened that is no matter of disks."""

    what: Any


class Recorder:
    """Notes what is done to the files below a folder, which is empty at first, by everybody in this process.

    A write is noted before it is done, a sync when it is done: a cut in between finds the first undone, maybe.
    `fault` is asked before each ``write`` and ``sync`` of a file of SQLite's, by its path and where the write ends; it
    returns the error that comes of it, or None.
    """

    def __init__(self, root, fault=lambda operation, path, end: None, before=None):
        """Take the folder, and the recorder of what happened to it `before`, in another folder, if it is no new one."""
        self.root = os.path.abspath(root)
        self.fault = fault
        self.events = [] if before is None else before.events
        self.inodes = {} if before is None else dict(before.inodes)
        self._numbers = count(1 + max(self.inodes.values(), default=0))
        self._lock = Lock()

    def note(self, what):
        self.events.append(Noted(what))

    def ours(self, path):
        """Tell whether a path is below the folder."""
        return isinstance(path, str) and path.startswith(f"{self.root}/")

    def name(self, path):
        """Return a path as seen from the folder, which is empty itself."""
        return os.fspath(path)[len(self.root) + 1 :]

    def inode(self, path):
        return self.inodes[self.name(path)]

    def made(self, path, inode=None):
        name = self.name(path)
        with self._lock:
            if name not in self.inodes:
                self.inodes[name] = inode or next(self._numbers)
                self.events.append(Made(name, self.inodes[name]))

    def gone(self, path):
        name = self.name(path)
        with self._lock:
            if self.inodes.pop(name, None):
                self.events.append(Gone(name))

    def __enter__(self):
        self._vfs = _Vfs(self)
        self._patched = {name: getattr(os, name) for name in ("open", "mkdir", "link", "unlink", "replace", "fsync")}
        for name in self._patched:
            setattr(os, name, getattr(self, f"_{name}"))
        return self

    def __exit__(self, *_):
        for name, function in self._patched.items():
            setattr(os, name, function)
        self._vfs.unregister()

    # What stands for the functions of `os`

    def _open(self, path, flags, mode=0o777, **others):
        named = os.fspath(path)
        descriptor = self._patched["open"](path, flags, mode, **others)
        if self.ours(named) and flags & os.O_CREAT:
            self.made(named)
        return descriptor

    def _mkdir(self, path, *others, **more):
        self._patched["mkdir"](path, *others, **more)
        if self.ours(os.fspath(path)):
            self.events.append(Made(self.name(path), None))

    def _link(self, source, target, **others):
        self._patched["link"](source, target, **others)
        if self.ours(os.fspath(target)):
            self.made(target, self.inode(source))

    def _unlink(self, path, **others):
        self._patched["unlink"](path, **others)
        if self.ours(os.fspath(path)):
            self.gone(path)

    def _replace(self, source, target, **others):
        self._patched["replace"](source, target, **others)
        if self.ours(os.fspath(target)):
            inode = self.inode(source)
            self.gone(target)
            self.gone(source)
            self.made(target, inode)

    def _fsync(self, descriptor):
        before = len(self.events)
        self._patched["fsync"](descriptor)
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        if self.ours(f"{path}/"):
            name = self.name(path)
            known = name in self.inodes
            self.events.append(Synced(self.inodes[name], before) if known else SyncedFolder(name))


class _Vfs(apsw.VFS):
    def __init__(self, recorder):
        self.recorder = recorder
        super().__init__("recorded", "unix", makedefault=True)

    def xOpen(self, name, flags):  # SQLite's name
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if not self.recorder.ours(path):
            return apsw.VFSFile("unix", name, flags)
        if flags[0] & apsw.SQLITE_OPEN_CREATE:
            self.recorder.made(path)
        return _File(self.recorder, path, name, flags)

    def xDelete(self, name, syncdir):
        super().xDelete(name, syncdir)
        if self.recorder.ours(name):
            self.recorder.gone(name)
            if syncdir:
                self.recorder.events.append(SyncedFolder(os.path.dirname(self.recorder.name(name))))


class _File(apsw.VFSFile):
    def __init__(self, recorder, path, name, flags):
        self.path, self.fault, self.events = path, recorder.fault, recorder.events
        self.inode = recorder.inode(path)
        # SQLite's own VFS syncs the folder with the first sync of a journal that it made
        journal = flags[0] & (apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL)
        self.folder = os.path.dirname(recorder.name(path)) if journal else None
        super().__init__("unix", name, flags)

    def xWrite(self, data, offset):
        error = self.fault("write", self.path, offset + len(data))
        if error is not None:
            data = data[: len(data) // 2]
        self.events.append(Wrote(self.inode, offset, bytes(data)))
        super().xWrite(data, offset)
        if error is not None:
            raise error

    def xTruncate(self, size):
        self.events.append(Resized(self.inode, size))
        super().xTruncate(size)

    def xSync(self, flags):
        error = self.fault("sync", self.path, 0)
        if error is not None:
            self.events.append(Lost(self.inode))
            raise error
        before = len(self.events)
        super().xSync(flags)
        self.events.append(Synced(self.inode, before))
        if self.folder is not None:
            self.events.append(SyncedFolder(self.folder))
            self.folder = None


class Folder:
    """Names: those that are on the disk, and those that came and went since."""

    def __init__(self):
        self.names = {}
        self.pending = []

    def sync(self):
        self.names = self.after(len(self.pending))
        self.pending = []

    def after(self, number):
        """Return the names when the first so many of what is pending are on the disk."""
        names = dict(self.names)
        for name, inode in self.pending[:number]:
            if inode is Gone:
                names.pop(name, None)
            else:
                names[name] = inode
        return names


class File:
    """Octets: those that are on the disk, and what was written since."""

    def __init__(self):
        self.octets = bytearray()
        self.pending = []

    def sync(self, before):
        for number, event in self.pending:
            if number < before:
                _do(self.octets, event)
        self.pending = [(number, event) for number, event in self.pending if number >= before]

    def cut(self, rng):
        """Return what a power cut may leave."""
        octets = bytearray(self.octets)
        whole = rng.choice([0.0, 1.0, rng.random()])
        for _, event in self.pending[: rng.choice([len(self.pending), rng.randint(0, len(self.pending))])]:
            for part in _sectors(event):
                if rng.random() < whole:
                    _do(octets, part)
        return bytes(octets)


def _do(octets, event):
    if isinstance(event, Resized):
        del octets[event.size :]
        octets.extend(bytes(event.size - len(octets)))
        return
    octets.extend(bytes(max(0, event.offset - len(octets))))
    octets[event.offset : event.offset + len(event.octets)] = event.octets


def _sectors(event):
    """Return the parts of an event of which each may or may not be on the disk."""
    if isinstance(event, Resized):
        return [event]
    end = event.offset + len(event.octets)
    bounds = [event.offset, *range((event.offset // SECTOR + 1) * SECTOR, end, SECTOR), end]
    return [Wrote(event.inode, a, event.octets[a - event.offset : b - event.offset]) for a, b in pairwise(bounds)]


class Disk:
    """What the events so far have brought to the disk."""

    def __init__(self):
        self.folders = {"": Folder()}
        self.files = {}
        self.taken = 0

    def take(self, event):
        """Go on by one event."""
        number, self.taken = self.taken, self.taken + 1
        match event:
            case Made(path, inode):
                self.folders[os.path.dirname(path)].pending.append((os.path.basename(path), inode))
                if inode is None:
                    self.folders[path] = Folder()
                else:
                    self.files.setdefault(inode, File())
            case Gone(path):
                self.folders[os.path.dirname(path)].pending.append((os.path.basename(path), Gone))
            case Wrote() | Resized():
                self.files[event.inode].pending.append((number, event))
            case Synced(inode, before):
                self.files[inode].sync(before)
            case Lost(inode):
                self.files[inode].pending = []
            case SyncedFolder(path):
                self.folders[path].sync()

    def cut(self, target, rng):
        """Write to a new folder what a power cut may leave."""
        self._cut("", Path(target), rng)

    def _cut(self, path, target, rng):
        target.mkdir()
        folder = self.folders[path]
        surviving = rng.choice([0, len(folder.pending), rng.randint(0, len(folder.pending))])
        for name, inode in folder.after(surviving).items():
            if inode is None:
                self._cut(os.path.join(path, name), target / name, rng)
            else:
                (target / name).write_bytes(self.files[inode].cut(rng))


def unsynced(events):
    """Return the paths of files, those that are gone left out, of which octets are on their way to the disk."""
    paths, waiting = {}, {}
    for number, event in enumerate(events):
        match event:
            case Made(path, inode):
                paths[path] = inode
            case Gone(path):
                del paths[path]
            case Wrote() | Resized():
                waiting[event.inode] = number
            case Lost(inode):
                waiting.pop(inode, None)
            case Synced(inode, before) if waiting.get(inode, before) < before:
                del waiting[inode]
    return {path for path, inode in paths.items() if inode in waiting}
