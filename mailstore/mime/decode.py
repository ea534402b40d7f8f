"""From what travelled in a header to characters: encoded words (RFC 2047)."""

import re
from binascii import a2b_qp
from collections.abc import Iterator
from typing import Final

from mailstore.mime.charsets import decode
from mailstore.mime.transfer import decode_base64

_ENCODED_WORD: Final = re.compile(rb"=\?([^?*\s]++)(?:\*[^?\s]*+)?\?([BbQq])\?([^?]*+)\?=").finditer


def decode_header(value: bytes) -> str:
    """Return an unfolded field value with its encoded words decoded; never fails.

    ::

        encoded-word = "=?" charset "?" encoding "?" encoded-text "?="      (RFC 2047, 2)

    They are found wherever they stand, in quoted strings too, since that is how they are sent.  White space between
    two is dropped, and neighbours of one charset are decoded together, since characters are torn apart by programs
    that should not.  What is not encoded is UTF-8 if it can be, else Windows-1252.
    """
    if b"=?" not in value:
        return decode(value)
    return "".join(decode(octets, charset) for charset, octets in _runs(value))


def _runs(value: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield charset and octets of each run of encoded words of one charset, and of what is between them."""
    charset, run, end = b"", list[bytes](), 0
    for word in _ENCODED_WORD(value):
        between = value[end : word.start()]
        if not run or between.strip() or word[1].lower() != charset:
            yield charset, b"".join(run)
            charset, run = word[1].lower(), []
            yield b"", between if between.strip() or not end else b""
        run.append(decode_base64(word[3]) if word[2] in b"Bb" else a2b_qp(word[3], header=True))
        end = word.end()
    yield charset, b"".join(run)
    yield b"", value[end:]
