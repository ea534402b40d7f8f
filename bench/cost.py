"""What a server costs: the CPU and the memory of all its processes, and the octets of its files (Linux, proc(5))."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attrs import frozen

INDEXER: Final = b"mailstore.indexer"
"""In the command line of the process that keeps our search index: counted apart, for other servers have none."""
_TICK: Final = os.sysconf("SC_CLK_TCK")


@frozen
class Cpu:
    """Seconds of CPU: of the processes that serve, and of those that index."""

    serving: float = 0.0
    indexing: float = 0.0

    def __sub__(self, other: "Cpu") -> "Cpu":
        return Cpu(self.serving - other.serving, self.indexing - other.indexing)


@frozen
class Memory:
    """Octets of all processes: proportional shares, and what is resident with shared pages counted each time."""

    pss: int
    rss: int
    processes: int


class Processes:
    """A process and all that it started."""

    def __init__(self, root: int) -> None:
        self._root = root

    def cpu(self) -> Cpu:
        """Return the time so far, to the nanosecond of those that live and to 10 ms of those that have ended."""
        serving = indexing = 0.0
        for pid, ended in self._tree():
            try:
                spent = time.clock_gettime(_clock_of(pid)) + ended
            except OSError:
                continue
            if _indexes(pid):
                indexing += spent
            else:
                serving += spent
        return Cpu(serving, indexing)

    def memory(self) -> Memory:
        pss = rss = count = 0
        for pid, _ in self._tree():
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue
            if not _indexes(pid):
                pss += _kib("Pss", text) << 10
                rss += _kib("Rss", text) << 10
                count += 1
        return Memory(pss, rss, count)

    def _tree(self) -> Iterator[tuple[int, float]]:
        """Yield each process that lives, and the seconds of its children that have ended."""
        children: dict[int, list[tuple[int, float]]] = {}
        for path in Path("/proc").iterdir():
            if path.name.isdigit():
                try:
                    fields = (path / "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                ended = (int(fields[13]) + int(fields[14])) / _TICK
                children.setdefault(int(fields[1]), []).append((int(path.name), ended))
        roots = [pair for pairs in children.values() for pair in pairs if pair[0] == self._root]
        while roots:
            yield (pair := roots.pop())
            roots += children.get(pair[0], [])


def _clock_of(pid: int) -> int:
    """Return the clock of another process's CPU time, as clock_getcpuclockid(3) does."""
    return ~pid << 3 | 2


def _indexes(pid: int) -> bool:
    try:
        return INDEXER in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _kib(name: str, text: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def disk_octets(folder: Path) -> int:
    """Return what the files of a folder take on the disk, hard links once."""
    os.sync()
    found = {}
    for path in _files(folder):
        about = path.stat()
        found[about.st_dev, about.st_ino] = about.st_blocks * 512
    return sum(found.values())


def leave_cache(folder: Path) -> None:
    """Take the files of a folder out of the page cache."""
    os.sync()
    for path in _files(folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
