"""``python -m bench.badmail``: what the worst mail costs, at one size and at twice that: time must double, no more."""

import time
from collections.abc import Callable, Iterable
from typing import Final

from imapd.imap.fetch.renderings import RENDERINGS
from mailstore.fulltext.text import pieces
from mailstore.fulltext.trigrams import trigrams
from mailstore.mime import Message
from mailstore.sqlite import contents
from mailstore.sqlite.contents import Keeping
from mailstore.sqlite.dictionaries import NONE
from mailstore.sqlite.renderings import Kinds
from tests import badmail

KINDS: Final[dict[str, tuple[Callable[[int], bytes], int]]] = {
    "parts": (badmail.of_parts, 5_000),
    "depth": (badmail.nested, 500),
    "octets of header": (badmail.with_header_of, 5 << 20),
    "octets of text": (badmail.text_of, 10 << 20),
    "addresses": (badmail.of_addresses, 50_000),
    "octets of one line": (badmail.of_one_line, 10 << 20),
    "encoded words": (badmail.of_encoded_words, 50_000),
    "octets of broken base64": (badmail.of_base64, 10 << 20),
    "octets of random 8-bit text": (badmail.of_noise, 2 << 20),
}


REGISTERED: Final = Kinds((each, number) for number, each in enumerate(RENDERINGS))


def _prepared(octets: bytes) -> object:
    return contents.prepare(octets, Keeping(REGISTERED, NONE))


def _indexed(octets: bytes) -> object:
    return trigrams(pieces(Message(octets)), 200_000)


def _seconds(work: Callable[[bytes], object], octets: bytes) -> float:
    began = time.process_time()
    work(octets)
    return time.process_time() - began


def lines() -> Iterable[str]:
    """Yield the lines of a table."""
    yield f"{'':>34} {'octets':>12} {'to keep':>10} {'to index':>10}"
    for what, (make, count) in KINDS.items():
        for times in (1, 2):
            octets = make(times * count)
            kept, indexed = _seconds(_prepared, octets), _seconds(_indexed, octets)
            yield f"{times * count:>12,} {what:<21} {len(octets):>12,} {kept:>8.2f} s {indexed:>8.2f} s"


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
