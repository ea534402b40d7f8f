"""One message in a file of its own."""

import re
from functools import partial
from pathlib import Path
from typing import Final

from imapd.formats import dates
from imapd.formats.found import Found, header_of, pieces_of

_FIELD: Final = re.compile(rb"[!-9;-~]+[ \t]*:")


def begins_message(head: bytes) -> bool:
    """Tell whether a file that begins with `head` begins with a header field (RFC 5322, 2.2)."""
    return _FIELD.match(head) is not None


def read(path: Path, head: bytes) -> Found:
    """Return the message that a file is, whatever it holds; `head` is its beginning."""
    return Found(
        source=str(path),
        size=path.stat().st_size,
        pieces=partial(pieces_of, path),
        internal_date=dates.from_header(header_of(head)) or dates.from_mtime(path),
    )
