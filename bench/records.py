"""What was measured: a record for each variant of a workload, turn and server."""

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from attrs import asdict, frozen


@frozen
class Record:
    """One measurement.

    Attributes:
        figures: by name: ``rate`` (a second), ``mb`` (megaoctets a second), ``p50``, ``p99`` (ms), ``cpu`` and
            ``index`` (us of CPU an operation, of the server and of its search indexer), and others.
        busy: the machine's load beside server and client, in processors, as far as it is known.
        error: why there are none.

    """

    server: str
    workload: str
    variant: str
    ops: int
    figures: Mapping[str, float]
    busy: float = 0.0
    error: str = ""

    @property
    def name(self) -> tuple[str, str]:
        """What is the same in every turn and for every server."""
        return self.workload, self.variant


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Results:
    """All records of a run, the medians of their turns, and a file that keeps them."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.records = list(records)

    @classmethod
    def load(cls, path: Path) -> "Results":
        return cls(Record(**entry) for entry in json.loads(path.read_text()))

    def save(self, path: Path) -> None:
        path.write_text(json.dumps([asdict(record) for record in self.records], indent=0))

    def names(self) -> list[tuple[str, str]]:
        """Return workload and variant of all, in order of the workloads."""
        return sorted(dict.fromkeys(record.name for record in self.records), key=lambda name: int(name[0][1:]))

    def turns(self, server: str, name: tuple[str, str], figure: str) -> list[float]:
        """Return a figure of each turn."""
        found = (record for record in self.records if (record.server, record.name) == (server, name))
        return [record.figures[figure] for record in found if figure in record.figures]

    def median(self, server: str, name: tuple[str, str], figure: str) -> float | None:
        """Return the median of the turns."""
        turns = self.turns(server, name, figure)
        return statistics.median(turns) if turns else None

    def most_turns(self) -> int:
        """Return how often what was run most often was run."""
        return max(Counter((record.server, record.name) for record in self.records).values(), default=0)

    def busy(self) -> float:
        """Return the median of what else the machine did, in processors."""
        return statistics.median(record.busy for record in self.records) if self.records else 0.0

    def errors(self) -> list[Record]:
        return [record for record in self.records if record.error]
