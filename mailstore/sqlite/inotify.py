"""Files watched on Linux; on other systems this module cannot be imported."""

# That part of Twisted has no types:
# mypy: disallow-untyped-calls=False

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from twisted.internet.inotify import IN_ATTRIB, IN_MODIFY, INotify, INotifyError
from twisted.python.filepath import FilePath


class Watch(INotify):
    """Calls functions when files are written to."""

    def add(self, path: Path, written: Callable[[], None], touched: Callable[[], None]) -> None:
        """Watch a file, which may be `touched` because it was deleted; `OSError` if the system allows no more.

        (While it is open, IN_DELETE_SELF does not come; that it has no name any more is one of its attributes.)
        """

        def happened(_watch: object, _path: object, mask: int) -> None:
            if mask & IN_MODIFY:
                written()
            else:
                touched()

        try:
            self.watch(FilePath(str(path)), IN_MODIFY | IN_ATTRIB, callbacks=[happened])
        except INotifyError as error:
            raise OSError("no file can be watched") from error

    def remove(self, path: Path) -> None:
        """Watch a file no more."""
        with suppress(KeyError):  # it was deleted, which ended the watch
            self.ignore(FilePath(str(path)))

    def loseConnection(self) -> None:
        """Go on: Twisted calls this when one of the watched files is deleted, and the others are still there."""

    def stop(self) -> None:
        """Watch nothing more."""
        super().loseConnection()


def start(reactor: object) -> Watch:
    """Begin to watch; `OSError` if the system allows no more."""
    try:
        watch = Watch(reactor)
    except INotifyError as error:
        raise OSError("no file can be watched") from error
    watch.startReading()
    return watch
