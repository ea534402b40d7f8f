"""From octets, in whatever charset the mail names, to characters."""

import codecs
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

_SUPERSETS: Final = {
    "ascii": "",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "cp950",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
"""What mail really holds when it names these: programs write the small name and send the large charset."""
_ALIASES: Final = {
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-6-e": "iso8859-6",
    "x-gbk": "gbk",
    "x-sjis": "shift_jis",
    "x-euc-jp": "euc_jp",
    "x-mac-roman": "mac-roman",
    "uft-8": "utf-8",
}
_NOT_OF_MAIL: Final = frozenset(
    ["idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "mbcs", "oem", "utf-7"]
)
"""Codecs of Python that are no charsets, or take quadratic time on hostile octets, as UTF-7 does in pieces."""
_CODE_PAGE: Final = re.compile(r"(?:windows|ibm|x-cp|cp)[-_]?(\d{3,4})").fullmatch
_MAX_NAME: Final = 40
"""IANA's rule for names of charsets (RFC 2978, 2.3)."""


@lru_cache(maxsize=256)
def codec_of(charset: bytes) -> str:
    """Return the name of Python's codec for a charset; empty if it is US-ASCII, unknown or no charset."""
    name = charset[:_MAX_NAME].decode("latin-1").strip().lower()
    page = _CODE_PAGE(name)
    try:
        found = codecs.lookup(f"cp{page[1]}" if page else _ALIASES.get(name, name))
    except (LookupError, ValueError):  # a ValueError where there is a NUL in the name
        return ""
    if not found._is_text_encoding or found.name in _NOT_OF_MAIL:  # zlib, rot13: no other way to tell them
        return ""
    return _SUPERSETS.get(found.name, found.name)


def decode(octets: bytes, charset: bytes = b"") -> str:
    """Return `octets` as characters; never fails.  See `decode_pieces`."""
    if not charset and octets.isascii():
        return octets.decode("ascii")
    return "".join(decode_pieces([octets], charset))


def decode_pieces(pieces: Iterable[bytes], charset: bytes = b"") -> Iterator[str]:
    """Yield the characters of a text that comes in pieces; never fails.

    Octets that a named charset does not know become U+FFFD.  Without a charset that is known, or with US-ASCII, the
    text is UTF-8 for as long as it can be, and Windows-1252 from the first piece that is not.
    """
    codec = codec_of(charset)
    decoder = codecs.getincrementaldecoder(codec or "utf-8")("replace" if codec else "strict")
    for piece, last in _marked(pieces):
        try:
            yield decoder.decode(piece, last)
        except UnicodeError:  # also from a codec that cannot begin at all, as UTF-16 without its mark
            unread = decoder.getstate()[0]
            decoder = codecs.getincrementaldecoder("cp1252")("replace")
            yield decoder.decode(unread + piece, last)


def _marked(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield each piece and whether it is the last, which is an empty one."""
    for piece in pieces:
        yield piece, False
    yield b"", True
