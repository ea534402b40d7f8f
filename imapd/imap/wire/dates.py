"""Dates on the wire: those of SEARCH, and the internal date (RFC 3501, 9, date and date-time)."""

import datetime
import re
from functools import lru_cache
from typing import Final

from imapd.imap.errors import Bad
from imapd.imap.wire.cursor import Cursor
from mailstore.model import InternalDate

_MONTHS: Final = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
_MONTH_NUMBERS: Final = {name.upper(): number for number, name in enumerate(_MONTHS, 1)}

_DATE: Final = re.compile(rb'("?)(\d\d?)-([A-Za-z]{3})-(\d{4})\1')
_DATE_TIME: Final = re.compile(
    rb'"( ?\d|\d\d)-([A-Za-z]{3})-(\d{4}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60) ([+-])([01]\d|2[0-3])([0-5]\d)"'
)

_DAY: Final = 86_400
_EPOCH: Final = datetime.date(1970, 1, 1).toordinal()
_FIRST_SECOND: Final = (datetime.date.min.toordinal() - _EPOCH) * _DAY
_LAST_SECOND: Final = (datetime.date.max.toordinal() - _EPOCH + 1) * _DAY - 1


def date(cursor: Cursor) -> datetime.date:
    """``date = date-text / DQUOTE date-text DQUOTE``

    ``date-text = 1*2DIGIT "-" date-month "-" 4DIGIT``
    """
    found = cursor.match(_DATE, "a date such as 1-Feb-1994")
    return _day(*found.group(2, 3, 4))


def date_time(cursor: Cursor) -> InternalDate:
    """``date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE``

    A day of one digit is taken without its space too, and second 60 for a leap second: it is the one after 59.
    """
    found = cursor.match(_DATE_TIME, 'a time such as "17-Jul-1996 02:44:25 -0700"')
    hours, minutes, seconds = map(int, found.group(4, 5, 6))
    zone = (60 * int(found[8]) + int(found[9])) * (-1 if found[7] == b"-" else 1)
    days = _day(*found.group(1, 2, 3)).toordinal() - _EPOCH
    return InternalDate(days * _DAY + 3600 * hours + 60 * minutes + seconds - 60 * zone, zone)


def _day(day: bytes, month: bytes, year: bytes) -> datetime.date:
    try:
        return datetime.date(int(year), _MONTH_NUMBERS[month.upper()], int(day))
    except (KeyError, ValueError):
        raise Bad("there is no such day in the calendar") from None


def encode_date_time(when: InternalDate) -> bytes:
    """Return `when` as a quoted date-time; before year 1 or after 9999 it is the nearest second that can be spelled."""
    local = min(max(when.seconds + 60 * when.zone, _FIRST_SECOND), _LAST_SECOND)
    days, time = divmod(local, _DAY)
    minutes, second = divmod(time, 60)
    return b'"%b %02d:%02d:%02d %b"' % (_spell_day(days), minutes // 60, minutes % 60, second, _spell_zone(when.zone))


@lru_cache(maxsize=4096)  # mail of ten years: few messages of a mailbox are alone on their day
def _spell_day(days: int) -> bytes:
    day = datetime.date.fromordinal(days + _EPOCH)
    return b"%2d-%b-%04d" % (day.day, _MONTHS[day.month - 1], day.year)


@lru_cache(maxsize=128)
def _spell_zone(zone: int) -> bytes:
    return b"%b%02d%02d" % (b"-" if zone < 0 else b"+", abs(zone) // 60, abs(zone) % 60)
