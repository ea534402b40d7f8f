"""What a long command shows: a bar at a terminal, and lines about what went wrong."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bar


class _Shown:
    """A bar on standard error; only lines if that is no terminal."""

    def __init__(self, *columns: ProgressColumn) -> None:
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            *columns,
            console=self._console,
            disable=not self._console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def say(self, line: str) -> None:
        """Write a line; what could move a terminal's cursor becomes ``?``, since file names may hold anything."""
        shown = "".join(char if char.isprintable() else "?" for char in line)
        self._console.print(shown, soft_wrap=True)


class Progress(_Shown):
    """A bar of octets."""

    def __init__(self, title: str, octets: int) -> None:
        """Take what to write before the bar, and how many octets there are to do."""
        super().__init__(DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        self._task = self._bar.add_task(title, total=octets)

    def advance(self, octets: int) -> None:
        """Move on."""
        self._bar.advance(self._task, octets)


class Pulse(_Shown):
    """A bar of work that nobody knows the length of."""

    def __init__(self, title: str) -> None:
        """Take what to write before the bar."""
        super().__init__(TimeElapsedColumn())
        self._bar.add_task(title, total=None)


class MessageBar(_Shown):
    """A bar of messages, of one thing after another."""

    def __init__(self) -> None:
        super().__init__(MofNCompleteColumn(), TimeRemainingColumn())
        self._task = self._bar.add_task("", total=None)

    def of(self, title: str) -> Callable[[int, int], None]:
        """Begin with another thing; return what moves on to so many of so many messages."""
        self._bar.reset(self._task, description=title, total=None)

        def done(messages: int, of: int) -> None:
            self._bar.update(self._task, completed=messages, total=of)

        return done


def octets_below(paths: Iterable[Path]) -> int:
    """Return roughly how many octets the files have that are at or below `paths`."""
    return sum(_size(file) for path in paths for file in _files(path))


def _files(path: Path) -> Iterable[str]:
    if not path.is_dir():
        return [os.fspath(path)]
    return (os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)


def _size(file: str) -> int:
    try:
        return os.stat(file).st_size
    except OSError:
        return 0
