"""Object identifiers (RFC 8474, 4 and 5).

The store's ids get a letter in front: so no two kinds have an id in common, and none looks like a number (8.1).
"""

import re
from typing import Final

from imapd.imap.wire.cursor import Cursor
from mailstore.model import MailboxId

_OBJECTID: Final = re.compile(rb"[A-Za-z0-9_-]{1,255}(?![A-Za-z0-9_-])")

MAILBOX: Final = "F"
EMAIL: Final = "M"
THREAD: Final = "T"


def encode_mailbox_id(mailbox_id: MailboxId) -> bytes:
    """Return the id of a mailbox."""
    return (MAILBOX + mailbox_id).encode("ascii")


def objectid(cursor: Cursor) -> str:
    """``objectid = 1*255(ALPHA / DIGIT / "_" / "-")``, compared with case."""
    return cursor.match(_OBJECTID, "an object identifier")[0].decode("ascii")
