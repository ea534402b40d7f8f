"""All accounts of a folder are looked after, in a process of low priority that may be killed at any moment.

It hears of news from the accounts' bells, whichever process rings them: it looks now and then when they were rung last.
"""

import fcntl
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from attrs import define

from mailstore.sqlite.files import is_gone
from mailstore.sqlite.index.errors import NotNow
from mailstore.sqlite.index.upkeep import SWEEP_SECONDS, Upkeep
from mailstore.sqlite.room import is_short

LOOK_SECONDS: Final = 2.0
"""Between two looks at the bells.  What came in meanwhile is read by the searches themselves."""
LOOK_SHARE: Final = 0.01
"""Of a processor that may be spent with looking.  (Where others are busy a look takes long, and is no dearer.)"""
OPEN: Final = 16
"""Indexes that stay open, those that were worked on last: where mail comes in, more is to be expected."""
IDLE_SECONDS: Final = 30.0
"""How long an index stays open that nothing happens to."""
RETRY_SECONDS: Final = 300.0
"""How long an account is left alone that something is wrong with."""
YOUNG: Final = 100_000_000
"""Nanoseconds within which a bell may be rung twice and its time of change be the same."""
PRIORITY: Final = 19
"""The lowest that has a hundredth of a busy processor.  With less (SCHED_IDLE) the process could be held up for seconds
while it opens an account, which others then wait to do; and a machine that is always busy would never be indexed."""

Ended = Callable[[float], bool]
"""Waits at most so many seconds for the end; tells whether it has come."""


def keep_indexed(place: str, ended: Ended) -> None:
    """Keep the indexes of all accounts up to date until the end; if another process does so, wait for its end."""
    os.nice(PRIORITY)
    gc.disable()  # what is sorted is millions of objects without a cycle among them
    root = Path(place).absolute()
    with _alone(root / "indexer.lock", ended) as first:
        if first:
            _keep(Keeper(root), ended)


def _keep(keeper: "Keeper", ended: Ended) -> None:
    wait = 0.0
    try:
        while not ended(wait):
            began, spent = time.monotonic(), time.process_time()
            keeper.look()
            pause = max(LOOK_SECONDS, (time.process_time() - spent) / LOOK_SHARE)
            if keeper.due:
                while keeper.due and keeper.has_room() and time.monotonic() - began < pause and not ended(0.0):
                    keeper.work()
                gc.collect()
            wait = max(0.0, pause - (time.monotonic() - began))
    finally:
        keeper.close()


@contextmanager
def _alone(path: Path, ended: Ended) -> Iterator[bool]:
    """Wait until no other process has the lock; tell whether that came before the end."""
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if ended(LOOK_SECONDS):
                    yield False
                    return
            else:
                yield True
                return


@define
class _Open:
    """An index that is worked on, and when it was last."""

    upkeep: Upkeep
    used: float


class Keeper:
    """Knows which accounts have something to do, and does it, a step for each in turn.

    Attributes:
        due: the accounts that may have something to do, in the order of their turns.

    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[Path, tuple[int, float]] = {}
        self.due: dict[Path, None] = {}
        self._not_before: dict[Path, float] = {}
        self._open: dict[Path, _Open] = {}

    def look(self) -> None:
        """Find out which accounts have news, or were not looked after for a day."""
        now = time.monotonic()
        there = dict(_bells(self._root))
        for account, rung in there.items():
            seen, when = self._seen.get(account, (None, now))
            if self._not_before.get(account, now) <= now and (rung != seen or now - when > SWEEP_SECONDS):
                self.due[account] = None
                self._seen[account] = (rung if time.time_ns() - rung > YOUNG else 0), now
        for account in self._seen.keys() - there.keys():
            self._forget(account)
        for account in [each for each, open_ in self._open.items() if now - open_.used > IDLE_SECONDS]:
            self._close(account)

    def has_room(self) -> bool:
        """Tell whether indexes may grow: what is left of the disk at last is for mail."""
        return not is_short(self._root)

    def work(self) -> None:
        """Take one step for the account whose turn it is."""
        account = next(iter(self.due))
        del self.due[account]
        if self._step(account):
            self.due[account] = None

    def close(self) -> None:
        """Let go of all files."""
        for account in list(self._open):
            self._close(account)

    def _step(self, account: Path) -> bool:
        """Take a step for an account; whatever is wrong with it, the others go on."""
        try:
            more = self._upkeep(account).step()
            self._not_before.pop(account, None)
        except NotNow:
            more = False
        except Exception as error:  # noqa: BLE001  # see above
            more = False
            self._close(account)
            if not is_gone(account):
                print(f"the search index of {account} has to wait: {error!r}", file=sys.stderr, flush=True)
                self._seen.pop(account, None)
                self._not_before[account] = time.monotonic() + RETRY_SECONDS
        return more

    def _upkeep(self, account: Path) -> Upkeep:
        """Return the open index, opened if it is not, or if it was thrown away."""
        if account in self._open and not self._open[account].upkeep.is_there():
            self._close(account)
        open_ = self._open.pop(account, None) or _Open(Upkeep(account), 0.0)
        open_.used = time.monotonic()
        self._open[account] = open_
        if len(self._open) > OPEN:
            self._close(next(iter(self._open)))
        return open_.upkeep

    def _close(self, account: Path) -> None:
        if account in self._open:
            self._open.pop(account).upkeep.close()

    def _forget(self, account: Path) -> None:
        """Let go of an account that was removed."""
        self._close(account)
        for known in (self._seen, self.due, self._not_before):
            known.pop(account, None)


def _bells(root: Path) -> Iterator[tuple[Path, int]]:
    """Yield the file of each account, and when its bell was rung last, in nanoseconds."""
    for folder in _entries(root / "accounts"):
        for entry in _entries(folder.path):
            if entry.name.endswith(".bell"):
                with suppress(FileNotFoundError):  # it was just removed
                    yield Path(entry.path).with_suffix(".db"), entry.stat().st_mtime_ns


def _entries(folder: str | Path) -> list[os.DirEntry[str]]:
    """Return what is in a folder; nothing if there is none, yet or any more."""
    try:
        return list(os.scandir(folder))
    except FileNotFoundError:
        return []
