"""W2: SELECT of large mailboxes."""

from bench.client import Imap
from bench.mailboxes import BIG, HUGE, big, huge
from bench.measuring import Bench, Spent

_TIMES = 11


def run(bench: Bench) -> None:
    big(bench)
    huge(bench)
    for label, mailbox in ("big", BIG), ("huge", HUGE):
        text = b'SELECT "%b"' % mailbox
        bench.cold()
        with bench.connected() as connection:
            bench.command(f"{label}, after a start", connection, text)
        runs = []
        for _ in range(_TIMES):
            with bench.connected() as connection:
                runs.append(_select(bench, connection, text))
        _record(bench, f"{label}, new connection", runs)
        with bench.connected() as connection:
            runs = []
            for _ in range(_TIMES):
                connection.command(b"SELECT INBOX")
                runs.append(_select(bench, connection, text))
        _record(bench, f"{label}, same connection", runs)


def _select(bench: Bench, connection: Imap, text: bytes) -> Spent:
    return bench.timed(lambda: connection.command(text))[0]


def _record(bench: Bench, variant: str, runs: list[Spent]) -> None:
    runs.sort(key=lambda spent: spent.cpu.serving)
    bench.record(variant, 1, runs[len(runs) // 2], 0, [spent.seconds for spent in runs])
