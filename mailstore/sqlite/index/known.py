"""Header fields that searches asked for, of contents that they read themselves."""

from collections.abc import Callable, Iterable
from typing import Final

from mailstore.fulltext.text import FIELD

TOGETHER: Final = ("from", "subject")
"""Fields that most searches ask for, soon one and then the other: where one is read, both are."""
KNOWN_OCTETS: Final = 512 << 10
"""Of header fields that an account remembers: more than those together have of all that is in no segment of the index
yet, which takes some 320 KB, or each search would read all of it again."""
LARGEST_VALUE: Final = 4 << 10
"""Octets of the largest that is remembered."""
_OVERHEAD: Final = 250
"""Octets that Python takes for one, beside its name and value."""

Values = Callable[[str], Iterable[bytes]]
"""Returns the values of the fields of a name, in order."""


class KnownFields:
    """What is remembered of contents, which never change; to be used in one thread at a time.

    What came in last is in no segment of the index, so each search reads it, and most of them ask for the same fields.
    """

    def __init__(self) -> None:
        self._values: dict[tuple[int, str], bytes | None] = {}
        self._octets = 0

    def of(self, content: int, field: str, values: Values) -> bytes | None:
        """Return all values of a field, with a mark between them that nothing sought has; None if there is none."""
        if (content, field) in self._values:
            return self._values[content, field]
        wanted = TOGETHER if field in TOGETHER else (field,)
        return {each: self._read(content, each, values) for each in wanted}[field]

    def _read(self, content: int, field: str, values: Values) -> bytes | None:
        found = list(values(field))
        value = FIELD.join(found) if found else None
        octets = len(field) + len(value or b"")
        if octets <= LARGEST_VALUE and (content, field) not in self._values:
            self._octets += octets + _OVERHEAD
            if self._octets > KNOWN_OCTETS:
                self.forget()
                self._octets = octets + _OVERHEAD
            self._values[content, field] = value
        return value

    def forget(self) -> None:
        """Remember nothing."""
        self._values.clear()
        self._octets = 0
