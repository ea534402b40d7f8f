"""Content transfer encodings, decoded in pieces (RFC 2045, 6)."""

import re
from binascii import a2b_base64, a2b_qp
from collections.abc import Iterable, Iterator
from typing import Final

from mailstore.mime.lexical import without_comments

_MECHANISM: Final = re.compile(rb"\s*([\w!#$%&'*+.^`{|}~-]+)\s*(?:;|$)").match
_BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64: Final = bytes(set(range(256)) - set(_BASE64))


def parse_transfer_encoding(value: bytes | None) -> bytes:
    """Return what an unfolded Content-Transfer-Encoding names, as it is written; ``7bit`` if it names nothing.

    ::

        encoding  := "Content-Transfer-Encoding" ":" mechanism
        mechanism := "7bit" / "8bit" / "binary" / "quoted-printable" / "base64" / ietf-token / x-token  (RFC 2045, 6.1)
    """
    match = _MECHANISM(without_comments(value or b""))
    return match[1] if match else b"7bit"


def decode_transfer(pieces: Iterable[bytes], encoding: bytes) -> Iterator[bytes]:
    """Yield the octets that `pieces` stand for in a transfer encoding; an unknown one counts as none."""
    encoding = encoding.lower()
    if encoding == b"base64":
        return _base64(pieces)
    return _quoted_printable(pieces) if encoding == b"quoted-printable" else iter(pieces)


def decode_base64(octets: bytes) -> bytes:
    """Return what base64 stands for: other characters are skipped, the padding or the end of a torn one ends it."""
    return b"".join(_base64([octets]))


def _base64(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Decode base64 (RFC 2045, 6.8), whose first "=" is the end of the data."""
    rest = b""
    for piece in pieces:
        digits, padding, _ = (rest + piece.translate(None, _NOT_BASE64)).partition(b"=")
        whole = len(digits) & ~3
        rest = digits[whole:]
        yield a2b_base64(digits[:whole])
        if padding:
            break
    if len(rest) > 1:
        yield a2b_base64(rest + b"==")


def _quoted_printable(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Decode quoted-printable (RFC 2045, 6.7); an "=" without two digits stands for itself."""
    rest = b""
    for piece in pieces:
        octets = rest + piece
        cut = octets.rfind(b"\n") + 1 or _before_equals(octets)
        rest = octets[cut:]
        yield a2b_qp(octets[:cut])
    yield a2b_qp(rest)


def _before_equals(octets: bytes) -> int:
    """Return where to cut `octets`, so that an "=" stays with the two characters after it."""
    at = octets.find(b"=", max(len(octets) - 2, 0))
    return at if at >= 0 else len(octets)
