r"""Many messages in one file (RFC 4155).

::

    mbox      = *(separator message blank-line)
    separator = "From " [sender SP date] line-end

A separator is the first line, or comes after a blank one, and has a date that can be read; Thunderbird writes some
without a date, and then a header field must follow.  Other lines that begin with ``From `` are text.  Quoting is undone
as mboxrd wants it: of body lines that begin with ``>From ``, ``>>From `` and so on, one ``>`` goes.  Content-Length is
not believed, since much software that changes messages leaves it as it was.
"""

import mmap
import re
from collections.abc import Iterator
from functools import partial
from itertools import chain, count, islice, pairwise
from pathlib import Path
from typing import Final

from attrs import frozen

from imapd.formats import dates, status
from imapd.formats.eml import begins_message
from imapd.formats.found import HEAD, PIECE, Found, header_of
from mailstore.model import InternalDate

_Octets = bytes | mmap.mmap

_FIRST: Final = re.compile(rb"From ([^\r\n]{0,1000})\r?\n")
_LATER: Final = re.compile(rb"\nFrom ([^\r\n]{0,1000})\r?\n")
_DATE: Final = re.compile(rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .*\d\d:\d\d")
_QUOTED: Final = re.compile(rb"\n>+From ")
_FIELD_OCTETS: Final = 1000
"""How much of the line after a separator is looked at."""


@frozen
class _Separator:
    """Where the message before it ends, where its own begins, and its date."""

    before: int
    after: int
    date: InternalDate | None = None


def begins_mbox(head: bytes) -> bool:
    """Tell whether a file that begins with `head` begins with a separator."""
    return next(_separators(head), _Separator(1, 1)).before == 0


def holds_several(path: Path) -> bool:
    """Tell whether a file that begins with a separator has another one."""
    return len(list(islice(_separators(_mapped(path)), 2))) == 2


def read(path: Path) -> Iterator[Found]:
    """Yield the messages of an mbox, without those that Thunderbird has removed."""
    octets = _mapped(path)
    separators = chain(_separators(octets), [_end(octets)])
    for number, (separator, following) in zip(count(1), pairwise(separators), strict=False):
        start, end = separator.after, following.before
        header = header_of(octets[start : min(end, start + HEAD)])
        if end <= start or status.is_expunged(header):
            continue
        yield Found(
            source=f"{path} (message {number})",
            size=following.before - separator.before,
            pieces=partial(_pieces, octets, start, start + len(header.octets), end),
            flags=status.flags(header),
            internal_date=dates.sane(separator.date) or dates.from_header(header),
        )


def _mapped(path: Path) -> _Octets:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _separators(octets: _Octets) -> Iterator[_Separator]:
    first = _FIRST.match(octets)
    for match in chain([first] if first else [], _LATER.finditer(octets)):
        before = _blank_line(octets, match.start())
        if before is None:
            continue
        date = _DATE.search(match[1])
        internal_date = dates.from_text(match[1][date.start() :]) if date else None
        bare = match[1].strip() in {b"", b"-"} and begins_message(octets[match.end() : match.end() + _FIELD_OCTETS])
        if internal_date or bare:
            yield _Separator(before, match.end(), internal_date)


def _blank_line(octets: _Octets, at: int) -> int | None:
    """Return where the blank line begins that ends with the LF at `at`; None if there is none."""
    if at == 0:
        return 0
    start = at - 1 if octets[at - 1 : at] == b"\r" else at
    return start if octets[start - 1 : start] == b"\n" else None


def _end(octets: _Octets) -> _Separator:
    blank = _blank_line(octets, len(octets) - 1) if octets[-1:] == b"\n" else None
    return _Separator(len(octets) if blank is None else blank, len(octets))


def _pieces(octets: _Octets, start: int, body: int, end: int) -> Iterator[bytes]:
    """Yield the octets from `start` to `end`, without the first ``>`` of quoted lines from `body` on."""
    for quoted in _QUOTED.finditer(octets, body - 1, end):
        yield from _slices(octets, start, quoted.start() + 1)
        start = quoted.start() + 2
    yield from _slices(octets, start, end)


def _slices(octets: _Octets, start: int, end: int) -> Iterator[bytes]:
    for at in range(start, end, PIECE):
        yield octets[at : min(at + PIECE, end)]
