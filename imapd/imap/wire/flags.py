"""Flags on the wire (RFC 3501, 9, flag and flag-list)."""

from functools import lru_cache
from typing import Final

from imapd.imap.errors import Bad
from imapd.imap.wire.cursor import Cursor
from mailstore.model import SYSTEM_FLAGS, Flag, Flags

MAX_FLAGS: Final = 128
"""Flags of one command: more than a person tells apart."""
MAX_KEYWORD_OCTETS: Final = 128
"""Clients spell a tag's name in modified UTF-7, which makes it up to three times longer."""

_RECENT: Final = b"\\Recent"
_SYSTEM: Final = {each.upper().encode("ascii"): each for each in SYSTEM_FLAGS}


def flag(cursor: Cursor) -> Flag:
    r"""``flag = "\Answered" / "\Flagged" / "\Deleted" / "\Seen" / "\Draft" / flag-keyword``

    ``flag-extension`` is Bad: RFC 3501 defines none, and a client that made one up would lose it silently.
    ``\Recent`` is too, since only the server sets it.
    """
    if cursor.take(b"\\"):
        name = b"\\" + cursor.keyword()
        if name not in _SYSTEM:
            known = " ".join(SYSTEM_FLAGS)
            raise Bad(f"{name.decode('ascii')} cannot be set; what begins with \\ is one of {known}")
        return _SYSTEM[name]
    keyword = cursor.atom()
    if len(keyword) > MAX_KEYWORD_OCTETS:
        raise Bad(f"a keyword has at most {MAX_KEYWORD_OCTETS} octets")
    return Flag(keyword.decode("ascii"))


def flag_list(cursor: Cursor) -> Flags:
    """``flag-list = "(" [flag *(SP flag)] ")"``"""
    return _collapse(cursor.parenthesized(flag, empty=True))


def flags_or_list(cursor: Cursor) -> Flags:
    """``flag-list / (flag *(SP flag))``: what STORE takes."""
    if cursor.peek() == b"(":
        return flag_list(cursor)
    flags = [flag(cursor)]
    while cursor.take(b" "):
        flags.append(flag(cursor))
    return _collapse(flags)


def _collapse(flags: list[Flag]) -> Flags:
    """Return `flags` without repetitions; keywords compare without case, and the first spelling stays."""
    if len(flags) > MAX_FLAGS:
        raise Bad(f"a command has at most {MAX_FLAGS} flags")
    return frozenset({each.lower(): each for each in reversed(flags)}.values())


@lru_cache(maxsize=512)  # mailboxes have few combinations, and a hostile one may fill it with long ones
def encode_flags(flags: Flags, recent: bool = False) -> bytes:
    r"""Return `flags` in parentheses: system flags in a fixed order, ``\Recent`` if `recent`, then keywords sorted."""
    system = [each.encode("ascii") for each in SYSTEM_FLAGS if each in flags]
    keywords = sorted(each.encode("ascii") for each in flags.difference(SYSTEM_FLAGS))
    return b"(%b)" % b" ".join([*system, *([_RECENT] if recent else []), *keywords])
