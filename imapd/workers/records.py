"""What a worker writes to its standard output: that it is ready, and its log, which is its parent's.

``record = "ready" NUL / level SP namespace SP time SP text NUL``, in UTF-8 whatever the locale is; the
time is in seconds since 1970 UTC.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, Final, TextIO

from twisted.internet.interfaces import IReactorTime
from twisted.logger import (
    ILogObserver,
    InvalidLogLevelError,
    LogEvent,
    Logger,
    LogLevel,
    eventAsText,
    globalLogPublisher,
)
from twisted.python.threadable import isInIOThread
from zope.interface import implementer

GATHERED_SECONDS: Final = 0.05
"""How long a line that is no warning waits for others: to wake the parent for each costs more than to log it.  A worker
that is killed takes as much of its log with it, and lines of two workers may be as much out of order."""

_END: Final = b"\0"
_READY: Final = b"ready"
_LONGEST: Final = 1 << 16
"""Octets without an end that are waited for: a worker that writes anything else is broken."""


def gathering(output: TextIO) -> BinaryIO:
    """Return what writes to `output` and gathers until it is flushed, PYTHONUNBUFFERED or not: many containers set it.

    It must be flushed at the end.
    """
    return open(output.fileno(), "wb", closefd=False)


def say_ready(stream: BinaryIO) -> None:
    """Say that clients are taken."""
    stream.write(_READY + _END)
    stream.flush()


@implementer(ILogObserver)
class Observer:
    """Writes the events of the log to a stream: warnings and worse at once, others together a moment later."""

    def __init__(self, stream: BinaryIO, clock: IReactorTime) -> None:
        """Take the stream, which gathers what is written until it is flushed, and what the moment is measured by."""
        self._stream, self._clock = stream, clock
        self._waits = False

    def __call__(self, event: LogEvent) -> None:
        """Twisted: something happened."""
        level = event.get("log_level") or LogLevel.info
        text = _text(event).replace("\0", "\\0")
        head = f"{level.name} {event.get('log_namespace') or '-'} {event['log_time']:f} "
        self._stream.write((head + text).encode(errors="backslashreplace") + _END)
        if level >= LogLevel.warn or not isInIOThread():
            self._stream.flush()
        elif not self._waits:
            self._waits = True
            self._clock.callLater(GATHERED_SECONDS, self._flush)

    def _flush(self) -> None:
        self._waits = False
        self._stream.flush()


def _text(event: LogEvent) -> str:
    """Return what an event says: by Twisted, which takes twenty times as long, where Python's own formats cannot."""
    if "log_failure" not in event:
        with suppress(Exception):  # whatever a value's formatting raises; Twisted says so in the log
            return str(event["log_format"].format_map(event))
    return eventAsText(event, includeTimestamp=False, includeSystem=False)


class Records:
    """Reads what a worker writes, and logs it here."""

    def __init__(self, worker: str, ready: Callable[[], None]) -> None:
        """Take what the worker is called in the log, and what to call when it is ready."""
        self._worker = worker
        self._ready = ready
        self._octets = b""

    def receive(self, octets: bytes) -> None:
        """Take what it wrote."""
        *records, self._octets = (self._octets + octets).split(_END)
        if len(self._octets) > _LONGEST:
            records, self._octets = [*records, self._octets], b""
        for record in records:
            if record == _READY:
                self._ready()
            else:
                self._log(record.decode(errors="replace"))

    def _log(self, record: str) -> None:
        level, namespace, seconds, text = [*record.split(" ", 3), "", "", ""][:4]
        try:
            event = {"log_level": LogLevel.levelWithName(level), "log_time": float(seconds), "text": text}
        except (InvalidLogLevelError, ValueError):
            Logger(self._worker).warn("{text}", text=record)
        else:
            event |= {"log_namespace": f"{namespace} {self._worker}", "log_source": None, "log_format": "{text}"}
            globalLogPublisher(event)
