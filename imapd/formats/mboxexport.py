r"""An account as mboxes in the dialect mboxrd: ``Work/2024.mbox`` is the mailbox Work/2024.

Each message begins with fields that say its UID, flags and keywords as Dovecot does, and one for what these cannot say
(`imapd.formats.mboxfields`).
"""

import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from imapd.formats import exported, freenames, status, subscriptions
from imapd.formats.exported import Place
from imapd.formats.mboxfields import INTERNAL, OURS
from imapd.formats.outgoing import Content, Outgoing
from mailstore.model import SYSTEM_FLAGS, Flag, Flags, MailboxName, MailboxStatus

_QUOTABLE: Final = re.compile(rb"\n(>*From )")
_BEGUN: Final = re.compile(rb">*(?:F(?:r(?:om?)?)?)?")
"""What a line begins with that could become one that must be quoted."""
_TAKEN: Final = ("cur", "new", "tmp", exported.FILE)
"""Names for no folder: three would make a Maildir of the one that it is in, and the last is a file's."""
_LAST_SECOND: Final = 253_402_300_799
"""The end of the year 9999."""


class MboxExport:
    """Writes mailboxes into a folder that is empty yet."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._names: dict[Path, freenames.FreeNames] = {}
        self._directories: dict[tuple[str, ...], Path] = {(): root}
        self._places: dict[str, Place] = {}
        self._file: BinaryIO | None = None
        self._base: bytes = b""

    def begin(self, counts: MailboxStatus, place: Place) -> None:
        """Begin the file of a mailbox."""
        path = self._path(place.levels)
        self._places[path.relative_to(self._root).as_posix()] = place
        self._file = path.open("xb")
        self._base = b"%d %010d" % (counts.uid_validity, counts.uid_next - 1)

    def _path(self, levels: tuple[str, ...]) -> Path:
        directory = self._directory(levels[:-1])
        directory.mkdir(parents=True, exist_ok=True)
        return directory / self._free(directory, levels[-1], ".mbox")

    def _directory(self, levels: tuple[str, ...]) -> Path:
        if levels not in self._directories:
            above = self._directory(levels[:-1])
            self._directories[levels] = above / self._free(above, levels[-1])
        return self._directories[levels]

    def _free(self, directory: Path, level: str, ending: str = "") -> str:
        names = self._names.setdefault(directory, freenames.FreeNames(_TAKEN))
        return names.free((level,), lambda levels: re.sub(r"^\.", "_", levels[0]) + ending)

    def add(self, message: Outgoing, content: Content) -> None:
        """Write a message."""
        assert self._file is not None, "a mailbox was begun"
        self._file.write(_separator(message.internal_date.seconds))
        self._file.write(self._take_base(b"X-IMAPbase"))
        self._file.write(_fields(message, content))
        self._file.writelines(quoted(content.pieces()))
        self._file.write(b"\n\n" if content.is_cut else b"\n")

    def _take_base(self, name: bytes) -> bytes:
        """Return the field that only the first message has, or none."""
        base, self._base = self._base, b""
        return b"%b: %b\n" % (name, base) if base else b""

    def end(self) -> list[str]:
        """Finish the mailbox; one without messages gets what UW's server has in the place of the first."""
        assert self._file is not None, "a mailbox was begun"
        if self._base:
            self._file.write(_separator(0) + b"Subject: %b\n%b" % (INTERNAL, self._take_base(b"X-IMAP")))
            self._file.write(b"Status: RO\n\nThis mailbox holds no message.\n\n")
        self._file.close()
        return []

    def finish(self, subscribed: Iterable[MailboxName]) -> list[str]:
        """Write the subscriptions, and what the names of files cannot say."""
        subscriptions.write_hidden(self._root, [Place(name).levels for name in subscribed])
        exported.write(self._root, self._places)
        return []


def _separator(seconds: int) -> bytes:
    at = time.gmtime(seconds if 0 <= seconds <= _LAST_SECOND else 0)
    return f"From MAILER-DAEMON {time.asctime(at)}\n".encode()


def _fields(message: Outgoing, content: Content) -> bytes:
    seconds, zone = message.internal_date
    ours = [f"zone={zone}", f"date={seconds}", f"uidl={message.uidl}"]
    ours += ["line-ends=exact"] * content.is_exact + ["end=none"] * content.is_cut
    keywords = sorted(message.flags.difference(SYSTEM_FLAGS))
    fields = (
        ("X-UID", str(message.uid)),
        ("Status", _letters(message.flags, status.STATUS) + "O"),
        ("X-Status", _letters(message.flags, status.X_STATUS)),
        ("X-Keywords", " ".join(keywords)),
        (OURS, " ".join(ours)),
    )
    return "".join(f"{name}: {value}\n" for name, value in fields).encode("ascii")


def _letters(flags: Flags, letters: dict[str, Flag]) -> str:
    return "".join(letter for letter, flag in letters.items() if flag in flags)


def quoted(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the octets of a message with ``>`` before each line that begins with ``From ``, ``>From `` and so on."""
    held, begins_line = b"", True  # what may become such a line with the next piece
    for piece in pieces:
        octets = held + piece
        last = octets[octets.rfind(b"\n") + 1 :]
        is_whole = len(last) == len(octets) and not begins_line
        held = last if not is_whole and _BEGUN.fullmatch(last) else b""
        ready = octets[: len(octets) - len(held)]
        yield _QUOTABLE.sub(rb"\n>\1", b"\n" * begins_line + ready)[begins_line:]
        begins_line = ready.endswith(b"\n") if ready else begins_line
    yield held
