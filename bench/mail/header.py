"""Header fields: threads of answers, hops, signatures, lists."""

import base64
import random
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from bench.mail.words import EIGHT_BIT, RARE_SUBJECT, WORDS, encoded

EPOCH: Final = datetime(2023, 1, 1, 8, 0, 0)
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MOST_REFERENCES: Final = 12


def sent(number: int) -> datetime:
    """Return when message `number` was sent: one in twenty minutes."""
    return EPOCH + timedelta(minutes=20 * (number % 75000))


def internal_date(number: int) -> bytes:
    """Return the date-time of APPEND (RFC 9051)."""
    when = sent(number)
    return f'"{when.day:2d}-{MONTHS[when.month - 1]}-{when:%Y %H:%M:%S} +0000"'.encode()


def search_date(number: int) -> bytes:
    """Return the date of SEARCH."""
    when = sent(number)
    return f"{when.day}-{MONTHS[when.month - 1]}-{when.year}".encode()


def message_id(number: int) -> str:
    return f"<{zlib.crc32(b'1:%d' % number):08x}.{number}@mx.example.com>"


def header(number: int, chosen: random.Random, people: Sequence[str]) -> bytes:
    """Return the fields of message `number` up to MIME-Version."""
    when = sent(number)
    date = f"{_DAYS[when.weekday()]}, {when.day:02d} {MONTHS[when.month - 1]} {when:%Y %H:%M:%S} +0000"
    answered = list(_answered(number))[:_MOST_REFERENCES]
    fields = [f"Return-Path: <bounce-{number}@example.com>", "Delivered-To: bench@example.com"]
    fields += [_hop(hop, chosen, date) for hop in range(chosen.randint(2, 5))]
    if chosen.random() < 0.7:
        fields.append(_signature(chosen))
    fields.append("From: " + people[int(len(people) * chosen.random() ** 2)])
    fields.append("To: " + ",\r\n\t".join(chosen.sample(people, chosen.choice((1, 1, 1, 2, 4)))))
    if chosen.random() < 0.25:
        fields.append("Cc: " + ",\r\n\t".join(chosen.sample(people, chosen.randint(1, 6))))
    subject = ("Re: " if answered else "") + _subject(answered[-1] if answered else number)
    if number % 499 == 7:
        subject += " " + RARE_SUBJECT.decode()
    fields += ["Subject: " + subject, "Date: " + date, "Message-ID: " + message_id(number)]
    if answered:
        fields.append("In-Reply-To: " + message_id(answered[0]))
        fields.append("References: " + "\r\n\t".join(message_id(each) for each in reversed(answered)))
    if chosen.random() < 0.3:
        fields += ["List-Id: Bench list <bench.lists.example.org>",
                   f"List-Unsubscribe: <https://lists.example.org/u/{number}>", "Precedence: list"]  # fmt: skip
    fields += ["User-Agent: Mozilla Thunderbird", "X-Spam-Status: No, score=-2.1 required=5.0", "MIME-Version: 1.0"]
    return "\r\n".join(fields).encode() + b"\r\n"


def _answered(number: int) -> Iterator[int]:
    """Yield the message that this one answers, if it does, the one that that one answers, and so on."""
    while number > 20:
        key = zlib.crc32(b"parent1:%d" % number)
        if key % 100 >= 50:
            return
        number -= 1 + (key >> 8) % 20
        yield number


def _subject(root: int) -> str:
    """Return what a thread is about."""
    topic = random.Random(1_000_003 + root)
    subject = " ".join(topic.choice(WORDS) for _ in range(topic.randint(2, 9))).capitalize()
    return encoded(subject + " " + topic.choice(EIGHT_BIT)) if topic.random() < 0.15 else subject


def _hop(hop: int, chosen: random.Random, date: str) -> str:
    return (f"Received: from mx{hop}.example.net (mx{hop}.example.net [192.0.2.{hop + 1}])\r\n"
            f"\tby relay{hop}.example.com (Postfix) with ESMTPS id {chosen.getrandbits(40):010X}\r\n"
            f"\tfor <bench@example.com>; {date}")  # fmt: skip


def _signature(chosen: random.Random) -> str:
    blob = base64.b64encode(chosen.randbytes(192)).decode()
    lines = "\r\n\t ".join(blob[at : at + 64] for at in range(0, 256, 64))
    return ("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s2023;\r\n"
            f"\th=from:to:subject:date:message-id:references; bh={blob[:43]}=;\r\n\tb={lines}")  # fmt: skip
