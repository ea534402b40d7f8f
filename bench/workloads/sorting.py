"""W14: SORT and THREAD."""

from bench.mailboxes import BIG, big
from bench.measuring import Bench


def run(bench: Bench) -> None:
    number = big(bench)
    for name, command in {
        "SORT by date": b"SORT (REVERSE DATE) UTF-8 ALL",
        "SORT by subject": b"SORT (SUBJECT) UTF-8 ALL",
        "THREAD": b"THREAD REFERENCES UTF-8 ALL",
    }.items():
        bench.first_and_again(name, BIG, b"UID " + command, number)
