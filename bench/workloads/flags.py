"""W3: the flags of all messages."""

from bench.mailboxes import BIG, HUGE, big, huge
from bench.measuring import Bench


def run(bench: Bench) -> None:
    for label, mailbox, number in ("big", BIG, big(bench)), ("huge", HUGE, huge(bench)):
        bench.first_and_again(label, mailbox, b"UID FETCH 1:* (FLAGS)", number, forget=False)
