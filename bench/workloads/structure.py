"""W5: ENVELOPE, BODYSTRUCTURE and the macro ALL."""

from bench.mailboxes import BIG, big
from bench.measuring import Bench


def run(bench: Bench) -> None:
    number = big(bench)
    for items in b"ENVELOPE", b"BODYSTRUCTURE", b"ALL":
        bench.first_and_again(items.decode(), BIG, b"FETCH 1:* " + items, number)
