"""An account as a Maildir, with folders beside one another (Maildir++) and all that Dovecot writes down beside mail.

Keywords beyond the 26 that have letters are written down as Courier does, which `imapd.formats.maildirkeywords` reads
too; what no name of a folder or file can say is told by `imapd.formats.exported` and `imapd.formats.maildirnames`.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TextIO

from imapd.formats import exported, freenames, maildirkeywords, subscriptions
from imapd.formats.exported import Place
from imapd.formats.maildir import LETTERS
from imapd.formats.maildirnames import encoded, levels_of
from imapd.formats.outgoing import Content, Outgoing
from mailstore.model import SYSTEM_FLAGS, Flag, Flags, MailboxName, MailboxStatus
from mailstore.names import INBOX

_LETTER_OF: Final = {flag: letter for letter, flag in LETTERS.items()}
_ROOT: Final = "."


class MaildirExport:
    """Writes mailboxes into a folder that is empty yet."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: dict[MailboxName, str] = {INBOX: _ROOT}
        self._names = freenames.FreeNames()
        self._places: dict[str, Place] = {}
        self._path = root
        self._uids: TextIO | None = None
        self._letters: dict[Flag, str] = {}
        self._others: dict[str, list[Flag]] = {}

    def begin(self, counts: MailboxStatus, place: Place) -> None:
        """Make the folder of a mailbox, and begin its list of UIDs."""
        self._path = self._root / self._folder(place)
        for sub in ("cur", "new", "tmp"):
            (self._path / sub).mkdir(parents=True)
        if place.name != INBOX:
            (self._path / "maildirfolder").touch()
        self._uids = (self._path / "dovecot-uidlist").open("w", encoding="ascii")
        self._uids.write(f"3 V{counts.uid_validity} N{counts.uid_next} G{counts.id}\n")
        self._letters, self._others = {}, {}

    def _folder(self, place: Place) -> str:
        """Return the name of a mailbox's folder, and note what it does not say."""
        if place.name not in self._folders:
            self._folders[place.name] = self._names.free(place.levels, _spelled)
        name = self._folders[place.name]
        said = (INBOX,) if name == _ROOT else levels_of(name)
        if said != place.levels or place.special_use is not None:
            self._places.setdefault(name, place)  # of what is subscribed the name alone is known
        return name

    def add(self, message: Outgoing, content: Content) -> None:
        """Write a message, and its line in the list of UIDs."""
        assert self._uids is not None, "a mailbox was begun"
        temporary = self._path / "tmp" / f"{message.uid}.imapd"
        with temporary.open("wb") as file:
            file.writelines(content.pieces())
            size = file.tell()
        seconds, zone = message.internal_date
        base = f"{max(seconds, 0)}.U{message.uid}.imapd,S={size},W={len(content.spool) + content.bare}"
        base += f",Z={zone}" * bool(zone) + ",E=1" * content.is_exact
        base += f",D={seconds}" * (not _set_time(temporary, seconds))
        temporary.rename(self._path / "cur" / f"{base}:2,{self._flags(base, message.flags)}")
        self._uids.write(f"{message.uid} P{message.uidl} :{base}\n")

    def _flags(self, base: str, flags: Flags) -> str:
        """Return the letters of a message, and note which keywords have none."""
        for flag in sorted(flags.difference(SYSTEM_FLAGS, self._letters)):
            if len(self._letters) < maildirkeywords.MAX_LETTERS:
                self._letters[flag] = chr(ord("a") + len(self._letters))
            else:
                self._others.setdefault(base, []).append(flag)
        known = _LETTER_OF | self._letters
        letters = {_LETTER_OF.get(flag, "") + self._letters.get(flag, "") for flag in flags if flag in known}
        return "".join(sorted("".join(letters)))

    def end(self) -> list[str]:
        """Finish the lists of UIDs and keywords; return what Dovecot cannot see."""
        assert self._uids is not None, "a mailbox was begun"
        self._uids.close()
        maildirkeywords.write(self._path, self._letters, self._others)
        told = []
        if self._others:
            others = {flag for flags in self._others.values() for flag in flags}
            told.append(
                f"Dovecot finds {maildirkeywords.MAX_LETTERS} keywords in a folder of a Maildir; {len(others)} others,"
                f" such as {min(others)}, only imapd import and Courier do"
            )
        return told

    def finish(self, subscribed: Iterable[MailboxName]) -> list[str]:
        """Write the subscriptions, and what names of folders cannot say; return which folders have other names."""
        places = [Place(name) for name in subscribed]
        folders = {place.name: self._folder(place) for place in places}
        subscriptions.write(self._root, [_levels(folders[place.name]) for place in places])
        exported.write(self._root, self._places)
        return [
            f"{place.name} is the folder {path}, since a name in a Maildir holds no dots and is not too long"
            for path, place in sorted(self._places.items())
            if _levels(path) != place.levels
        ]


def _spelled(levels: tuple[str, ...]) -> str:
    """Return the name of a folder in which no level has a dot."""
    return "".join(f".{encoded(level).replace('.', '_')}" for level in levels)


def _levels(path: str) -> tuple[str, ...]:
    return (INBOX,) if path == _ROOT else levels_of(path)


def _set_time(file: Path, seconds: int) -> bool:
    """Give a file the time of its message; tell whether it has it now."""
    try:
        os.utime(file, (seconds, seconds))
    except (OverflowError, OSError):
        return False
    return file.stat().st_mtime_ns == seconds * 1_000_000_000
