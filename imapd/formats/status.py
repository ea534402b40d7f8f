"""Flags that mail programs keep in header fields of an mbox."""

import re
from typing import Final

from mailstore.mime.headers import Header
from mailstore.model import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN, Flag, Flags

STATUS: Final = {"R": SEEN}
X_STATUS: Final = {"A": ANSWERED, "F": FLAGGED, "T": DRAFT, "D": DELETED}
_MOZILLA: Final = {0x0001: SEEN, 0x0002: ANSWERED, 0x0004: FLAGGED, 0x1000: Flag("$Forwarded")}
_MOZILLA_EXPUNGED: Final = 0x0008
_HEX: Final = re.compile(rb"[0-9A-Fa-f]{1,8}")
_KEYWORD: Final = re.compile(r"""[^\x00- \x7f-\U0010ffff(){%*"\\\]]{1,100}""")


def flags(header: Header, *, with_mozillas: bool = True) -> Flags:
    """Return the flags of Status, X-Status and X-Keywords (mutt, dovecot, pine), and of Thunderbird's fields."""
    found = {STATUS.get(letter) for letter in _text(header, b"status")}
    found |= {X_STATUS.get(letter) for letter in _text(header, b"x-status")}
    found |= {keyword(word) for word in _text(header, b"x-keywords").split()}
    if with_mozillas:
        found |= {flag for bit, flag in _MOZILLA.items() if _mozilla(header) & bit}
        found |= {keyword(word) for word in _text(header, b"x-mozilla-keys").split()}
    return frozenset(flag for flag in found if flag)


def is_expunged(header: Header) -> bool:
    """Tell whether Thunderbird has removed the message, and only not compacted the file yet."""
    return bool(_mozilla(header) & _MOZILLA_EXPUNGED)


def keyword(text: str) -> Flag | None:
    """Return `text` as a keyword; None if IMAP could not spell it (RFC 9051, 9: ``flag-keyword = atom``)."""
    return Flag(text) if _KEYWORD.fullmatch(text) else None


def _mozilla(header: Header) -> int:
    value = header.get(b"x-mozilla-status") or b""
    return int(value, 16) if _HEX.fullmatch(value) else 0


def _text(header: Header, name: bytes) -> str:
    return (header.get(name) or b"").decode("ascii", "replace")
