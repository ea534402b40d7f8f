"""``docs/performance.svg``: ours by the better one's, for each goal, and the memory of idle connections."""

from typing import Final

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from bench.goals import UNITS, Verdict, verdicts
from bench.records import Results
from bench.report import DOCS
from bench.servers.ours import OurServer

PLOT: Final = DOCS / "performance.svg"


def draw(results: Results) -> None:
    mpl.rcParams.update({"font.size": 7, "svg.hashsalt": "imapd", "svg.fonttype": "none"})
    found = [verdict for verdict in verdicts(results) if verdict.ratio]
    figure, (ratios, memory) = plt.subplots(1, 2, figsize=(12, 1.5 + 0.17 * len(found)), width_ratios=(3, 2))
    _ratios(ratios, found)
    _memory(memory, results)
    figure.tight_layout()
    figure.savefig(PLOT, metadata={"Date": None})


def _ratios(axes: Axes, found: list[Verdict]) -> None:
    labels = [f"{each.goal.workload}  {each.goal.title}, {UNITS[each.goal.figure]}" for each in found]
    # A rate is turned over, so that shorter is better everywhere.
    values = [_turned(each, each.ratio or 1.0) for each in found]
    bounds = [_turned(each, each.goal.bound) for each in found]
    places = range(len(found))
    axes.barh(places, values, color=["tab:green" if each.met else "tab:orange" for each in found])
    goals = [(place, bound) for place, bound, each in zip(places, bounds, found, strict=True) if not each.goal.absolute]
    axes.plot([bound for _, bound in goals], [place for place, _ in goals], "k|", markersize=9, label="goal")
    axes.axvline(1.0, color="grey", linewidth=0.8)
    axes.set(xscale="log", title="ours by the better of Dovecot and Cyrus: less is better", xlabel="ratio")
    axes.set_yticks(places, labels)
    axes.invert_yaxis()
    axes.legend(loc="lower right")


def _turned(verdict: Verdict, value: float) -> float:
    return 1 / value if verdict.goal.higher_is_better else value


def _memory(axes: Axes, results: Results) -> None:
    for server in dict.fromkeys(record.server for record in results.records):
        points = {
            record.ops: results.median(server, record.name, "mib") or 0.0
            for record in results.records
            if record.server == server and record.workload == "W11" and _is_of_curve(record.server, record.variant)
        }
        if not points:
            continue
        ordered = sorted(points.items())
        axes.plot([number for number, _ in ordered], [mib for _, mib in ordered], marker="o", label=server)
    axes.set(title="memory of the whole server", xlabel="idle connections", ylabel="MiB", yscale="log")
    axes.set_ylim(bottom=10)
    axes.legend()


def _is_of_curve(server: str, variant: str) -> bool:
    return variant.endswith("idle connections") or (variant == "an idle connection" and server != OurServer.name)
