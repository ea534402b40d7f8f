"""W8: STORE, of all messages at once and one by one."""

import re
import time

from bench.client import Imap
from bench.mailboxes import BIG, big
from bench.measuring import Bench


def run(bench: Bench) -> None:
    number = big(bench)
    with bench.connected(mailbox=BIG) as connection:

        def undo() -> None:
            connection.command(b"UID STORE 1:* -FLAGS.SILENT (\\Seen)")

        undo()
        text = b"UID STORE 1:* +FLAGS.SILENT (\\Seen)"
        bench.command("1:*", connection, text, ops=number, repeat=bench.sizes.repeat, between=undo)
        found = connection.command(b"UID SEARCH ALL", keep=True).text
        uids = re.findall(rb"\d+", found.split(b"\r\n", 1)[0])[: bench.sizes.singles]
        spent, latencies = bench.timed(lambda: _singles(connection, uids))
        bench.record("single", len(latencies), spent, 0, latencies)
        connection.command(b"UID STORE 1:* -FLAGS.SILENT (\\Flagged \\Seen)")


def _singles(connection: Imap, uids: list[bytes]) -> list[float]:
    latencies = []
    for uid in uids:
        start = time.perf_counter()
        connection.command(b"UID STORE %b +FLAGS (\\Flagged)" % uid)
        latencies.append(time.perf_counter() - start)
    return latencies
