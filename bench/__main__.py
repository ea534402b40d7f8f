"""Our server beside Dovecot, on the same mail, in turns.  ``make bench``, or ``python -m bench --only W4``"""

import resource
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

import click
from attrs import evolve
from rich.console import Console
from rich.table import Table

from bench import report
from bench.client import BenchError
from bench.goals import spelled, verdicts
from bench.measuring import Bench
from bench.needed import few_inotify_instances, need_matplotlib
from bench.records import Results
from bench.servers import Server
from bench.servers.dovecot import Dovecot, is_installed
from bench.servers.ours import CERTIFICATE, KEY, OurServer
from bench.sizes import FULL, QUICK
from bench.workloads import WORKLOADS

console = Console(width=200)


@click.command()
@click.option("--only", default="", help="Workloads, separated by commas, such as W1,W12.")
@click.option("--turns", type=int, help="How often each is run with each server, usually 3; 0: report the records.")
@click.option("--quick", is_flag=True, help="Small mailboxes, once: minutes instead of an hour.")
@click.option("--scale", default=1.0, help="How many messages the large mailboxes have, by what they have usually.")
@click.option("--alone", is_flag=True, help="Our server only.")
@click.option("--keep", type=click.Path(path_type=Path), help="A folder where the mail stays for the next time.")
@click.option("--records", type=click.Path(path_type=Path), help="A file of records: read first, then kept.")
@click.option("--option", "options", multiple=True, help="An argument of twistd imapd for our server.")
@click.option("--write/--no-write", default=None, help="Whether docs/performance.* are written anew.")
def main(
    *,
    only: str,
    turns: int | None,
    quick: bool,
    scale: float,
    alone: bool,
    keep: Path | None,
    records: Path | None,
    options: Sequence[str],
    write: bool | None,
) -> None:
    """Measure, and print a table; write docs/performance.md if everything was measured."""
    chosen = only.upper().split(",") if only else list(WORKLOADS)
    write = not only if write is None else write
    if write:
        need_matplotlib()
    sizes = QUICK if quick else FULL
    sizes = evolve(sizes, messages=int(sizes.messages * scale), small=int(sizes.small * scale))
    folder = keep or Path(mkdtemp(prefix="imapd-bench-"))
    results = Results.load(records) if records and records.exists() else Results()
    _open_many_files()
    servers = _servers(folder, list(options), alone=alone)
    if "W11" in chosen and len(servers) > 1 and (advice := few_inotify_instances()):
        console.print(advice)
    run = report.Run(sizes, (1 if quick else 3) if turns is None else turns, servers)
    try:
        for workload in chosen:
            _measure(workload, run, results)
            if records:
                results.save(records)
        console.print(_table(results, servers))
        if write:
            from bench import plots  # noqa: PLC0415  # matplotlib is needed for this alone

            report.write(results, run)
            plots.draw(results)
    finally:
        if not keep:
            shutil.rmtree(folder)


def _servers(folder: Path, options: list[str], *, alone: bool) -> list[Server]:
    for name in "imapd", "dovecot":
        (folder / name).mkdir(parents=True, exist_ok=True)
    ours = OurServer(folder / "imapd", options)
    if alone:
        return [ours]
    if not is_installed():
        console.print("Dovecot is not here (dovecot-imapd, dovecot-pop3d, dovecot-lmtpd): ours is measured alone.")
        return [ours]
    return [ours, Dovecot(folder / "dovecot", ours.data / CERTIFICATE, ours.data / KEY)]


def _measure(workload: str, run: report.Run, results: Results) -> None:
    for turn in range(run.turns):
        for server in run.servers:
            server.start()
            bench = Bench(server, workload, run.sizes)
            try:
                bench.settle()
                WORKLOADS[workload](bench)
            except (OSError, BenchError) as error:
                bench.failed(error)
            finally:
                server.stop()
            results.records += bench.records
            for record in bench.records:
                figures = "  ".join(f"{name} {spelled(value)}" for name, value in record.figures.items())
                console.print(f"{turn + 1} {server.name:8} {workload:4} {record.variant:32} {record.error or figures}")


def _table(results: Results, servers: Sequence[Server]) -> Table:
    table = Table("", "", *(server.name for server in servers), "ratio", "goal", "met")
    for verdict in verdicts(results):
        goal = verdict.goal
        columns = [spelled(verdict.ours)] + ([spelled(verdict.theirs)] if len(servers) > 1 else [])
        met = {True: "yes", False: "no", None: "-"}[verdict.met]
        table.add_row(goal.workload, f"{goal.title}, {goal.figure}", *columns, spelled(verdict.ratio),
                      f"{goal.bound:g}", met)  # fmt: skip
    return table


def _open_many_files() -> None:
    """Let this process and the servers that it starts hold thousands of connections."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    main()
