"""The server's zone, which is what its users take for the day."""

import time
from datetime import date

from mailstore.model import InternalDate


def local(seconds: int) -> InternalDate:
    """Return a moment, given in seconds since 1970 UTC, in the server's zone."""
    return InternalDate(seconds, time.localtime(seconds).tm_gmtoff // 60)


def now() -> InternalDate:
    """Return this moment in the server's zone."""
    return local(int(time.time()))


def begin(day: date) -> int:
    """Return when a day begins in the server's zone, in seconds since 1970 UTC."""
    return int(time.mktime(day.timetuple()))
