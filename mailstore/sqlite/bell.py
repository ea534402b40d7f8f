"""The wake-up between processes: a file that is written to after each commit, and watched by the others."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from twisted.logger import Logger

_log = Logger()


class Bell:
    """One account's bell.  (Not the write-ahead log: that is written before others can see the commit.)"""

    def __init__(self, path: Path) -> None:
        """Open the file, made if it is not there; blocking."""
        self.path = path
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def ring(self) -> None:
        """Wake the others.  What the disk says against it must not fail a commit; the others look now and then too."""
        try:
            os.pwrite(self._descriptor, b"1", 0)
        except OSError as error:
            _log.warn("a bell cannot be rung: {error}", error=error)

    @contextmanager
    def upkeep(self) -> Iterator[bool]:
        """Yield whether it is this process that looks after the account meanwhile, and no other."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        try:
            yield True
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file; nothing may ring afterwards."""
        os.close(self._descriptor)


class Hearing:
    """The bells that this process hears."""

    def __init__(self, reactor: object) -> None:
        self._watch = _start(reactor)

    def listen(self, bell: Bell, heard: Callable[[], None]) -> None:
        """Call `heard` on the reactor's thread whenever a bell is rung, by this process too."""
        if self._watch is None:
            return
        try:
            self._watch.add(bell.path, heard)
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
