"""What others do to a client who only asks whether there is news.  ``make bench-fairness``

In one process of ours, one client fetches all bodies of a large mailbox again and again, and another searches a word
that most of them have, while a third times NOOPs.  Each is also alone with the third, and so is nobody: what the
machine itself takes.
"""

import multiprocessing
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import click
from attrs import evolve
from rich.console import Console
from rich.table import Table

from bench.client import Imap
from bench.mailboxes import BIG, big
from bench.measuring import Bench
from bench.records import percentile
from bench.servers.ours import OurServer
from bench.sizes import FULL

FETCH: Final = b"UID FETCH 1:* (BODY.PEEK[])"
SEARCH: Final = b"SEARCH TEXT the"
GOAL_MS: Final = 25.0
PAUSE_SECONDS: Final = 0.005
_LOADS: Final = {"nobody": (), "a fetch": (FETCH,), "a search": (SEARCH,), "both": (FETCH, SEARCH)}
_fork: Final = multiprocessing.get_context("fork")


@click.command()
@click.option("--messages", default=20_000, help="How many bodies there are.")
@click.option("--seconds", default=20.0, help="For how long each load is measured.")
@click.option("--keep", type=click.Path(path_type=Path), help="A folder where the mail stays for the next time.")
@click.option("--option", "options", multiple=True, default=["--workers=1"], help="An argument of twistd imapd.")
def main(messages: int, seconds: float, keep: Path | None, options: tuple[str, ...]) -> None:
    """Measure, and print a table."""
    folder = keep or Path(mkdtemp(prefix="imapd-fairness-"))
    folder.mkdir(exist_ok=True)
    server = OurServer(folder, list(options))
    server.start()
    try:
        bench = Bench(server, "fairness", evolve(FULL, messages=messages))
        big(bench)
        bench.settle()
        table = Table("beside", "NOOPs", "p50 ms", "p99 ms", "longest ms", "others' load", f"p99 below {GOAL_MS:g}")
        for load, commands in _LOADS.items():
            table.add_row(load, *_row(bench, commands, seconds))
        Console(width=120).print(table)
    finally:
        server.stop()
        if not keep:
            shutil.rmtree(folder)


def _row(bench: Bench, commands: tuple[bytes, ...], seconds: float) -> Iterator[str]:
    with bench.connected(mailbox=BIG) as connection, _busy(bench, commands):
        spent, latencies = bench.timed(lambda: _noops(connection, seconds))
    p99 = percentile(latencies, 0.99)
    yield f"{len(latencies):,}"
    yield from (f"{value:.1f}" for value in (percentile(latencies, 0.5), p99, max(latencies)))
    yield f"{spent.busy:.1f}"
    yield "yes" if p99 < GOAL_MS else "no"


def _noops(connection: Imap, seconds: float) -> list[float]:
    """Return how many milliseconds each took."""
    latencies = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.perf_counter()
        connection.command(b"NOOP")
        latencies.append((time.perf_counter() - start) * 1e3)
        time.sleep(PAUSE_SECONDS)
    return latencies


@contextmanager
def _busy(bench: Bench, commands: tuple[bytes, ...]) -> Iterator[None]:
    """Have a client for each command, which says it again and again."""
    ready = _fork.Barrier(len(commands) + 1)

    def repeat(command: bytes) -> None:
        with bench.connected(mailbox=BIG) as connection:
            ready.wait()
            while True:
                connection.command(command)

    clients = [_fork.Process(target=repeat, args=(command,), daemon=True) for command in commands]
    for client in clients:
        client.start()
    ready.wait()
    try:
        yield
    finally:
        for client in clients:
            client.kill()
            client.join()


if __name__ == "__main__":
    main()
