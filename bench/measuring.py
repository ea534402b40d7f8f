"""One workload against one server: connections, the clock, and the records that come of it."""

import multiprocessing
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from threading import BrokenBarrierError
from typing import Any, Final, TypeVar

from attrs import frozen

from bench.client import BenchError, Imap, Reply
from bench.cost import Cpu
from bench.records import Record, percentile
from bench.servers import PASSWORD, Server
from bench.sizes import Sizes

_T = TypeVar("_T")
_fork: Final = multiprocessing.get_context("fork")
MAIN_USER: Final = "bench"
PATIENCE: Final = 600.0
"""Seconds until a server is taken as it is, though it still does something."""
SHORTLY: Final = 0.6
BEHIND: Final = 5.0
"""Seconds within which our indexer looks for what came in: two, or a hundred times what it takes to look."""
IDLE_SHARE: Final = 0.05
"""Of one processor: a server that takes less has nothing left to do."""


@frozen
class Spent:
    """What some work took: seconds, the server's CPU, and processors that others kept busy."""

    seconds: float
    cpu: Cpu
    busy: float


def user(number: int) -> str:
    """Return one of the many users."""
    return f"user{number}"


class Bench:
    """What a workload needs of a running server."""

    def __init__(self, server: Server, workload: str, sizes: Sizes) -> None:
        self.server, self.sizes = server, sizes
        self.records: list[Record] = []
        self._workload = workload
        self.capabilities = b""
        with self.connected() as connection:
            reply = connection.command(b"CAPABILITY", keep=True)
        self.capabilities = b" ".join(re.findall(rb"\* CAPABILITY ([^\r]*)", reply.text)).upper()

    def has(self, capability: bytes) -> bool:
        return capability in self.capabilities.split()

    # Connections

    def connect(self, name: str = MAIN_USER, tls: bool = False) -> Imap:
        """Return a connection that has logged in."""
        port = self.server.ports["imaps" if tls else "imap"]
        connection = Imap(port, self.sizes.patience, self.capabilities, tls)
        connection.login(name, PASSWORD)
        return connection

    @contextmanager
    def connected(self, name: str = MAIN_USER, mailbox: bytes = b"") -> Iterator[Imap]:
        """Yield a connection that has logged in, and selected a mailbox if one is named; log it out."""
        connection = self.connect(name)
        if mailbox:
            connection.command(b'SELECT "%b"' % mailbox)
        yield connection
        connection.logout()

    def settle(self, quiet: float = SHORTLY) -> None:
        """Wait until the server has done nothing for so many seconds; what others do is no part of it.

        What is being done is over then; after `BEHIND`, what would have been begun later as well: index and packing.
        """
        processes, end, idle = self.server.processes, time.monotonic() + PATIENCE, 0
        while idle < quiet / 0.2 and time.monotonic() < end:
            before = processes.cpu()
            time.sleep(0.2)
            spent = processes.cpu() - before
            idle = idle + 1 if spent.serving + spent.indexing < IDLE_SHARE * 0.2 else 0

    @contextmanager
    def stopped(self) -> Iterator[Server]:
        """Yield the server while it is stopped."""
        self.server.stop()
        yield self.server
        self.server.start()
        self.settle()

    def cold(self) -> None:
        """Start the server anew, its files out of the page cache."""
        with self.stopped() as server:
            server.leave_cache()

    # The clock

    def timed(self, work: Callable[[], _T]) -> tuple[Spent, _T]:
        """Return what `work` took, and its result."""
        before, others, start = self.server.processes.cpu(), _machine_seconds(), time.perf_counter()
        own = time.process_time() + sum(os.times()[2:4])
        result = work()
        seconds = time.perf_counter() - start
        cpu = self.server.processes.cpu() - before
        own = time.process_time() + sum(os.times()[2:4]) - own
        others = _machine_seconds() - others - cpu.serving - cpu.indexing - own
        return Spent(seconds, cpu, max(0.0, others) / max(seconds, 1e-3)), result

    def in_parallel(self, count: int, work: Callable[[int, Callable[[], None]], _T]) -> tuple[Spent, list[_T]]:
        """Call ``work(i, go)`` in `count` processes, each of which calls ``go()`` when it is ready.

        Return what they took together from then on, and their results.
        """
        barrier, queue = _fork.Barrier(count + 1), _fork.SimpleQueue()

        def child(number: int) -> None:
            try:
                queue.put((True, work(number, lambda: _wait(barrier, self.sizes.patience))))
            except BaseException as error:  # noqa: BLE001  # it is told in the process that waits
                barrier.abort()
                queue.put((False, repr(error)))

        children = [_fork.Process(target=child, args=(number,), daemon=True) for number in range(count)]
        for each in children:
            each.start()
        with suppress(BrokenBarrierError):  # what broke it is in the queue
            barrier.wait(self.sizes.patience)

        def ended() -> list[Any]:
            results = [queue.get() for _ in children]
            for each in children:
                each.join()
            return results

        spent, told = self.timed(ended)
        if failed := [value for fine, value in told if not fine]:
            raise BenchError(failed[0])
        return spent, [value for _, value in told]

    @contextmanager
    def beside(self, hold: Callable[[], object]) -> Iterator[None]:
        """Have another process hold what `hold` returns for as long as this lasts."""
        ours, its = _fork.Pipe()
        child = _fork.Process(target=_hold, args=(hold, its, ours), daemon=True)
        child.start()
        its.close()
        if error := ours.recv():
            raise BenchError(error)
        yield
        ours.close()
        child.join()

    # Records

    def record(self, variant: str, ops: int, spent: Spent | None = None, octets: int = 0,
               latencies: Sequence[float] = (), **figures: float) -> None:  # fmt: skip
        """Note what `ops` operations took."""
        found = dict(figures)
        if spent:
            found |= {"seconds": spent.seconds, "rate": ops / spent.seconds, "mb": octets / spent.seconds / 1e6,
                      "cpu": spent.cpu.serving / max(ops, 1) * 1e6,
                      "index": spent.cpu.indexing / max(ops, 1) * 1e6}  # fmt: skip
        if latencies:
            found |= {"p50": percentile(latencies, 0.5) * 1e3, "p99": percentile(latencies, 0.99) * 1e3}
        busy = spent.busy if spent else 0.0
        self.records.append(Record(self.server.name, self._workload, variant, ops, found, busy))

    def failed(self, error: Exception) -> None:
        """Note that it came to nothing."""
        self.records.append(Record(self.server.name, self._workload, "failed", 0, {}, error=str(error) or repr(error)))

    def command(self, variant: str, connection: Imap, text: bytes, *, ops: int = 1, repeat: int = 1,
                between: Callable[[], object] = lambda: None) -> None:  # fmt: skip
        """Send a command some times, and record its median."""
        runs: list[tuple[Spent, Reply]] = []
        for _ in range(repeat):
            runs.append(self.timed(lambda: connection.command(text)))
            if sum(spent.seconds for spent, _ in runs) > self.sizes.patience / 2:
                break
            between()
        runs.sort(key=lambda run: run[0].cpu.serving)
        spent, reply = runs[len(runs) // 2]
        self.record(variant, ops, spent, reply.octets, [spent.seconds for spent, _ in runs])

    def first_and_again(self, label: str, mailbox: bytes, text: bytes, ops: int, *, again: int | None = None,
                        forget: bool = True) -> None:  # fmt: skip
        """Record a command for a server that has just started, and when it was asked before.

        `forget`: first is the first time since the mailbox was filled.
        """
        with self.stopped() as server:
            if forget:
                server.forget(MAIN_USER, mailbox.decode())
            server.leave_cache()
        with self.connected(mailbox=mailbox) as connection:
            self.command(f"{label}, first", connection, text, ops=ops)
        with self.connected(mailbox=mailbox) as connection:
            self.command(f"{label}, again", connection, text, ops=ops, repeat=again or self.sizes.repeat)


def _wait(barrier: Any, patience: float) -> None:  # noqa: ANN401  # multiprocessing's own
    barrier.wait(patience)


def _hold(hold: Callable[[], object], pipe: Connection, other: Connection) -> None:
    """Say that it is held, or why it is not, and hold it until the other end of the pipe is closed."""
    other.close()
    try:
        held = hold()
        pipe.send(None)
    except Exception as error:  # noqa: BLE001  # it is told in the process that waits
        pipe.send(repr(error))
        return
    with suppress(EOFError):
        pipe.recv()
    del held


def _machine_seconds() -> float:
    """Return the seconds of CPU that this machine has worked."""
    with open("/proc/stat") as file:
        user_, nice, system, _, _, irq, softirq, *_ = map(int, file.readline().split()[1:])
    return (user_ + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
