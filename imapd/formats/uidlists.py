r"""Which UIDs and UIDLs the messages of a Maildir have, as Dovecot and Courier write it down.

::

    dovecot-uidlist      = "3" 1*(SP field) LF *(uid *(SP field) SP ":" file LF)
                           ; of the mailbox V uidvalidity, N uidnext, G guid; of a message P uidl, and others
    courierimapuiddb     = "1" SP uidvalidity SP uidnext LF *(uid SP file LF)   ; the first version of Dovecot's too
    courierpop3dsizelist = "/" version SP next SP validity LF *(file SP size SP uid ":" validity [":" utf8] LF)
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attrs import Factory, evolve, frozen

from imapd.formats.found import Identity
from imapd.formats.maildirnames import parse
from imapd.formats.uidlformat import UidlFormat
from mailstore.model import Uid
from mailstore.uidset import MAX_UID

_DOVECOT: Final = re.compile(rb"3((?: [A-Z][!-~]*)*)")
_FIRST: Final = re.compile(rb"1 (\d{1,10}) (\d{1,10})")
_ENTRY: Final = re.compile(rb"(\d{1,10})((?: [A-Z][!-~]*)*) :(.+)")
_OLD_ENTRY: Final = re.compile(rb"(\d{1,10})() (.+)")
_POP3: Final = re.compile(rb"(.+) \d+ (\d{1,20})(?::(\d{1,20}))?(?::\d)?")
_UIDL: Final = re.compile(r"[!-~]{1,70}")
"""RFC 1939, 7."""


@frozen
class UidList:
    """What the files of one folder are called by clients.

    Attributes:
        identity: the mailbox; None if its messages have no UIDs.
        uids: by the base of a file's name.
        uidls: POP3's, where a list tells them.
        is_dovecots: whether Dovecot wrote it.

    """

    identity: Identity | None = None
    uids: dict[str, Uid] = Factory(dict)
    uidls: dict[str, str] = Factory(dict)
    is_dovecots: bool = False

    def name(self, uidl_format: UidlFormat) -> None:
        """Add the UIDLs that Dovecot makes of UIDs."""
        if self.identity is not None and self.is_dovecots:
            for base, uid in self.uids.items():
                self.uidls.setdefault(base, uidl_format.of(uid, self.identity.uid_validity, base))


def read(folder: Path) -> UidList:
    """Return what Dovecot wrote down, or else Courier; an empty list if there is none that can be read."""
    for name in ("dovecot-uidlist", "courierimapuiddb"):
        found = evolve(_uids(folder, _lines(folder / name)), is_dovecots=name.startswith("dovecot"))
        if found.identity is not None:
            break
    found.uidls.update(_courier_uidls(_lines(folder / "courierpop3dsizelist")))
    return found


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except OSError:
        return []


def _uids(folder: Path, lines: list[bytes]) -> UidList:
    """Read a list of UIDs: those are left out that came before another one, or are no UIDs."""
    header = _header(lines[0]) if lines else None
    if header is None:
        return UidList()
    uid_validity, uid_next, guid = header
    found, last = UidList(), 0
    grammar = _OLD_ENTRY if lines[0].startswith(b"1") else _ENTRY
    for entry in filter(None, map(grammar.fullmatch, lines[1:])):
        uid, base = int(entry[1]), _base(entry[3])
        if not last < uid < MAX_UID or base in found.uids:
            continue
        last = uid
        found.uids[base] = Uid(uid)
        for field in entry[2].split():
            if field.startswith(b"P") and _UIDL.fullmatch(field[1:].decode("ascii", "replace")):
                found.uidls[base] = field[1:].decode("ascii")
    source = f"maildir:{guid or folder.resolve()}"
    return UidList(Identity(source, uid_validity, Uid(max(uid_next, last + 1))), found.uids, found.uidls)


def _header(line: bytes) -> tuple[int, int, str] | None:
    """Return UIDVALIDITY, UIDNEXT, and the mailbox's own id if it has one."""
    if first := _FIRST.fullmatch(line):
        return int(first[1]), int(first[2]), ""
    if not (dovecot := _DOVECOT.fullmatch(line)):
        return None
    fields = {field[:1]: field[1:].decode("ascii", "replace") for field in dovecot[1].split()}
    try:
        return int(fields[b"V"]), int(fields.get(b"N", "1")), fields.get(b"G", "")
    except (KeyError, ValueError):
        return None


def _courier_uidls(lines: list[bytes]) -> Iterator[tuple[str, str]]:
    """Yield file and UIDL, as Courier's POP3 server spells it, from what it wrote since 2003."""
    if not lines or not lines[0].startswith(b"/"):
        return
    for entry in filter(None, map(_POP3.fullmatch, lines[1:])):
        base, number, validity = _base(entry[1]), int(entry[2]), entry[3]
        if number == 0:
            yield base, _spelled(base)
        else:
            yield base, f"UID{number}" + (f"-{int(validity)}" if validity and int(validity) else "")


def _spelled(base: str) -> str:
    return "".join(char if "!" <= char <= "~" and char not in "'\"+" else f"+{ord(char):02X}" for char in base)[:70]


def _base(file: bytes) -> str:
    return parse(file.decode(errors="surrogateescape")).base
