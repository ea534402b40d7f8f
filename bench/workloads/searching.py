"""W7: SEARCH, of words that few messages have and of headers."""

from bench.mail.header import message_id, search_date
from bench.mail.words import RARE_BODY, RARE_SUBJECT
from bench.mailboxes import BIG, big
from bench.measuring import Bench


def run(bench: Bench) -> None:
    number = big(bench)
    since = search_date(int(number * 0.9))
    keys = {
        "FROM": b"FROM anna",
        "SUBJECT": b"SUBJECT " + RARE_SUBJECT,
        "BODY": b"BODY " + RARE_BODY,
        "TEXT": b"TEXT " + RARE_BODY,
        "SINCE": b"SINCE " + since,
        "UNSEEN": b"UNSEEN",
        "Message-ID": b'HEADER Message-ID "%b"' % message_id(number // 2).encode(),
        "OR, NOT": b"OR (FROM anna NOT SUBJECT report) (LARGER 100000 SINCE %b)" % since,
    }
    for name, key in keys.items():
        again = 1 if name in ("BODY", "TEXT") else None
        bench.first_and_again(name, BIG, b"UID SEARCH " + key, number, again=again)
