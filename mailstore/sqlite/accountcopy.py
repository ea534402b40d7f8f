"""An account's file becomes what another is: a backup what the account is, a restored account what its backup is.

The account that is read may be in use.  Nobody waits for a reader, but for as long as one sees an old state the
write-ahead log grows.  So the octets of messages, which never change under their ids, are brought over in short steps,
each with a reading of its own; then one more brings what came in meanwhile and all else, and what is copied is the
account at that moment.  It becomes visible in one transaction, or, where there was no file, under its name when it is
whole.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Final

from mailstore.errors import Corrupt
from mailstore.interfaces import Progress
from mailstore.sqlite import connections, contents, dictionaries, schemas, shrinking, swapping
from mailstore.sqlite.mirroring import SOURCE, mirror
from mailstore.sqlite.threads import Threads
from mailstore.sqlite.transactions import Reader, Writer

NOT_COPIED: Final = frozenset({"rendering", "rendering_block"})
"""Tables that hold what is made anew when it is asked for."""
OCTETS: Final = frozenset({"chunk"})
"""Tables whose rows come and go with contents, and are too large to be compared."""

STEP_OCTETS: Final = 8 << 20
STEP_CONTENTS: Final = 200
"""What is brought over in one reading: some 100 milliseconds."""
_SETTLED_NANOSECONDS: Final = 2 * 10**9
"""How long ago a file must have changed for its time to tell it from one that changes once more."""


def partial_path(target: Path) -> Path:
    """Return where a file is made that will be `target`."""
    return target.with_suffix(".partial")


async def copy(threads: Threads, source: Path, target: Path, progress: Progress, *, whole: bool = False) -> bool:
    """Make `target` what `source` is; return False if nothing has changed since it was made so last.

    Args:
        threads: where it is done.
        source: the account's file.
        target: the other; made if it is not there.
        progress: told how it goes on.
        whole: write the target anew, though there is one.

    Raises:
        Corrupt: one of them is damaged.  Then, and after every other error, `target` is as it was.
        Busy: somebody reads the target, and it must be written anew.
        Unavailable: the disk failed.

    """
    changed = await threads.to_read(lambda: _changed(source))
    if not whole and changed and changed == await threads.to_read(lambda: _changed(target)):
        return False
    if whole or not await threads.to_read(lambda: _follows(source, target)):
        await _make(threads, source, target, progress)
    else:
        await _run(threads, _Copy(source, target, at_once=True), progress)
    await threads.to_read(lambda: _mark(target, changed))
    return True


async def _make(threads: Threads, source: Path, target: Path, progress: Progress) -> None:
    """Write the target under another name first, from where an earlier attempt ended."""
    making = partial_path(target)
    if not await threads.to_read(lambda: _goes_on(source, making)):
        await threads.to_read(lambda: _create(making))
    await _run(threads, _Copy(source, making, at_once=False), progress)
    await threads.to_read(lambda: swapping.put_in_place(making, target))


async def _run(threads: Threads, copying: "_Copy", progress: Progress) -> None:
    try:
        steps = await threads.to_read(copying.begin)
        done, whole = 0, sum(map(len, steps))
        for step in steps:
            await threads.to_read(partial(copying.bring, step))
            done += len(step)
            progress(done, whole)
        await threads.to_read(copying.finish)
    finally:
        await threads.to_read(copying.close)


class _Copy:
    """Two files that are open, the target to be written in one transaction `at_once`, or else in one for each step."""

    def __init__(self, source: Path, target: Path, *, at_once: bool) -> None:
        self._paths = source, target
        self._at_once = at_once
        self._lock = Lock()
        self._closing: list[Callable[[], None]] = []

    @connections.translated()
    def begin(self) -> list[list[int]]:
        """Open the files, and drop what the source has no more; return what is to be brought in which steps."""
        source, target = self._paths
        with self._lock:
            reading = schemas.open_for_reading(source, schemas.ACCOUNT)
            self._closing.append(reading.close)
            self._reading = reading
            self._writing = connections.writing(target)
            self._closing.insert(0, self._writing.close)  # the source's last connection must be one that may write
            connections.attach(self._writing, source, SOURCE)
            self._writer = Writer(self._writing)
            self._writing.execute("BEGIN")
            gone, missing = contents.differences(self._writer, SOURCE)
            self._writing.execute("COMMIT; BEGIN")  # not IMMEDIATE, which would begin to read the source as well
            contents.drop(self._writer, gone)
            self._step_done()
        return list(_steps(missing))

    @connections.translated()
    def bring(self, step: Sequence[int]) -> None:
        """Bring contents over, as far as they are still there; `Corrupt`."""
        with self._lock:
            self._reading.execute("BEGIN")
            try:
                self._bring(Reader(self._reading), "main", step)
            finally:
                self._reading.execute("COMMIT")
            self._step_done()

    @connections.translated()
    def finish(self) -> None:
        """Bring over all that is left, as it is at this moment; `Corrupt`."""
        with self._lock:
            writer = self._writer
            gone, missing = contents.differences(writer, SOURCE)
            contents.drop(writer, gone)
            self._bring(writer, SOURCE, [content for content, _ in missing])
            mirror(writer, NOT_COPIED | OCTETS)
            shrinking.give_back_all(writer)
            self._writing.execute("COMMIT")

    def close(self) -> None:
        """Close the files; what is not finished is undone."""
        with self._lock, connections.translated():
            for close in self._closing:
                close()

    def _bring(self, reader: Reader, schema: str, step: Sequence[int]) -> None:
        dictionaries.bring(reader, schema, self._writer)
        for content in step:
            contents.bring(reader, schema, self._writer, content)
            if contents.is_damaged(self._writer, content):
                raise Corrupt(f"a message is damaged (content {content})")

    def _step_done(self) -> None:
        if not self._at_once:
            self._writing.execute("COMMIT; BEGIN")


def _steps(missing: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Yield contents in steps of bounded octets."""
    step: list[int] = []
    octets = 0
    for content, size in missing:
        step.append(content)
        octets += size
        if octets >= STEP_OCTETS or len(step) >= STEP_CONTENTS:
            yield step
            step, octets = [], 0
    if step:
        yield step


@connections.translated()
def _changed(path: Path) -> int:
    """Return when a file or its log was written last, in nanoseconds; 0 if that is too fresh to tell anything."""
    files = [file for file in (path, path.with_name(f"{path.name}-wal")) if file.exists()]
    last = max((found.st_mtime_ns for found in map(os.stat, files) if found.st_size), default=0)
    return last if last < time.time_ns() - _SETTLED_NANOSECONDS else 0


@connections.translated()
def _mark(target: Path, changed: int) -> None:
    """Let the target have the source's time, by which `copy` will know that there is nothing to do."""
    if changed:
        os.utime(target, ns=(changed, changed))


@connections.translated()
def _follows(source: Path, target: Path) -> bool:
    """Tell whether `target` can be brought up to date: what it has packed, the source's dictionaries unpack."""
    if not target.exists():
        return False
    with (
        closing(schemas.open_for_reading(source, schemas.ACCOUNT)),  # and closed last, for the other can only read it
        closing(schemas.open_for_reading(target, schemas.ACCOUNT)) as connection,
    ):
        connections.attach(connection, source, SOURCE)
        return dictionaries.are_those_of(Reader(connection), SOURCE)


def _goes_on(source: Path, making: Path) -> bool:
    """Tell whether an earlier attempt left something to go on from."""
    try:
        return _follows(source, making)
    except Corrupt:
        return False


@connections.translated()
def _create(making: Path) -> None:
    swapping.remove(making)
    schemas.create(making, lambda writer: schemas.upgrade(writer, schemas.ACCOUNT))
