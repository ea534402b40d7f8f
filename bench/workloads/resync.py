"""W15: what changed since, when ten of many messages did."""

import re

from bench.client import Imap
from bench.mailboxes import HUGE, huge
from bench.measuring import Bench, Spent

_CHANGES = 10
_TIMES = 11


def run(bench: Bench) -> None:
    number = huge(bench)
    with bench.connected() as connection, bench.connected(mailbox=HUGE) as other:
        told = connection.command(b'SELECT "%b" (CONDSTORE)' % HUGE, keep=True).text
        modseq, validity = (_number(name, told) for name in (b"HIGHESTMODSEQ", b"UIDVALIDITY"))
        for change in range(_CHANGES):
            other.command(b"STORE %d +FLAGS (\\Answered)" % (change * (number // _CHANGES) + 1))
        connection.command(b"NOOP")
        text = b"UID FETCH 1:* (FLAGS) (CHANGEDSINCE %d)" % modseq
        bench.command("CHANGEDSINCE", connection, text, repeat=_TIMES)
        _quick_resync(bench, b'SELECT "%b" (QRESYNC (%d %d))' % (HUGE, validity, modseq))
        other.command(b"STORE 1:* -FLAGS.SILENT (\\Answered)")


def _quick_resync(bench: Bench, text: bytes) -> None:
    runs = []
    for _ in range(_TIMES):
        with bench.connected() as connection:
            runs.append(_resync(bench, connection, text))
    runs.sort(key=lambda spent: spent.cpu.serving)
    bench.record("QRESYNC SELECT", 1, runs[len(runs) // 2], 0, [spent.seconds for spent in runs])


def _resync(bench: Bench, connection: Imap, text: bytes) -> Spent:
    connection.command(b"ENABLE QRESYNC")
    return bench.timed(lambda: connection.command(text))[0]


def _number(name: bytes, text: bytes) -> int:
    found = re.search(rb"%b (\d+)" % name, text)
    assert found is not None, name
    return int(found[1])
