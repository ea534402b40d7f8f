"""Accounts of a thousand to a million messages: what grows with them, and what does not.  ``make bench-large``"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.large.account import PASSWORD, USER, Size
from bench.large.client import Client, Measured, MeasuredServer
from bench.large.questions import QUESTIONS, Question
from bench.needed import need_matplotlib

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
MESSAGES_PER_FOLDER: Final = 100

Results = dict[str, dict[int, Measured]]


@click.command()
@click.option("--sizes", default=",".join(map(str, SIZES)), help="Messages, separated by commas.")
@click.option("--keep", type=click.Path(path_type=Path), help="Where accounts are kept for the next time.")
@click.option("--only", default="", help="Only questions whose name has this.")
@click.option("--write/--no-write", default=True, help="Whether docs/large-accounts.* are written anew.")
def main(sizes: str, keep: Path | None, only: str, *, write: bool) -> None:
    """Measure, print a table, and draw it."""
    if write:
        need_matplotlib()
    results: Results = {}
    chosen = [question for question in QUESTIONS if only in question.name]
    console = Console()
    with Progress(console=console) as progress:
        for messages in map(int, sizes.split(",")):
            size = Size(messages, messages // MESSAGES_PER_FOLDER)
            folder = Path(mkdtemp(prefix="imapd-large-"))
            try:
                task = progress.add_task(f"{messages} messages", total=len(chosen) + 2)
                data = _account(folder, keep, size)
                progress.advance(task)
                for name, measured in _measure(data, size, chosen):
                    results.setdefault(name, {})[messages] = measured
                    progress.advance(task)
            finally:
                shutil.rmtree(folder)
    console.print(_table(results))
    if write:
        from bench.large import drawing  # noqa: PLC0415  # matplotlib is needed for this alone

        drawing.write(results)


def _account(folder: Path, keep: Path | None, size: Size) -> Path:
    """Return an account's data folder, in `folder`."""
    data = folder / "data"
    kept = keep and keep / str(size.messages)
    if kept and kept.exists():
        shutil.copytree(kept, data)
        return data
    arguments = [str(data), str(size.messages), str(size.folders)]
    subprocess.run([sys.executable, "-m", "bench.large.account", *arguments], check=True)
    if kept:
        shutil.copytree(data, kept)
    return data


def _measure(data: Path, size: Size, questions: Sequence[Question]) -> Iterator[tuple[str, Measured]]:
    server = MeasuredServer(data)
    try:
        client = Client(server)
        login = b"LOGIN %b %b" % (USER.encode(), PASSWORD)
        yield "LOGIN, which opens the account", client.measured(login)
        server.settled()
        for question in questions:
            for command in question.before:
                client.command(command)
            server.settled()
            if question.unread:
                other = Client(server)
                for command in (login, *question.before):
                    other.command(command)
                server.settled()
                yield question.name, other.unread(question.ask(size)[0])
            else:
                yield question.name, client.measured(*question.ask(size))
        client.close()
    finally:
        server.stop()


def _table(results: Results) -> Table:
    table = Table("", *(f"{size:,}" for size in next(iter(results.values()))), title="CPU ms / held ms / memory MB")
    for name, by_size in results.items():
        table.add_row(name, *map(_cell, by_size.values()))
    return table


def _cell(each: Measured) -> str:
    return f"{each.cpu * 1e3:.1f} / {each.held * 1e3:.0f} ({each.late * 1e3:.0f}) / {each.memory / 1e6:.1f}"


if __name__ == "__main__":
    main()
