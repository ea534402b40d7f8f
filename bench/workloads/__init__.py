"""What is measured, a file each."""

from collections.abc import Callable, Mapping
from typing import Final

from bench.measuring import Bench
from bench.workloads import (
    appending,
    bodies,
    copying,
    delivery,
    disk,
    flags,
    headers,
    idling,
    logins,
    mixed,
    resync,
    searching,
    selecting,
    sorting,
    storing,
    structure,
)

WORKLOADS: Final[Mapping[str, Callable[[Bench], None]]] = {
    "W1": appending.run,
    "W2": selecting.run,
    "W3": flags.run,
    "W4": headers.run,
    "W5": structure.run,
    "W6": bodies.run,
    "W7": searching.run,
    "W8": storing.run,
    "W9": copying.run,
    "W10": mixed.run,
    "W11": idling.run,
    "W12": logins.run,
    "W13": disk.run,
    "W14": sorting.run,
    "W15": resync.run,
    "W16": delivery.run,
}
