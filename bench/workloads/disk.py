"""W13: octets on the disk for an octet of mail, with all indexes and caches."""

from typing import Final

from bench.cost import disk_octets
from bench.mail.header import internal_date
from bench.mail.message import message
from bench.mailboxes import anew
from bench.measuring import Bench, user
from bench.workloads.headers import THUNDERBIRD

_USER: Final = user(219)
_MAILBOX: Final = b"ib_disk"


def run(bench: Bench) -> None:
    with bench.connected(_USER) as connection:
        anew(connection, _MAILBOX)
        connection.command(b"SELECT " + _MAILBOX)
        bench.settle()
        before, octets = disk_octets(bench.server.data), 0
        for number in range(bench.sizes.appends):
            octets += connection.append(_MAILBOX, [(internal_date(number), message(number))])
        connection.command(b"UID FETCH 1:* " + THUNDERBIRD)
        bench.settle()
        after = disk_octets(bench.server.data)
        bench.record("octets a mail's octet", bench.sizes.appends, disk=(after - before) / octets)
        connection.command(b"CLOSE")
        connection.command(b"DELETE " + _MAILBOX)
