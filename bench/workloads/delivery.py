"""W16: mail fetched by POP3, and mail delivered by LMTP."""

import re
import time
from collections.abc import Callable
from secrets import token_hex
from typing import Final

from bench.client import Wire
from bench.mail.message import marked, message
from bench.mailboxes import fill
from bench.measuring import Bench, user
from bench.servers import PASSWORD

_MOST: Final = 2_000
_DOMAIN: Final = "@example.com"
_USER: Final = user(9)


def run(bench: Bench) -> None:
    number = min(bench.sizes.appends, _MOST)
    if "pop3" in bench.server.ports:
        fill(bench, b"INBOX", number, _USER)
        for variant in "first", "again":
            _fetch(bench, number, f"POP3, {variant}")
    if "lmtp" in bench.server.ports:
        for clients in 1, 8:
            _deliver(bench, number, clients)


def _fetch(bench: Bench, number: int, variant: str) -> None:
    wire = Wire(bench.server.ports["pop3"], bench.sizes.patience)
    wire.wait(b"+OK")
    latencies: list[float] = []

    def ask(text: str, ending: bytes = b"+OK") -> int:
        wire.send(text.encode() + b"\r\n")
        return wire.wait(ending).octets

    def session() -> int:
        ask(f"USER {_USER}")
        ask(f"PASS {PASSWORD}")
        ask("STAT")
        total = ask("UIDL", b".")
        for each in range(1, number + 1):
            start = time.perf_counter()
            total += ask(f"RETR {each}", b".\r\n")
            latencies.append(time.perf_counter() - start)
        ask("QUIT")
        return total

    spent, octets = bench.timed(session)
    bench.record(variant, number, spent, octets, latencies)
    wire.close()


def _deliver(bench: Bench, number: int, clients: int) -> None:
    def work(client: int, go: Callable[[], None]) -> list[float]:
        wire = Wire(bench.server.ports["lmtp"], bench.sizes.patience)
        wire.wait(b"220 ")
        mark = token_hex(8)
        mail = [re.sub(rb"\r\n\.", b"\r\n..", marked(message(each), mark)) for each in range(client, number, clients)]

        def step(text: bytes, ending: bytes) -> None:
            wire.send(text)
            wire.wait(ending)

        step(b"LHLO bench.example.com\r\n", b"250 ")
        latencies = []
        go()
        for octets in mail:
            start = time.perf_counter()
            step(b"MAIL FROM:<sender@example.com>\r\n", b"2")
            step(b"RCPT TO:<%b>\r\n" % (user(client) + _DOMAIN).encode(), b"2")
            step(b"DATA\r\n", b"354")
            step(octets + b".\r\n", b"2")
            latencies.append(time.perf_counter() - start)
        step(b"QUIT\r\n", b"2")
        return latencies

    spent, results = bench.in_parallel(clients, work)
    bench.record(f"LMTP, {clients} at a time", number, spent, 0, [each for part in results for each in part])
    bench.settle()
