"""W12: logins of users who were verified before, and NOOP."""

import time
from collections.abc import Callable

from bench.client import Imap
from bench.measuring import Bench, user

_AT_ONCE = 100


def run(bench: Bench) -> None:
    for clients in 1, 8:
        for number in range(clients):
            bench.connect(user(number)).logout()
        spent, results = bench.in_parallel(clients, lambda number, go: _log_in(bench, number, go))
        latencies = [latency for part in results for latency in part]
        bench.record(f"login, {clients} at a time", len(latencies), spent, 0, latencies)
    with bench.connected(mailbox=b"INBOX") as connection:
        number = bench.sizes.noops
        spent, latencies = bench.timed(lambda: _round_trips(connection, number))
        bench.record("NOOP, round trip", number, spent, 0, latencies)
        spent, _ = bench.timed(lambda: _pipelined(connection, number))
        bench.record("NOOP, pipelined by 100", number, spent)


def _log_in(bench: Bench, number: int, go: Callable[[], None]) -> list[float]:
    latencies = []
    go()
    stop = time.monotonic() + bench.sizes.login_seconds
    while time.monotonic() < stop:
        start = time.perf_counter()
        bench.connect(user(number)).logout()
        latencies.append(time.perf_counter() - start)
    return latencies


def _round_trips(connection: Imap, number: int) -> list[float]:
    latencies = []
    for _ in range(number):
        start = time.perf_counter()
        connection.command(b"NOOP")
        latencies.append(time.perf_counter() - start)
    return latencies


def _pipelined(connection: Imap, number: int) -> None:
    for _ in range(number // _AT_ONCE):
        tags = [connection.tag() for _ in range(_AT_ONCE)]
        connection.send(b"".join(tag + b" NOOP\r\n" for tag in tags))
        connection.wait(tags[-1] + b" ")
