r"""Many messages in one file (RFC 4155), in any of the four dialects of quoting.

::

    mbox      = *(separator message blank-line)
    separator = "From " [sender SP date] line-end

A separator is the first line, or comes after a blank one, and has a date that can be read; Thunderbird writes some
without a date, and then a header field must follow.  Other lines that begin with ``From `` are text.

============ ==================================== ==============
dialect      quoted lines                         Content-Length
============ ==================================== ==============
mboxo        ``From ``                            no
mboxrd       ``From ``, ``>From ``, ``>>From ``   no
mboxcl       ``From ``                            yes
mboxcl2      none                                 yes
============ ==================================== ==============

Content-Length is believed only where it leads to another separator or to the end, and only in a file most of whose
messages have one that does: much software that changes messages leaves it as it was.
"""

import re
from collections.abc import Iterator
from enum import Enum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from imapd.formats import dates, mboxfields
from imapd.formats.eml import begins_message
from imapd.formats.fileoctets import FileOctets
from imapd.formats.found import HEAD, PIECE, ROOT, Folder, Found, Identity, header_of
from mailstore.model import InternalDate

_SEPARATOR: Final = re.compile(rb"From ([^\r\n]{0,1000})\r?\n")
_LATER: Final = re.compile(rb"\nFrom ")
_DATE: Final = re.compile(rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? .*\d\d:\d\d")
_QUOTED: Final = re.compile(rb"\n>+From ")
_QUOTED_ONCE: Final = re.compile(rb"\n>From ")
_NEVER: Final = re.compile(rb"(?!)")
_BLANK: Final = re.compile(rb"\r?\n")
_LENGTH: Final = re.compile(rb"\d{1,15}")
_LINE_OCTETS: Final = 1100
"""Of a separator and its line end."""
_FIELD_OCTETS: Final = 1000
"""How much of the line after a separator is looked at."""
_SAMPLE: Final = 1000
"""Messages by which a file's dialect is told."""


class Dialect(Enum):
    """How lines that look like separators are kept apart from them."""

    MBOXO = "mboxo"
    MBOXRD = "mboxrd"
    MBOXCL = "mboxcl"
    MBOXCL2 = "mboxcl2"

    @property
    def has_lengths(self) -> bool:
        """Whether messages have a Content-Length that counts."""
        return self in {Dialect.MBOXCL, Dialect.MBOXCL2}

    @property
    def quoted(self) -> re.Pattern[bytes]:
        """What begins a line that lost its first ``>`` when it was read."""
        return {Dialect.MBOXRD: _QUOTED, Dialect.MBOXCL2: _NEVER}.get(self, _QUOTED_ONCE)


@frozen
class _Separator:
    """Where the message before it ends, where its own begins, and its date; or else the end of the file."""

    before: int
    after: int
    date: InternalDate | None = None
    is_end: bool = False


def begins_mbox(head: bytes) -> bool:
    """Tell whether a file that begins with `head` begins with a separator."""
    return _separator(head, 0) is not None


def holds_several(path: Path) -> bool:
    """Tell whether a file that begins with a separator has another one."""
    return len(list(islice(_messages(FileOctets(path), has_lengths=False), 2))) == 2


def read(path: Path, folder: Folder = ROOT, dialect: Dialect | None = None) -> Iterator[Folder | Found]:
    """Yield the folder that an mbox is, and its messages, without those that Thunderbird has removed.

    Without a `dialect` it is told by the file: with ``>`` taken from all lines that could have got it, unless
    Content-Length shows that none has.
    """
    octets = FileOctets(path)
    dialect = dialect or _dialect(octets)
    folder = evolve(folder, identity=_identity(path, octets))
    yield folder
    for number, (separator, following) in enumerate(_messages(octets, has_lengths=dialect.has_lengths), start=1):
        start, end = separator.after, following.before
        head = octets[start : min(end, start + HEAD)]
        fields = mboxfields.read(head, header_of(head))
        if fields.is_no_message or (end <= start and not fields.is_ours):
            continue
        body = start + (fields.octets or len(fields.header.octets))
        quoted = Dialect.MBOXRD.quoted if fields.is_ours else dialect.quoted
        yield Found(
            source=f"{path} (message {number})",
            size=following.before - separator.before,
            pieces=partial(_pieces, octets, start + fields.octets, body, end - fields.is_cut, quoted),
            flags=fields.flags,
            internal_date=fields.date(separator.date) or dates.sane(separator.date) or dates.from_header(fields.header),
            folder=folder,
            uid=fields.uid if folder.identity else None,
            uidl=fields.uidl,
            is_exact=fields.is_exact,
        )


def _identity(path: Path, octets: FileOctets) -> Identity | None:
    first = _separator(octets, 0)
    return mboxfields.identity(path, header_of(octets[first.after : first.after + HEAD])) if first else None


def _dialect(octets: FileOctets) -> Dialect:
    """Tell by the first messages."""
    with_length = without = 0
    has_unquoted = False
    for separator, following in islice(_messages(octets, has_lengths=True), _SAMPLE):
        if _by_length(octets, separator.after) is None:
            without += 1
        else:
            with_length += 1
            has_unquoted = has_unquoted or _later(octets, separator.after, following.before) is not None
    if with_length <= without:
        return Dialect.MBOXRD
    return Dialect.MBOXCL2 if has_unquoted else Dialect.MBOXCL


def _messages(octets: FileOctets, *, has_lengths: bool) -> Iterator[tuple[_Separator, _Separator]]:
    """Yield each separator of a file that begins with one, with the next, or with the end."""
    separator = _separator(octets, 0)
    while separator is not None:
        following = _by_length(octets, separator.after) if has_lengths else None
        following = following or _later(octets, separator.after, len(octets)) or _end(octets)
        yield separator, following
        separator = None if following.is_end else following


def _by_length(octets: FileOctets, start: int) -> _Separator | None:
    """Return the separator or the end to which the Content-Length of a message leads; None if to neither."""
    header = header_of(octets[start : start + HEAD])
    length = (header.get(b"content-length") or b"").strip()
    body = start + len(header.octets)
    blank = _blank_octets(octets, body)
    if not _LENGTH.fullmatch(length) or not blank:
        return None
    end = body + blank + int(length)
    if end > len(octets):
        return None
    rest = octets[end : end + HEAD]
    if end + len(rest) == len(octets) and not rest.strip(b"\r\n"):
        return _Separator(end, len(octets), is_end=True)
    blank_after = _blank_octets(octets, end)
    following = _separator(octets, end + blank_after) if blank_after or octets[end - 1 : end] == b"\n" else None
    if following is None:
        return None
    if not blank_after:  # it counts the blank line, which is no part of the message
        end = max(body + blank, _blank_line(octets, end - 1) or end)
    return evolve(following, before=end)


def _blank_octets(octets: FileOctets, at: int) -> int:
    """Return how many octets the line end takes that is all there is in the line at `at`; 0 if there is more."""
    found = _BLANK.match(octets[at : at + 2])
    return found.end() if found else 0


def _later(octets: FileOctets, start: int, stop: int) -> _Separator | None:
    """Return the first separator after `start` that comes after a blank line."""
    for line_end in octets.search(_LATER, start - 1, stop):
        before = _blank_line(octets, line_end)
        if before is not None and (found := _separator(octets, line_end + 1)):
            return evolve(found, before=max(before, start))
    return None


def _separator(octets: bytes | FileOctets, at: int) -> _Separator | None:
    """Return the separator that begins at `at`, whatever comes before; None if there is none."""
    match = _SEPARATOR.match(octets[at : at + _LINE_OCTETS])
    if not match:
        return None
    date = _DATE.search(match[1])
    internal_date = dates.from_text(match[1][date.start() :]) if date else None
    after = at + match.end()
    bare = match[1].strip() in {b"", b"-"} and begins_message(octets[after : after + _FIELD_OCTETS])
    return _Separator(at, after, internal_date) if internal_date or bare else None


def _blank_line(octets: FileOctets, at: int) -> int | None:
    """Return where the blank line begins that ends with the LF at `at`; None if there is none."""
    start = at - 1 if octets[at - 1 : at] == b"\r" else at
    return start if octets[start - 1 : start] == b"\n" else None


def _end(octets: FileOctets) -> _Separator:
    blank = _blank_line(octets, len(octets) - 1) if octets[-1:] == b"\n" else None
    return _Separator(len(octets) if blank is None else blank, len(octets), is_end=True)


def _pieces(octets: FileOctets, start: int, body: int, end: int, quoted: re.Pattern[bytes]) -> Iterator[bytes]:
    """Yield the octets from `start` to `end`, without the first ``>`` of quoted lines from `body` on."""
    for line_end in octets.search(quoted, body - 1, end):
        yield from _slices(octets, start, line_end + 1)
        start = line_end + 2
    yield from _slices(octets, start, end)


def _slices(octets: FileOctets, start: int, end: int) -> Iterator[bytes]:
    for at in range(start, end, PIECE):
        yield octets[at : min(at + PIECE, end)]
