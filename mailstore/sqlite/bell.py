"""The wake-up between processes: a file that is written to after each commit, and watched by the others.

What is written is a stamp that never was there before, and it is there before anybody is told that the change is done.
So who finds the stamp that he read before his last look at the account has missed nothing that anybody was told.
Whoever uses an account has its bell open, and a shared lock on it: so others know, though there may be no connection to
the account's file.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from twisted.logger import Logger

from mailstore.errors import Busy, NotFound, Unavailable
from mailstore.sqlite.connections import translated
from mailstore.sqlite.files import is_gone

STAMP: Final = 8
"""Octets of a stamp; random, so that no two processes need agree on the next."""

_log = Logger()


class Bell:
    """The bell of an account, or of the register.

    (Not the write-ahead log: that is written before others can see the commit.)
    """

    def __init__(self, path: Path) -> None:
        """Open the file, made if it is not there, and use the account; blocking; `Busy` if that must not be now."""
        self.path = path
        self._descriptor = _open(path)
        try:
            _lock(self._descriptor, fcntl.LOCK_SH)
            if self.stamp() is None:
                with suppress(Unavailable):  # nothing is done yet that anybody could miss
                    self.ring()
        except BaseException:
            self.close()
            raise

    def ring(self) -> None:
        """Wake the others, with a new stamp, or with none where the disk takes none; blocking.

        Raises:
            Unavailable: the old one stays, by which others would miss what was done, so nobody may be told that it is.

        """
        try:
            os.pwrite(self._descriptor, os.urandom(STAMP), 0)
        except OSError as error:
            _log.error("a bell takes no stamp: {error}", error=error)
            with translated():
                os.ftruncate(self._descriptor, 0)  # without one the others ask each time

    def stamp(self) -> bytes | None:
        """Return the stamp of the last change; None if there is none, or the disk does not say."""
        try:
            stamp = os.pread(self._descriptor, STAMP, 0)
        except OSError:
            return None
        return stamp if len(stamp) == STAMP else None

    @contextmanager
    def upkeep(self) -> Iterator[bool]:
        """Yield whether it is this process that looks after the account meanwhile, and no other."""
        try:
            descriptor = _open(self.path.with_suffix(".upkeep"))
        except OSError:  # no room for another file
            yield False
            return
        try:
            yield _lock_if_free(descriptor)
        finally:
            os.close(descriptor)

    def is_removed(self) -> bool:
        """Tell whether the account is certainly removed, though another one may have its name.

        Nothing else removes a bell, and it is open here, so that no other file gets its inode.  (The account's own file
        tells less: at rest it is closed, and who repairs it puts another in its place, `alone`, while nobody has the
        bell.)
        """
        return is_gone(self.path, self._descriptor)

    def has_name(self) -> bool:
        """Tell whether anybody can still find this bell to ring it; quicker than `is_removed`, and blind to a move."""
        try:
            return os.fstat(self._descriptor).st_nlink > 0
        except OSError:
            return False

    def require(self) -> None:
        """Make sure that the account is not removed; `NotFound`.

        Another one that has its name has another bell: who wrote to that would ring in vain.
        """
        if self.is_removed():
            raise NotFound("the account was removed")

    def close(self) -> None:
        """Let go of the file; nothing may ring afterwards."""
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)


@contextmanager
def unused(path: Path) -> Iterator[None]:
    """Let nobody use an account meanwhile, whose bell is at `path`; `Busy` if somebody does; blocking.

    One that has no bell nobody uses: its file is all that there is.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield
        return
    try:
        _lock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _lock_if_free(descriptor: int) -> bool:
    """Lock a file for oneself unless another has; return whether it is."""
    try:
        _lock(descriptor, fcntl.LOCK_EX)
    except Busy:
        return False
    return True


def _open(path: Path) -> int:
    """Open a file, made if it is not there: if by root, for whose the folder is, as SQLite makes its files."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0 and not os.fstat(descriptor).st_size:
        with suppress(OSError):  # not every root may
            folder = path.parent.stat()
            os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


def _lock(descriptor: int, kind: int) -> None:
    """Lock a file until its descriptor is closed; `Busy`."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy("the account is busy, try again") from None


class Hearing:
    """The bells that this process hears."""

    def __init__(self, reactor: object) -> None:
        self._watch = _start(reactor)

    def listen(self, bell: Bell, heard: Callable[[], None], removed: Callable[[], None]) -> None:
        """Call `heard` on the reactor's thread whenever a bell is rung, by this process too; `removed` when it is."""
        if self._watch is None:
            return

        def touched() -> None:
            if bell.is_removed():
                removed()

        try:
            self._watch.add(bell.path, heard, touched)
        except OSError as error:
            _log.warn("a bell cannot be watched, changes by other processes are seen late: {error}", error=error)

    def ignore(self, bell: Bell) -> None:
        """Hear a bell no more."""
        if self._watch is not None:
            self._watch.remove(bell.path)

    def stop(self) -> None:
        """Hear nothing more."""
        if self._watch is not None:
            self._watch.stop()


def _start(reactor: object) -> Any:  # noqa: ANN401  # the type is only there where the module is
    """Begin to watch files, where the system can."""
    try:
        return import_module("mailstore.sqlite.inotify").start(reactor)
    except (ImportError, OSError) as error:
        _log.warn("changes by other processes are seen late: {error}", error=error)
        return None
