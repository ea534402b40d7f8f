"""The measured server as a process, and a client that asks it what its commands cost."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from bench.client import Imap

BUSY_SHARE: Final = 0.2
"""Of one processor; a server that takes less is idle but for its heartbeat."""
PATIENCE: Final = 600.0
"""Seconds for one answer."""


@frozen
class Measured:
    """What a command cost the server: seconds of CPU, seconds that it held the reactor, octets of memory and answer."""

    cpu: float
    held: float
    late: float
    memory: int
    octets: int


class MeasuredServer:
    """`bench.large.server` as a process."""

    def __init__(self, data: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.large.server", str(data), str(self.port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.pid = self._process.pid
        self.mark()

    def mark(self) -> dict[str, Any]:
        """Return what was measured since the last mark."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told

    def settled(self, patience: float = 1800.0) -> None:
        """Return once it does nothing."""
        end = time.monotonic() + patience
        self.mark()
        while time.monotonic() < end:
            time.sleep(0.1)
            if self.mark()["cpu"] < BUSY_SHARE * 0.1:
                break

    def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class Client:
    """One connection."""

    def __init__(self, server: MeasuredServer) -> None:
        self._server = server
        self._imap = Imap(server.port, PATIENCE)

    def command(self, text: bytes) -> int:
        """Send a command that must be answered OK; return how many octets the answer had."""
        return self._imap.command(text).octets

    def measured(self, *commands: bytes) -> Measured:
        """Send commands, and return what they cost the server together."""
        before = self._server.mark()
        octets = sum(map(self.command, commands))
        after = self._server.mark()
        return Measured(after["cpu"], after["held"], after["late"], after["peak"] - before["resident"], octets)

    def unread(self, text: bytes) -> Measured:
        """Send a command and take nothing of its answer; return what it cost until the server waits."""
        before = self._server.mark()
        self._imap.send(self._imap.tag() + b" " + text + b"\r\n")
        time.sleep(1.0)
        after = self._server.mark()
        self.close()
        return Measured(after["cpu"], after["held"], after["late"], after["peak"] - before["resident"], 0)

    def close(self) -> None:
        self._imap.close()
