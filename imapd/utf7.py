"""Modified UTF-7 (RFC 3501, 5.1.3), in which mailbox names are spelled on the wire and as folders of a Maildir."""

import re
from base64 import b64decode, b64encode
from typing import Final

_UNSAFE: Final = re.compile(r"&|[^ -~]+")


def encode_utf7(text: str) -> bytes:
    """Return `text`, which has no surrogates, in modified UTF-7."""
    return _UNSAFE.sub(_shift, text).encode("ascii")


def _shift(unsafe: re.Match[str]) -> str:
    if unsafe[0] == "&":
        return "&-"
    octets = b64encode(unsafe[0].encode("utf-16-be"), altchars=b"+,")
    return f"&{octets.rstrip(b'=').decode('ascii')}-"


def unshift(shifted: bytes) -> str:
    """Return what stands between ``&`` and ``-``; `ValueError` if that is nothing that could."""
    if not shifted:
        return "&"
    padding = b"=" * (-len(shifted) % 4)
    return b64decode(shifted + padding, altchars=b"+,", validate=True).decode("utf-16-be")
