"""Messages: number so-and-so is the same everywhere.  Their sizes are log-normal, 8 KB at the median, 34 KB on average.

Four in ten are plain text, four are text and HTML, two carry an attachment; a quarter is UTF-8, a fifth Latin-1 in
quoted-printable, a tenth KOI8-R in base64.
"""

import base64
import math
import quopri
import random
from functools import cache
from typing import Final

from attrs import frozen

from bench.mail.header import header
from bench.mail.words import EIGHT_BIT, RARE_BODY, RUSSIAN, people, text

_MEDIAN: Final = 8_000
_MEAN: Final = 35_000
_SIGMA: Final = math.sqrt(2 * math.log(_MEAN / _MEDIAN))
_LARGEST: Final = 20_000_000
_BLOB_OCTETS: Final = 3_000_000


@frozen
class _Kind:
    """A text that parts are cut from, in its encoding."""

    weight: int
    charset: bytes
    encoding: bytes
    lines: bytes


@frozen
class _Stuff:
    """What every message is made of."""

    people: list[str]
    kinds: list[_Kind]
    blob: bytes


@cache
def _stuff() -> _Stuff:
    chosen = random.Random(1)
    ascii_text, utf8 = text(chosen, 400_000), text(chosen, 400_000, EIGHT_BIT)
    latin = text(chosen, 200_000, EIGHT_BIT).encode("latin-1")
    russian = text(chosen, 200_000, RUSSIAN).encode("koi8-r")
    quoted = quopri.encodestring(latin.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    kinds = [
        _Kind(45, b"us-ascii", b"7bit", ascii_text.encode()),
        _Kind(25, b"utf-8", b"8bit", utf8.encode()),
        _Kind(20, b"iso-8859-1", b"quoted-printable", quoted),
        _Kind(10, b"koi8-r", b"base64", _base64(russian)),
    ]
    blob = _base64(chosen.randbytes(_BLOB_OCTETS))
    return _Stuff(people(chosen, 400), kinds, blob)


def _base64(octets: bytes) -> bytes:
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


def message(number: int) -> bytes:
    """Return message `number`."""
    chosen, stuff = random.Random(7_000_003 + number), _stuff()
    head = header(number, chosen, stuff.people)
    size = int(chosen.lognormvariate(math.log(_MEDIAN), _SIGMA))
    size = max(300, min(size, _LARGEST) - len(head))
    kind, boundary = chosen.random(), b"=_bench_%08x" % chosen.getrandbits(32)
    if kind < 0.4:
        return head + _part(number, chosen, size)
    words = size if kind < 0.8 else max(300, size // 8)
    body = _alternative(number, chosen, words, boundary + b"a")
    return head + (body if kind < 0.8 else _mixed(number, chosen, body, size - words, boundary))


def marked(octets: bytes, mark: str) -> bytes:
    """Return a message with a field more, by which it is another: what an account has already costs it less."""
    return f"X-Bench-Mark: {mark}\r\n".encode() + octets


def small(number: int) -> bytes:
    """Return a message of a few lines, for the mailboxes where only the count matters."""
    return (f"From: {_stuff().people[number % 400]}\r\nTo: bench@example.com\r\n"
            f"Subject: Small message {number}\r\nDate: Mon, 01 Jan 2024 08:00:{number % 60:02d} +0000\r\n"
            f"Message-ID: <small{number}@mx.example.com>\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/plain; charset=us-ascii\r\n\r\nHello number {number}.\r\n").encode() \
        + b"line\r\n" * 40  # fmt: skip


def large(octets: int) -> bytes:
    """Return a message with an attachment of about so many octets."""
    return (b"Subject: large\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n") \
        + _base64(random.Random(1).randbytes(octets * 3 // 4))  # fmt: skip


def _part(number: int, chosen: random.Random, size: int, subtype: bytes = b"plain") -> bytes:
    kinds = _stuff().kinds
    rare = number % 997 == 5 and subtype == b"plain"
    kind = kinds[0] if rare else chosen.choices(kinds, [each.weight for each in kinds])[0]
    lines = _lines(kind.lines, chosen, size)
    if rare:
        lines += b"Please see the " + RARE_BODY + b" file.\r\n"
    if subtype == b"html" and kind.encoding != b"base64":
        lines = b"<html><body><p>\r\n" + lines + b"</p></body></html>\r\n"
    return (b"Content-Type: text/" + subtype + b"; charset=" + kind.charset
            + b"\r\nContent-Transfer-Encoding: " + kind.encoding + b"\r\n\r\n" + lines)  # fmt: skip


def _alternative(number: int, chosen: random.Random, size: int, boundary: bytes) -> bytes:
    return (b'Content-Type: multipart/alternative; boundary="' + boundary + b'"\r\n\r\n'
            + b"--" + boundary + b"\r\n" + _part(number, chosen, size // 4)
            + b"\r\n--" + boundary + b"\r\n" + _part(number, chosen, size * 3 // 4, b"html")
            + b"\r\n--" + boundary + b"--\r\n")  # fmt: skip


def _mixed(number: int, chosen: random.Random, body: bytes, attached: int, boundary: bytes) -> bytes:
    return (b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n--' + boundary + b"\r\n" + body
            + b"\r\n--" + boundary + b'\r\nContent-Type: application/pdf; name="report-%d.pdf"\r\n' % number
            + b'Content-Disposition: attachment; filename="report-%d.pdf"\r\n' % number
            + b"Content-Transfer-Encoding: base64\r\n\r\n" + _lines(_stuff().blob, chosen, attached)
            + b"\r\n--" + boundary + b"--\r\n")  # fmt: skip


def _lines(pool: bytes, chosen: random.Random, size: int) -> bytes:
    start = pool.find(b"\n", chosen.randrange(len(pool) // 2)) + 1
    cut = pool[start : start + size]
    while len(cut) < size:
        cut += pool[: size - len(cut)]
    return cut[: cut.rfind(b"\n") + 1] or b"short\r\n"
