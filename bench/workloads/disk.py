"""W13: octets on the disk for an octet of mail, with all indexes and caches, when it was left alone for a while."""

from typing import Final

from bench.cost import disk_octets
from bench.mail.header import internal_date
from bench.mail.message import message
from bench.mailboxes import anew
from bench.measuring import BEHIND, Bench, user
from bench.workloads.headers import THUNDERBIRD

_USERS: Final = tuple(map(user, range(219, 210, -1)))
"""One for each turn: what an account had before counts for what it takes again."""
_MAILBOX: Final = b"ib_disk"


def run(bench: Bench) -> None:
    name = next(each for each in _USERS if _is_new(bench, each))
    with bench.connected(name) as connection:
        anew(connection, _MAILBOX)
    with bench.stopped() as server:
        before, octets = disk_octets(server.data), 0
    with bench.connected(name, _MAILBOX) as connection:
        for number in range(bench.sizes.appends):
            octets += connection.append(_MAILBOX, [(internal_date(number), message(number))])
        connection.command(b"UID FETCH 1:* " + THUNDERBIRD)
    bench.settle(BEHIND)
    with bench.stopped() as server:
        server.put_in_order(name)
        after = disk_octets(server.data)
    bench.record("octets a mail's octet", bench.sizes.appends, disk=(after - before) / octets)


def _is_new(bench: Bench, name: str) -> bool:
    with bench.connected(name) as connection:
        return b" OK" not in connection.attempt(b"SELECT " + _MAILBOX).line
