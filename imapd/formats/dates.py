"""When a message came in, as far as a file knows."""

import time
from calendar import timegm
from email.utils import parsedate_tz
from pathlib import Path
from typing import Final

from mailstore.mime.dates import parse_date
from mailstore.mime.headers import Header
from mailstore.model import InternalDate

_DAY: Final = 86400


def from_header(header: Header) -> InternalDate | None:
    """Return the date of the topmost Received field, which the last server wrote, else that of the Date field."""
    received = header.get(b"received") or b""
    return sane(parse_date(received.rpartition(b";")[2])) or sane(parse_date(header.get(b"date") or b""))


def from_text(text: bytes) -> InternalDate | None:
    """Return the date that an mbox separator ends with; in UTC if it names no zone (RFC 4155, appendix A)."""
    parsed = parsedate_tz(text.decode("ascii", "replace"))
    if parsed is None or not 1 <= parsed[2] <= 31:
        return None
    zone = parsed[9] or 0
    try:
        return InternalDate(timegm(parsed[:9]) - zone, zone // 60)
    except (ValueError, OverflowError):
        return None


def from_mtime(path: Path) -> InternalDate:
    """Return when the file was last written."""
    return InternalDate(int(path.stat().st_mtime), 0)


def sane(date: InternalDate | None) -> InternalDate | None:
    """Return `date` if mail could have come in then: nothing came before 1970, nor comes after tomorrow."""
    return date if date and 0 <= date.seconds <= time.time() + _DAY else None
