"""The servers that are measured."""

import random
import shutil
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from bench.client import HOST, BenchError
from bench.cost import Processes, leave_cache

PASSWORD: Final = "secret"
USERS: Final = ["bench", *(f"user{number}" for number in range(300))]
DOORS: Final = ("imap", "imaps", "pop3", "lmtp")
STARTING_SECONDS: Final = 60.0
_PORTS: Final = range(20_000, 32_768)
"""Below those that Linux gives to clients."""


class Server(ABC):
    """A server with a folder of its own, which holds its mail while it is stopped.

    Attributes:
        name: what reports call it.
        ports: by door, of those that it has.
        data: where its mail is.
        durability: what it does before it says OK, in a sentence.

    """

    name: str
    data: Path
    durability: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports: Mapping[str, int] = free_ports(DOORS)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def processes(self) -> Processes:
        """What it consists of while it runs."""
        assert self._process is not None
        return Processes(self._process.pid)

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command that runs it in the foreground."""

    @abstractmethod
    def version(self) -> str:
        """Return its name and version."""

    @abstractmethod
    def put_in_order(self, user: str) -> None:
        """Do at once what it does with a user's mail when that is left alone.  It is stopped."""

    @abstractmethod
    def forget(self, user: str, mailbox: str) -> None:
        """Take from it what it wrote down of the questions about a mailbox since that was filled.  It is stopped."""

    def note_filled(self, user: str, mailbox: str) -> None:
        """Put a mailbox in order that has got its mail, and note that.  It is stopped."""
        self.put_in_order(user)
        aside = self.aside(user, mailbox)
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)

    def is_filled(self, user: str, mailbox: str) -> bool:
        """Tell whether that was noted."""
        return self.aside(user, mailbox).exists()

    def aside(self, user: str, mailbox: str) -> Path:
        """Return a folder for what is noted of a mailbox."""
        return self.folder / "filled" / user / mailbox

    def start(self) -> None:
        """Start it, and return when it listens."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        end = time.monotonic() + STARTING_SECONDS
        while not all(map(_listens, self.ports.values())):
            if self._process.poll() is not None or time.monotonic() > end:
                raise BenchError(f"{self.name} does not start; see {self.folder / 'log'}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it, and all its processes."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(STARTING_SECONDS)

    def leave_cache(self) -> None:
        """Take its files out of the page cache."""
        leave_cache(self.data)


def free_ports(doors: Iterable[str]) -> dict[str, int]:
    """Return a port for each door that nothing listens on.

    Not one that the system gives to clients: theirs stay taken for a minute after they have left, when nobody can
    listen there.
    """
    candidates = iter(random.sample(_PORTS, len(_PORTS)))
    return {door: next(port for port in candidates if _is_free(port)) for door in doors}


def _is_free(port: int) -> bool:
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), 5).close()
    except OSError:
        return False
    return True


def fill_in(template: Path, target: Path, values: Mapping[str, object]) -> None:
    """Write a configuration whose template has ``@NAMES@``."""
    text = template.read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    target.write_text(text)


def program(name: str) -> str | None:
    """Return where a program of the system is, `None` if it is not installed."""
    return shutil.which(name, path="/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin")
