"""The figures as tables of ``docs/performance.md``, behind what is written there by hand."""

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from attrs import frozen

from bench.goals import UNITS, Verdict, spelled, verdicts
from bench.records import Results
from bench.servers import Server
from bench.sizes import FULL, Sizes

DOCS: Final = Path(__file__).parent.parent / "docs"
PAGE: Final = DOCS / "performance.md"
MARK: Final = "<!-- what follows is written by `make bench` -->\n"
BUSY_SHARE: Final = 0.2
"""Of one processor: if others took more, the page says so."""


@frozen
class Run:
    """How the figures were taken."""

    sizes: Sizes
    turns: int
    servers: Sequence[Server]


def write(results: Results, run: Run) -> None:
    """Write the page anew."""
    by_hand = PAGE.read_text().partition(MARK)[0] if PAGE.exists() else "# Performance\n\n"
    parts = [_conditions(results, run), _goals(verdicts(results)), _everything(results, run.servers), _errors(results)]
    PAGE.write_text(by_hand + MARK + "\n" + "\n".join(filter(None, parts)))


def _conditions(results: Results, run: Run) -> str:
    sizes, busy = run.sizes, results.busy()
    versions = "; ".join(server.version() for server in run.servers)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} processors ({platform.machine()}), {memory:.0f} GB, Linux {platform.release()}"
    text = (
        f"Taken on {datetime.now(UTC):%Y-%m-%d} on {machine}; Python {platform.python_version()}, {versions}.  Medians"
        f" of {results.most_turns()} turns.  The big mailbox has {sizes.messages:,} messages of all kinds, the huge one"
        f" {sizes.small:,} of a few lines.\n"
    )
    if sizes.messages < FULL.messages:
        text += "\n**A quick run**: in mailboxes as small as these, what a command costs once weighs most"
        text += f"; the large body has {sizes.large // 1_000_000} MB.\n"
    if busy > BUSY_SHARE:
        text += (
            f"\n**The machine was busy**: others took {busy:.1f} processors at the median, so rates and latencies are"
            " those of a crowd.  CPU is what to look at.\n"
        )
    durability = "".join(f"- {server.name}: {server.durability}.\n" for server in run.servers)
    return text + "\nWhat is on the disk when a client hears OK:\n\n" + durability


def _goals(found: list[Verdict]) -> str:
    met = sum(verdict.met is True for verdict in found)
    rows = [_goal(verdict) for verdict in found]
    head = "| | | imapd | Dovecot | ours by the better one's | goal | |\n|---|---|---:|---:|---:|---:|---|"
    return f"## Goals\n\n{met} of {len(found)} are met.\n\n" + "\n".join([head, *rows]) + "\n"


def _goal(verdict: Verdict) -> str:
    goal = verdict.goal
    bound = f"{'>=' if goal.higher_is_better else '<='} {goal.bound:g}"
    unit = UNITS[goal.figure]
    ratio = spelled(verdict.ratio) + (" (Cyrus)" if goal.cyrus < 1 and verdict.ratio is not None else "")
    said = {True: "met", False: "**missed**", None: "-"}[verdict.met]
    bound += f" {unit}" if goal.absolute else ""
    cells = [goal.workload, f"{goal.title}, {unit}", spelled(verdict.ours), spelled(verdict.theirs), ratio, bound, said]
    return "| " + " | ".join(cells) + " |"


def _everything(results: Results, servers: Sequence[Server]) -> str:
    """Return all that was measured, also what no goal is about."""
    figures = ("cpu", "index", "rate", "p50", "p99", "kib", "disk")
    head = ["", "", *(f"{server.name}, {figure}" for figure in figures for server in servers)]
    rows = [head, ["---"] * 2 + ["---:"] * (len(head) - 2)]
    for name in results.names():
        rows.append([*name, *(spelled(results.median(server.name, name, figure))
                              for figure in figures for server in servers)])  # fmt: skip
    legend = (
        "CPU of the server and of its search indexer, us an operation; operations a second; latency, ms; memory, KiB;"
        " octets on the disk for one of mail."
    )
    return f"## Everything\n\n{legend}\n\n" + "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def _errors(results: Results) -> str:
    failed = [f"- {each.server}, {each.workload}: {each.error}" for each in results.errors()]
    return "## Failed\n\n" + "\n".join(failed) + "\n" if failed else ""
