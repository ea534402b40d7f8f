"""The file beside an account in which blocks of renderings lie, each in one piece: ``<account>.blocks``.

Which pieces there are, and where, is said in the database (`renderingblocks`); whoever writes has its lock.  Nothing in
the file is needed: it may be lost, be older or newer than the database, or be written to while somebody reads an old
state, and a piece that is not what the database says is missing.  So nothing here is synced.
"""

import os
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary, finalize

from mailstore.sqlite.connections import translated
from mailstore.sqlite.files import is_gone
from mailstore.sqlite.transactions import Reader

SUFFIX: Final = ".blocks"
LARGEST: Final = 2 << 20
"""Octets of a piece: what 64 renderings of 16 KB have, and what says which they are, is half of it."""


class Piece(NamedTuple):
    """Octets of the file: the first, counted from 0, how many, and a number that stands in them as well."""

    place: int
    length: int
    mark: int


class BlockFile:
    """The file of one account, for one connection; opened when it is there and needed."""

    _close: "finalize[[int], BlockFile]"

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = database.with_suffix(SUFFIX)
        self._opened: int | None = None

    def let_go_if_removed(self) -> None:
        """Let go of the open file if it has no name any more: somebody has removed it, and who writes makes another."""
        if self._opened is not None and not os.fstat(self._opened).st_nlink:
            self._close()
            self._opened = None

    def read(self, piece: Piece) -> bytes:
        """Return the octets of a piece, or as many as there are."""
        descriptor = self._descriptor()
        if descriptor is None or not 0 < piece.length <= LARGEST:
            return b""
        try:
            return os.pread(descriptor, piece.length, piece.place)
        except (OSError, OverflowError):  # a damaged row may say anything
            return b""

    @translated()
    def write(self, octets: bytes, place: int) -> None:
        """Write octets from `place` on; `Unavailable`."""
        descriptor = self._descriptor(os.O_CREAT)
        assert descriptor is not None, "it is made if it is not there"
        while octets:
            written = os.pwrite(descriptor, octets, place)
            octets, place = octets[written:], place + written

    def size(self) -> int:
        """Return the octets of the file that has its name, 0 if there is none; `Unavailable`."""
        status = self._status()
        return 0 if status is None else status.st_size

    def on_disk(self) -> int:
        """Return the octets that it takes on the disk, where what was never written takes none; `Unavailable`."""
        status = self._status()
        return 0 if status is None else status.st_blocks * 512

    @translated()
    def _status(self) -> os.stat_result | None:
        try:
            return self._path.stat()
        except FileNotFoundError:
            return None

    @translated()
    def cut(self, size: int) -> None:
        """Give back to the system what is behind the first `size` octets; `Unavailable`."""
        descriptor = self._descriptor()
        if descriptor is not None:
            os.ftruncate(descriptor, size)

    def _descriptor(self, how: int = 0) -> int | None:
        """Return the open file, None if there is none or it cannot be opened; `OSError` if it cannot be made.

        Who still has an account whose database, and then all else, was removed makes a file that has no name.
        """
        if self._opened is None:
            try:
                self._opened = os.open(self._path, os.O_RDWR | os.O_CLOEXEC | how, 0o600)
            except OSError:
                if how:
                    raise
                return None
            self._close = finalize(self, os.close, self._opened)
            if how and is_gone(self._database):
                self._path.unlink(missing_ok=True)
        return self._opened


_files: Final[WeakKeyDictionary[object, BlockFile]] = WeakKeyDictionary()
_lock: Final = Lock()


def of(reader: Reader) -> BlockFile:
    """Return the file beside a database; it is closed when the connection is gone."""
    with _lock:
        file = _files.get(reader.source)
        if file is None:
            file = _files[reader.source] = BlockFile(reader.path)
    file.let_go_if_removed()
    return file
