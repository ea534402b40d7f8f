"""``python -m tests.crash [KILLS [WORKERS]]``: kill a server of so many workers so many times, and show a bar."""

import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.progress import track

from tests.crash.driver import Driver
from tests.process import data_folder

kills = int(sys.argv[1]) if len(sys.argv) > 1 else 300
workers = int(sys.argv[2]) if len(sys.argv) > 2 else 1
seed = time.time_ns()
with TemporaryDirectory() as folder:
    data = Path(folder) / "data"
    data_folder(data)
    with closing(Driver(data, seed, workers)) as driver:
        for _ in track(range(kills), f"{kills} kills, {workers} workers, seed {seed}"):
            if wrong := driver.round():
                break
        if wrong := wrong or driver.finish():
            sys.exit("\n".join([f"after {driver.kills} kills:", *wrong]))
print(f"{driver.kills} kills, {driver.acknowledged} messages: everything acknowledged is there, nothing half-done")
