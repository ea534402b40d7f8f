"""The real server in a process that measures itself: ``python -m bench.large.server DATA PORT``.

A line on standard input asks for what was measured since the line before, and is answered by a line of JSON.
"""

import json
import sys
import time
from pathlib import Path
from typing import Final

from twisted.internet import reactor, stdio
from twisted.protocols.basic import LineReceiver

from imapd.service import Options, makeService

TICK_SECONDS: Final = 0.001


class Heartbeat:
    """Asks for its turn every millisecond, and notes how long it did not get it.

    Attributes:
        held: the longest time of the reactor's thread between two turns, in seconds of CPU.
        late: the same in seconds of the clock, in which the disk and every other process have a part.

    """

    def __init__(self) -> None:
        self.reset()
        self._beat()

    def reset(self) -> None:
        self.held = self.late = 0.0
        self._cpu, self._clock = time.thread_time(), time.monotonic()

    def _beat(self) -> None:
        cpu, clock = time.thread_time(), time.monotonic()
        self.held = max(self.held, cpu - self._cpu)
        self.late = max(self.late, clock - self._clock - TICK_SECONDS)
        self._cpu, self._clock = cpu, clock
        reactor.callLater(TICK_SECONDS, self._beat)


class Meter(LineReceiver):
    delimiter = b"\n"

    def __init__(self, heartbeat: Heartbeat) -> None:
        self._heartbeat = heartbeat
        self._cpu = 0.0

    def lineReceived(self, _: bytes) -> None:
        cpu = time.process_time()
        beat = self._heartbeat
        told = {"cpu": cpu - self._cpu, "held": beat.held, "late": beat.late, **_memory()}
        self._cpu = time.process_time()
        beat.reset()
        self.sendLine(json.dumps(told).encode())  # type: ignore[no-untyped-call]  # Twisted's

    def connectionLost(self, _: object = None) -> None:
        reactor.stop()


def _memory() -> dict[str, int]:
    """Return the octets that are resident and were at most; count the most anew from here on (Linux, proc(5))."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    Path("/proc/self/clear_refs").write_text("5")
    return {name: int(status[field].split()[0]) << 10 for name, field in (("resident", "VmRSS"), ("peak", "VmHWM"))}


def main() -> None:
    options = Options()
    endpoint = f"tcp:{sys.argv[2]}:interface=127.0.0.1"
    options.parseOptions(["--data", sys.argv[1], "--workers=1", "--imap", endpoint])  # type: ignore[no-untyped-call]  # Twisted's
    service = makeService(options)
    service.privilegedStartService()
    service.startService()
    reactor.addSystemEventTrigger("before", "shutdown", service.stopService)
    stdio.StandardIO(Meter(Heartbeat()))
    reactor.run()


if __name__ == "__main__":
    main()
