"""Whether the server's memory stays what it is while W10 runs for long.  ``make bench-growth``"""

import shutil
import threading
import time
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import click
from attrs import evolve

from bench.measuring import Bench
from bench.servers.ours import OurServer
from bench.sizes import FULL
from bench.workloads import mixed

EVERY_SECONDS: Final = 60.0


@click.command()
@click.option("--minutes", default=60.0, help="For how long.")
@click.option("--appending/--no-appending", default=True, help="Whether mailboxes grow meanwhile.")
@click.option("--option", "options", multiple=True, help="An argument of twistd imapd.")
def main(minutes: float, appending: bool, options: tuple[str, ...]) -> None:
    """Print a line every minute."""
    folder = Path(mkdtemp(prefix="imapd-growth-"))
    server = OurServer(folder, list(options))
    server.start()
    ended = threading.Event()
    try:
        bench = Bench(server, "growth", evolve(FULL, mixed_seconds=minutes * 60))
        watch = threading.Thread(target=_watch, args=(bench, ended))
        watch.start()
        mixed.run(bench, appending=appending)
        for record in bench.records:
            click.echo(f"{record.variant}: {record.ops:,} {dict(record.figures)}")
    finally:
        ended.set()
        server.stop()
        shutil.rmtree(folder)


def _watch(bench: Bench, ended: threading.Event) -> None:
    start = time.monotonic()
    while not ended.wait(EVERY_SECONDS):
        memory = bench.server.processes.memory()
        minutes = (time.monotonic() - start) / 60
        click.echo(f"{minutes:4.0f} min: {memory.pss / 2**20:6.1f} MiB in {memory.processes} processes")


if __name__ == "__main__":
    main()
