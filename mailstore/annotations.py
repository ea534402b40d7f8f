"""Annotations: named values that clients keep with a mailbox, or with the account itself (RFC 5464, 3)."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NewType

from attrs import frozen

from mailstore.errors import InvalidName
from mailstore.model import MailboxName

EntryName = NewType("EntryName", str)
"""A checked, canonical name of an annotation: ASCII in small letters, levels after ``/``, the first of them a scope."""

PRIVATE: Final = EntryName("/private")
"""The scope of what only the user sees who set it."""
SHARED: Final = EntryName("/shared")
"""The scope of what everyone sees who may see the mailbox or, of the account itself, who uses the server."""
SPECIAL_USE: Final = EntryName("/private/specialuse")
"""What a mailbox's special use is called among annotations, which it is not kept with (RFC 6154, 4)."""

MAX_ENTRY_OCTETS: Final = 255
"""Of a name: the longest that vendors use have some sixty."""
MAX_VALUE_OCTETS: Final = 64 << 10
"""Of one value: a signature with a picture; RFC 5464, 4.1 asks for 1024 at least."""
MAX_ENTRIES: Final = 1000
"""Of one mailbox, or of the account itself; RFC 5464, 4.1 asks for 10 at least."""
MAX_OCTETS: Final = 32 << 20
"""Of all names and values of an account: three for each of 100,000 mailboxes, and what they may waste beside mail."""

_NAME: Final = re.compile(r"/(?:private|shared)(?:/[^\x00-\x1f\x7f-\U0010ffff/*%]+)*")


@frozen
class Annotation:
    """One annotation as it was found.

    Attributes:
        mailbox: the mailbox that has it; None for the account itself.
        entry: its name.
        size: octets of its value.
        value: None if that is larger than was asked for.

    """

    mailbox: MailboxName | None
    entry: EntryName
    size: int
    value: bytes | None


@frozen
class Branches:
    """Entries, and those below them down to some level.

    Attributes:
        roots: the entries.
        levels: how many levels below them belong to it; None for all.

    """

    roots: frozenset[EntryName]
    levels: int | None = 0

    def __contains__(self, entry: EntryName) -> bool:
        return any(True for _ in self.holding(entry))

    def holding(self, entry: EntryName) -> Iterator[EntryName]:
        """Yield the roots to whose branch `entry` belongs."""
        nearest = None if self.levels is None else self.levels + 1
        return (each for each in islice(_upwards(entry), nearest) if each in self.roots)


def entry_name(text: str) -> EntryName:
    """Return `text` as a checked, canonical name; it may be a scope alone, which no annotation has.

    Raises:
        InvalidName: it is in no scope, too long, has an empty level, or holds what no name may (RFC 5464, 3.2).

    """
    name = text.lower() if text.isascii() else text
    if len(name) > MAX_ENTRY_OCTETS:
        raise InvalidName(f"an entry's name has at most {MAX_ENTRY_OCTETS} octets")
    if not _NAME.fullmatch(name):
        raise InvalidName("an entry's name is /private/... or /shared/..., ASCII without * and %, no level empty")
    return EntryName(name)


def is_annotation(entry: EntryName) -> bool:
    """Tell whether an annotation may have this name: one of a vendor has at least four levels (RFC 5464, 3.2)."""
    levels = entry.split("/")[1:]
    return len(levels) >= (4 if levels[1:2] == ["vendor"] else 2)


def is_shared(entry: EntryName) -> bool:
    """Tell whether an entry is in the shared scope."""
    return f"{entry}/".startswith(f"{SHARED}/")


def _upwards(entry: EntryName) -> Iterator[EntryName]:
    """Yield an entry and those above it, the nearest first."""
    while entry:
        yield entry
        entry = EntryName(entry.rpartition("/")[0])
