"""The comparator i;unicode-casemap (RFC 5051): one folding for the search index, queries, SORT and THREAD."""

import unicodedata
from typing import Final

_KEPT: Final = 1 << 16
"""Characters whose mapping is remembered; mail in any one language uses far fewer, and the rest is only slower."""
_FIRST_HANGUL: Final = 0xAC00
_LAST_HANGUL: Final = 0xD7A3


def casemap(text: str) -> str:
    """Return `text` as i;unicode-casemap compares it.

    Each character is mapped to titlecase and then decomposed, compatibility decompositions among them (RFC 5051, 2).
    Marks are not reordered.  The result of mapping it again is not always the same: map once.
    """
    return text.upper() if text.isascii() else text.translate(_MAPPING)


class _Mapping(dict[int, str]):
    """From code points to what they are mapped to, found when they are first met."""

    def __missing__(self, code: int) -> str:
        mapped = _map_character(chr(code))
        if len(self) < _KEPT:
            self[code] = mapped
        return mapped


_MAPPING: Final = _Mapping()


def _map_character(character: str) -> str:
    """Map one character by the fields of UnicodeData.txt."""
    title = character.title()
    if len(title) > 1:  # from SpecialCasing.txt, which RFC 5051 does not use
        title = character
    if _FIRST_HANGUL <= ord(title) <= _LAST_HANGUL:  # decomposed by rule, without an entry in UnicodeData.txt
        return title
    return unicodedata.normalize("NFKD", title)
