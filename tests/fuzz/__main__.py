"""``python -m tests.fuzz [SECONDS]``: fuzz a real door for so long; ``--seed N`` plays one episode again.

Each episode has a seed of its own, which a failure names.  Memory is held to what the first episodes needed.
"""

import resource
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.progress import Progress
from twisted.internet import task
from twisted.internet.defer import Deferred

from tests.fuzz.episode import Episode
from tests.fuzz.talking import Fault

COMMANDS = 300
"""Of one episode, which is short: what is copied again and again doubles each time."""
WARM = 20
"""Episodes after which memory is measured."""
GROWTH = 128 << 10
"""KiB that all episodes may need beyond that."""


@click.command
@click.argument("seconds", default=600)
@click.option("--seed", type=int, help="Play one episode.")
@click.option("--commands", default=COMMANDS, show_default=True, help="Of one episode.")
def main(seconds: int, seed: int | None, commands: int) -> None:
    """Say anything to a server, and hold it to the protocol."""
    seeds = count(time.time_ns() // 1_000_000) if seed is None else iter([seed])
    task.react(lambda _: Deferred.fromCoroutine(_fuzz(seeds, seconds, commands)))


async def _fuzz(seeds: Iterator[int], seconds: int, commands: int) -> None:
    until = time.monotonic() + seconds
    memory = 0
    with Progress() as bar:
        running = bar.add_task("", total=seconds)
        for played, seed in enumerate(seeds):
            left = until - time.monotonic()
            bar.update(running, description=f"{played * commands:,} commands", completed=seconds - left)
            if left < 0:
                return
            with TemporaryDirectory() as folder:
                try:
                    await Episode(Path(folder) / "store", seed).run(commands)
                except Fault as fault:
                    raise SystemExit(f"{fault}\nplay it again: python -m tests.fuzz --seed {seed}") from None
            largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            memory = largest if played <= WARM else memory
            if largest > memory + GROWTH:
                raise SystemExit(f"seed {seed}: {largest >> 10} MiB of memory, {memory >> 10} after {WARM} episodes")


if __name__ == "__main__":
    main()
