"""What a path holds, told by content.

A folder with a Maildir in it is read as Maildirs; of any other folder all files are read, in it and below it, except
hidden ones.  A file that begins with an mbox separator is an mbox, one that begins with a header field is a message.
The name decides only where content cannot: ``.eml`` is one message, octet for octet, even if it begins with a separator
(as long as there is no second one), and even if it begins like no message at all.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG

from imapd.formats import eml, maildir, mbox
from imapd.formats.found import Found, LeftOut, head_of


def read(path: Path) -> Iterator[Found | LeftOut]:
    """Yield all messages that `path` holds."""
    try:
        if not path.is_dir():
            yield from _file(path)
        elif maildir.holds_maildir(path):
            yield from maildir.read(path)
        else:
            for below in sorted(path.iterdir()):
                if not _is_hidden(below):
                    yield from read(below)
    except OSError as error:
        yield LeftOut(os.fspath(error.filename or path), str(error.strerror))


def _is_hidden(path: Path) -> bool:
    """Tell whether a file in a folder is passed over: a link to a folder could lead round in circles."""
    return path.name.startswith(".") or (path.is_symlink() and path.is_dir())


def _file(path: Path) -> Iterator[Found | LeftOut]:
    if not S_ISREG(path.stat().st_mode):
        yield LeftOut(str(path), "it is neither a file nor a folder")
        return
    head = head_of(path)
    is_eml = path.suffix.lower() == ".eml"
    if mbox.begins_mbox(head) and not (is_eml and not mbox.holds_several(path)):
        yield from mbox.read(path)
    elif head and (is_eml or eml.begins_message(head)):
        yield eml.read(path, head)
    elif head:
        yield LeftOut(str(path), "it begins like no mail; if it is a message, let its name end with .eml")
