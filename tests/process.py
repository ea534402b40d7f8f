"""A real ``twistd`` on a data folder of its own, and the ``imapd`` command beside it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
PATIENCE = 30.0
"""Seconds after which a process that did not start or end is a failure."""

_TWISTD = "from twisted.scripts.twistd import run; run()"
_IMAPD = "from imapd.admin import main; main()"
_STARTED = re.compile(r"ImapDoor( \(TLS\))? starting on ([0-9]+)")


def imapd(data: Path, *arguments: str, stdin: str = "") -> str:
    """Run ``imapd --data DATA ARGUMENTS``; return what it printed, and raise if it failed."""
    done = _run(data, *arguments, stdin=stdin)
    assert done.returncode == 0, f"imapd {arguments} ended with {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout


def imapd_fails(data: Path, *arguments: str) -> str:
    """Run the same; return what it printed, and raise if it did not fail as it should."""
    done = _run(data, *arguments)
    assert done.returncode == 1, f"imapd {arguments} ended with {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def _run(data: Path, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", _IMAPD, "--data", str(data), *arguments],
        cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


def data_folder(path: Path) -> None:
    """Make a data folder at `path` with the user ``ada``, password ``secret``."""
    shutil.copytree(Path(_template().name) / "data", path)


@cache
def _template() -> "TemporaryDirectory[str]":
    folder = TemporaryDirectory()
    imapd(Path(folder.name) / "data", "user", "add", "ada", "--password-stdin", stdin="secret\n")
    return folder


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            name, _, rest = stat.read_text().rpartition(")")
            state, parent = rest.split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(name.split()[0]))
    return found


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


class ServerProcess:
    """``twistd -n imapd`` with one door in the clear and one of TLS, on free ports of 127.0.0.1.

    Attributes:
        port: of the door in the clear.
        tls_port: of the other.

    """

    def __init__(self, data: Path, log: Path | None = None, workers: int = 1, doors: Sequence[str] = ()) -> None:
        """Start it, and return when its doors are open; it writes to `log`, by default beside `data`.

        `doors` are options, each with its endpoint, for others, which may be opened later.
        """
        self._log = log or data.with_name(f"{data.name}-{time.monotonic_ns()}.log")
        anywhere = "tcp:0:interface=127.0.0.1"
        with self._log.open("wb") as written:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _TWISTD, "-n", "--pidfile=", "imapd", "--data", str(data.absolute()),
                 f"--workers={workers}", *doors, "--imap", anywhere, "--imaps", anywhere],
                cwd=ROOT, stdout=written, stderr=written, env=os.environ | {"PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        ports = self._ports()
        self.port, self.tls_port = ports[""], ports[" (TLS)"]

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def log(self) -> str:
        """What it logged so far."""
        return self._log.read_text(errors="replace")

    def _ports(self) -> dict[str, int]:
        end = time.monotonic() + PATIENCE
        while len(found := _STARTED.findall(self.log)) < 2:
            assert self._process.poll() is None, f"twistd ended:\n{self.log}"
            assert time.monotonic() < end, f"twistd opened no doors:\n{self.log}"
            time.sleep(0.02)
        return {tls: int(port) for tls, port in found}

    def workers(self) -> list[int]:
        """Return the processes that serve clients, if it is not the one itself."""
        return [pid for pid in children(self.pid) if b"imapd.workers" in _command(pid)]

    def kill(self) -> None:
        """End it and its workers at once, as a power cut of all would."""
        workers = self.workers()
        self._process.kill()
        for worker in workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        self._process.wait(PATIENCE)

    def terminate(self) -> None:
        """Ask it to stop, as a service manager does."""
        self._process.send_signal(signal.SIGTERM)

    def wait(self) -> None:
        """Return when it has ended; raise if it did not end as it should."""
        # twistd ends itself by the signal that asked it to, once everything is closed.
        ended = self._process.wait(PATIENCE)
        assert ended in {0, -signal.SIGTERM}, f"twistd ended with {ended}:\n{self.log}"

    def stop(self) -> None:
        """Stop it, unless it has ended; raise if that goes wrong or something went wrong before."""
        if self._process.poll() is None:
            self.terminate()
        self.wait()
        assert "Traceback" not in self.log, self.log
