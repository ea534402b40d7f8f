"""What a worker writes to its standard output: that it is ready, and its log, which is its parent's.

``record = "ready" NUL / level SP namespace SP text NUL``, in UTF-8 whatever the locale is
"""

from collections.abc import Callable
from typing import BinaryIO, Final

from twisted.logger import ILogObserver, InvalidLogLevelError, LogEvent, Logger, LogLevel, eventAsText
from zope.interface import directlyProvides

_END: Final = b"\0"
_READY: Final = b"ready"
_LONGEST: Final = 1 << 16
"""Octets without an end that are waited for: a worker that writes anything else is broken."""


def say_ready(stream: BinaryIO) -> None:
    """Say that clients are taken."""
    stream.write(_READY + _END)
    stream.flush()


def observer(stream: BinaryIO) -> ILogObserver:
    """Return what writes the events of the log to `stream`."""

    def write(event: LogEvent) -> None:
        text = eventAsText(event, includeTimestamp=False, includeSystem=False).replace("\0", "\\0")
        level, namespace = event.get("log_level"), event.get("log_namespace") or "-"
        stream.write(f"{(level or LogLevel.info).name} {namespace} {text}".encode(errors="backslashreplace") + _END)
        stream.flush()

    directlyProvides(write, ILogObserver)
    return write  # type: ignore[return-value]  # it does


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
        level, namespace, text = [*record.split(" ", 2), "", ""][:3]
        try:
            Logger(f"{namespace} {self._worker}").emit(LogLevel.levelWithName(level), "{text}", text=text)
        except InvalidLogLevelError:
            Logger(self._worker).warn("{text}", text=record)
