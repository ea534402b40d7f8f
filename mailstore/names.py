"""Mailbox names: Unicode, levels separated by ``/``, INBOX in any case (RFC 3501, 5.1)."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from mailstore.errors import InvalidName
from mailstore.model import MailboxName

SEPARATOR: Final = "/"
INBOX: Final = MailboxName("INBOX")

MAX_NAME_OCTETS: Final = 1000
"""UTF-8 octets of a whole name: what other servers and file systems that hold an export still take."""
MAX_LEVELS: Final = 64
"""No person nests deeper; bounds the parents that one LIST must make up."""

_REMEMBERED: Final = 256
"""Names that are checked once, for each is given again and again: a megabyte if all are as long as they may be."""

_INSTEAD: Final = "_"
_FORBIDDEN: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Controls, lone surrogates, line and paragraph separators: Net-Unicode (RFC 5198) has none of them in names."""


@lru_cache(_REMEMBERED)
def mailbox_name(text: str) -> MailboxName:
    """Return `text` as a checked, canonical name: NFC, and a first level INBOX in capitals.

    Raises:
        InvalidName: it is empty, too long, too deep, has an empty level, or holds what no name may.

    """
    name = unicodedata.normalize("NFC", text)
    if not name:
        raise InvalidName("a mailbox name cannot be empty")
    if any(unicodedata.category(char) in _FORBIDDEN for char in name):
        raise InvalidName("a mailbox name cannot hold control characters")
    if len(name.encode()) > MAX_NAME_OCTETS:
        raise InvalidName(f"a mailbox name has at most {MAX_NAME_OCTETS} octets")
    levels = name.split(SEPARATOR)
    if not all(levels):
        raise InvalidName(f"a mailbox name cannot begin or end with {SEPARATOR}, or have two in a row")
    if len(levels) > MAX_LEVELS:
        raise InvalidName(f"a mailbox name has at most {MAX_LEVELS} levels")
    if levels[0].upper() == INBOX:
        levels[0] = INBOX
    return MailboxName(SEPARATOR.join(levels))


def speakable_level(text: str) -> str:
    """Return `text` as one level of a name: what no level may hold becomes ``_``."""
    chars = (_INSTEAD if char == SEPARATOR or unicodedata.category(char) in _FORBIDDEN else char for char in text)
    return "".join(chars) or _INSTEAD


def parents(name: MailboxName) -> Iterator[MailboxName]:
    """Yield the names above `name`, the nearest first."""
    head, separator, _ = name.rpartition(SEPARATOR)
    while separator:
        yield MailboxName(head)
        head, separator, _ = head.rpartition(SEPARATOR)


def is_below(name: MailboxName, parent: MailboxName) -> bool:
    """Tell whether `name` is somewhere under `parent`."""
    return name.startswith(parent + SEPARATOR)
