"""``python -m tests.crash [KILLS]``: kill a server so many times, and show a bar."""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.progress import track

from tests.crash.driver import Driver
from tests.process import data_folder

kills = int(sys.argv[1]) if len(sys.argv) > 1 else 300
seed = time.time_ns()
with TemporaryDirectory() as folder:
    data = Path(folder) / "data"
    data_folder(data)
    driver = Driver(data, seed)
    for _ in track(range(kills), f"{kills} kills, seed {seed}"):
        if wrong := driver.round():
            sys.exit("\n".join([f"after {driver.kills} kills:", *wrong]))
print(f"{driver.kills} kills, {driver.acknowledged} messages: everything acknowledged is there, nothing half-done")
