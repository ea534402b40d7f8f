"""Names of a Maildir's folders and files.

Folders of Maildir++ lie beside one another, with levels after dots (``.Work.2024``), others inside one another
(``Work/2024``); both in modified UTF-7 or UTF-8.  A file is ``base:2,flags``, and its base may end with fields that
tell of the message: ``,S=`` and ``,W=`` are Dovecot's, octets as they lie there and with CRLF.
"""

import os
import re
from typing import Final

from attrs import frozen

from imapd.utf7 import encode_utf7, unshift

_SHIFTED: Final = re.compile(r"&([A-Za-z0-9+,]*)-")
_INFO: Final = re.compile(r"[:!;]2,([A-Za-z]*)")
"""``:2,`` and what is written for it where a file name may hold no colon."""
_FIELD: Final = re.compile(r",([DEZ])=(-?\d{1,12})(?=,|$)", re.ASCII)


@frozen
class FileName:
    """The name of a message's file.

    Attributes:
        base: what it is called whatever its flags.
        letters: its flags.
        zone: ours: minutes east of UTC in which the time of the file is meant; None if it does not say.
        seconds: ours: when the message came in, where a file can have no such time.
        is_exact: ours: the file's line ends are those of the message.

    """

    base: str
    letters: str
    zone: int | None = None
    seconds: int | None = None
    is_exact: bool = False


def parse(name: str) -> FileName:
    """Read the name of a file in ``cur`` or ``new``."""
    info = _INFO.search(name)
    base = name[: info.start()] if info else name
    fields = {letter: int(value) for letter, value in _FIELD.findall(base)}
    return FileName(base, info[1] if info else "", fields.get("Z"), fields.get("D"), "E" in fields)


def levels_of(folder: str) -> tuple[str, ...]:
    """Return the levels of a folder's name, as far as a mailbox may have them."""
    levels = folder.split(".") if folder.startswith(".") else [folder]
    return tuple(decoded(level) for level in levels if level)


def decoded(level: str) -> str:
    """Read modified UTF-7 and leave what is none; Courier shifts ``.`` and ``/`` too, which the RFC forbids."""
    text = os.fsencode(level).decode(errors="replace")
    return _SHIFTED.sub(_unshifted, text)


def _unshifted(shifted: re.Match[str]) -> str:
    try:
        return unshift(shifted[1].encode())
    except ValueError:
        return shifted[0]


def encoded(level: str) -> str:
    """Return a level as a folder's name has it."""
    return encode_utf7(level).decode("ascii")
