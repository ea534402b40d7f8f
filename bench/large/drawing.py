"""The figures of `bench.large` as ``docs/large-accounts.svg``, and as the tables of ``docs/large-accounts.md``."""

import os
import platform
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import apsw
import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from bench.large.client import Measured
from bench.large.questions import QUESTIONS, Grows

DOCS: Final = Path(__file__).parent.parent.parent / "docs"
MARK: Final = "<!-- what follows is written by `make bench-large` -->\n"

Results = dict[str, dict[int, Measured]]


def write(results: Results) -> None:
    """Draw them, and put the tables behind what is written by hand."""
    mpl.rcParams.update({"font.size": 7, "svg.hashsalt": "imapd", "svg.fonttype": "none", "legend.fontsize": 6})
    figure, (constant, growing, held) = plt.subplots(1, 3, figsize=(15, 6.5))
    _curves(constant, results, _named(Grows.NOT), lambda each: each.cpu * 1e3)
    _label(constant, "does not grow with the account", "CPU, ms")
    _curves(growing, results, _named(Grows.MESSAGES, Grows.FOLDERS), lambda each: each.cpu * 1e3)
    _label(growing, "grows with its answer", "CPU, ms")
    _curves(held, results, results, lambda each: each.held * 1e3)
    _label(held, "longest turn of the reactor", "CPU, ms")
    held.axhline(20, color="grey", linestyle=":")
    held.get_legend().remove()
    figure.tight_layout()
    figure.savefig(DOCS / "large-accounts.svg", metadata={"Date": None})
    page = DOCS / "large-accounts.md"
    page.write_text(page.read_text().partition(MARK)[0] + MARK + _tables(results))


def _named(*grows: Grows) -> list[str]:
    return [question.name for question in QUESTIONS if question.grows in grows]


def _curves(axes: Axes, results: Results, names: Iterable[str], value: Callable[[Measured], float]) -> None:
    styles = ("-", "--", ":")
    for number, name in enumerate(name for name in names if name in results):
        by_size = results[name]
        values = [max(value(each), 0.1) for each in by_size.values()]
        axes.plot(list(by_size), values, styles[number // 10 % 3], marker=".", linewidth=1, label=name)


def _label(axes: Axes, title: str, unit: str) -> None:
    axes.set(title=title, xlabel="messages", ylabel=unit, xscale="log", yscale="log")
    axes.legend(loc="upper left")
    axes.set_ylim(top=axes.get_ylim()[1] * 30)


def _tables(results: Results) -> str:
    sizes = list(next(iter(results.values())))
    machine = f"{os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}"
    taken = f"Taken on {datetime.now(UTC):%Y-%m-%d}: {machine}, SQLite {apsw.sqlite_lib_version()}.\n"
    columns: dict[str, Callable[[Measured], str]] = {
        "CPU, ms": lambda each: f"{each.cpu * 1e3:.1f}",
        "Longest turn of the reactor, ms of CPU": lambda each: f"{each.held * 1e3:.0f}",
        "Memory above that before, MB": lambda each: f"{each.memory / 1e6:.1f}",
    }
    parts = [taken]
    for title, spell in columns.items():
        rows = [f"| {name} | " + " | ".join(map(spell, each.values())) + " |" for name, each in results.items()]
        head = f"| {title} | " + " | ".join(f"{size:,}" for size in sizes) + " |"
        parts.append("\n".join([head, "|---|" + "---:|" * len(sizes), *rows]) + "\n")
    return "\n" + "\n".join(parts)
