"""Special uses on the wire (RFC 6154, 6, use-attr)."""

from typing import Final

from imapd.imap.wire.cursor import Cursor
from mailstore.model import SpecialUse

SPELLINGS: Final = {
    SpecialUse.ALL: b"\\All",
    SpecialUse.ARCHIVE: b"\\Archive",
    SpecialUse.DRAFTS: b"\\Drafts",
    SpecialUse.FLAGGED: b"\\Flagged",
    SpecialUse.JUNK: b"\\Junk",
    SpecialUse.SENT: b"\\Sent",
    SpecialUse.TRASH: b"\\Trash",
}

_USES: Final = {spelling.upper(): use for use, spelling in SPELLINGS.items()}


def use_attrs(value: bytes) -> list[SpecialUse | None]:
    """Return what the value of /private/specialuse names, separated by spaces (RFC 6154, 4)."""
    return [_USES.get(attribute.upper()) for attribute in value.split()]


def use_attr(cursor: Cursor) -> SpecialUse | None:
    r"""``use-attr = "\All" / "\Archive" / ... / "\" atom``; None for one that is not known."""
    cursor.expect(b"\\")
    return _USES.get(b"\\" + cursor.keyword())
