"""The Date: field (RFC 5322, 3.3 and 4.3)."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from mailstore.mime.lexical import without_comments
from mailstore.model import InternalDate

_DATE: Final = re.compile(
    rb"(?:[a-z]+\W+)?(?P<day>\d{1,2})[\s-]+(?P<month>[a-z]{3})[a-z]*[\s.,-]+(?P<year>\d{2,4})"
    rb"(?:[\s,]+(?P<time>\d{1,2}\s*:\s*\d{1,2}(?:\s*:\s*\d{1,2})?)(?:\.\d+)?\s*(?P<zone>[+-]\s?\d{3,4}|[a-z]*))?",
    re.IGNORECASE,
).match
_ASCTIME: Final = re.compile(
    rb"(?:[a-z]+\W+)?(?P<month>[a-z]{3})[a-z]*\s+(?P<day>\d{1,2})\s+(?P<time>\d{1,2}:\d\d(?::\d\d)?)\s+"
    rb"(?P<zone>[+-]\d{4}|[a-z]*)\s*(?P<year>\d{4})",
    re.IGNORECASE,
).match
_MONTHS: Final = b"jan feb mar apr may jun jul aug sep oct nov dec".split()
_ZONES: Final = {b"EST": -5, b"EDT": -4, b"CST": -6, b"CDT": -5, b"MST": -7, b"MDT": -6, b"PST": -8, b"PDT": -7}
"""Hours east of UTC; every other name means that the zone is unknown, and so UTC (RFC 5322, 4.3)."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_OCTETS: Final = 1000
"""A line has at most 998 octets (RFC 5322, 2.1.1), and a date fits on one."""


def parse_date(value: bytes) -> InternalDate | None:
    """Return the moment that an unfolded Date: value names, and its zone in minutes east of UTC; None if it names none.

    ::

        date-time = [ day-of-week "," ] date time [CFWS]
        date      = day month year
        time      = hour ":" minute [ ":" second ] zone     (RFC 5322, 3.3)

    The obsolete forms (4.3) are taken, and what is often sent besides: no time or zone, dashes, the form of asctime(3).
    """
    value = without_comments(value[:_MAX_OCTETS]).strip()
    match = _DATE(value) or _ASCTIME(value)
    if not match:
        return None
    zone = _zone((match["zone"] or b"").upper())
    hour, minute, second = _time(match["time"])
    try:
        month = _MONTHS.index(match["month"].lower()) + 1
        local = datetime(_year(match["year"]), month, int(match["day"]), hour, minute, min(second, 59), tzinfo=UTC)
        return InternalDate((local - _EPOCH) // timedelta(seconds=1) - zone * 60, zone)
    except ValueError:
        return None


def _year(digits: bytes) -> int:
    """Return the year; two or three digits count as RFC 5322, 4.3 says."""
    year = int(digits)
    if len(digits) == 2 and year < 50:
        return year + 2000
    return year + 1900 if len(digits) < 4 else year


def _time(value: bytes | None) -> tuple[int, int, int]:
    """Return hour, minute and second; those that are not given are zero."""
    hour, minute, second, *_ = [*map(int, (value or b"0").split(b":")), 0, 0]
    return hour, minute, second


def _zone(value: bytes) -> int:
    """Return minutes east of UTC of ``+hhmm`` or a zone's name."""
    if value[:1] not in (b"+", b"-"):
        return _ZONES.get(value, 0) * 60
    digits = int(value[1:])
    minutes = digits // 100 * 60 + digits % 100
    if minutes >= 24 * 60 or digits % 100 > 59:
        return 0
    return minutes if value[:1] == b"+" else -minutes
