"""W4: what Thunderbird and mutt fetch of a mailbox that they see for the first time."""

from typing import Final

from bench.mailboxes import BIG, big
from bench.measuring import Bench

THUNDERBIRD: Final = (
    b"(UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date"
    b" Message-ID Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To Received)])"
)
MUTT: Final = (
    b"(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE FROM SENDER SUBJECT TO CC MESSAGE-ID REFERENCES"
    b" CONTENT-TYPE CONTENT-DESCRIPTION IN-REPLY-TO REPLY-TO LINES LIST-POST LIST-SUBSCRIBE LIST-UNSUBSCRIBE X-LABEL"
    b" X-ORIGINAL-TO)])"
)


def run(bench: Bench) -> None:
    number = big(bench)
    for client, items in ("Thunderbird", THUNDERBIRD), ("mutt", MUTT):
        bench.first_and_again(client, BIG, b"UID FETCH 1:* " + items, number)
