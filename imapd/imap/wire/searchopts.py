"""What SEARCH, SORT and ESEARCH are asked to return (RFC 4466, 2.6.1)."""

from itertools import chain
from typing import Final

from attrs import frozen

from imapd.imap.errors import Bad
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.fetchatt import FetchItem, fetch_items
from imapd.imap.wire.partial import PartialRange, partial_range

OPTIONS: Final = frozenset(
    {b"MIN", b"MAX", b"ALL", b"COUNT", b"PARTIAL", b"RELEVANCY", b"SAVE", b"CONTEXT", b"UPDATE"}
)
_OF_ALL: Final = frozenset({b"ALL", b"COUNT"})
"""Options that speak of every message found, and not of the first and the last alone."""


@frozen
class ReturnOptions:
    """The names of what is to be returned.

    Attributes:
        names: in capitals.
        partial: which part, with ``PARTIAL`` among them.
        items: what is to be told of new messages that are found, with ``UPDATE`` among them.

    """

    names: frozenset[bytes]
    partial: PartialRange | None = None
    items: tuple[FetchItem, ...] = ()

    def __contains__(self, name: bytes) -> bool:
        return name in self.names

    @property
    def ends_alone(self) -> frozenset[bytes]:
        """The ends of what is found that the answer is about besides a part; none if about all (RFC 5182, 2.1)."""
        return frozenset() if self.names & _OF_ALL else self.names & {b"MIN", b"MAX"}

    @property
    def saves_alone(self) -> bool:
        """Whether the results are to be kept and not to be told (RFC 5182, 2.1)."""
        return self.names == {b"SAVE"}


ALL: Final = ReturnOptions(frozenset({b"ALL"}))


def return_options(cursor: Cursor) -> ReturnOptions | None:
    """``["RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")" SP]``; None without ``RETURN``.

    Of PARTIAL and ALL there may be but one, once (RFC 9394, 3.1).
    """
    if not cursor.take(b"RETURN "):
        return None
    options = cursor.parenthesized(_option, empty=True)
    names = frozenset(name for name, _ in options)
    parts = [value for _, value in options if isinstance(value, PartialRange)]
    if len(parts) + (b"ALL" in names) > 1:
        raise Bad("either one PARTIAL or ALL")
    items = tuple(dict.fromkeys(chain.from_iterable(value for _, value in options if isinstance(value, tuple))))
    cursor.space()
    return ReturnOptions(names, parts[0] if parts else None, items) if names else ALL


def _option(cursor: Cursor) -> tuple[bytes, PartialRange | tuple[FetchItem, ...] | None]:
    """Read one option; CONTEXT is a hint that nothing needs (RFC 5267, 4.2).

    ::

        search-return-opt = "MIN" / "MAX" / "ALL" / "COUNT" / "PARTIAL" SP partial-range / "RELEVANCY"
                          / "SAVE" / "CONTEXT" / "UPDATE" [SP "(" fetch-att *(SP fetch-att) ")"]

    The list behind UPDATE is that of RFC 5465, 7, whose grammar has no space before it and whose example has.
    """
    name = cursor.keyword()
    if name not in OPTIONS:
        raise Bad(f"nothing known to return as {name.decode()[:40]}")
    if name == b"UPDATE" and cursor.peek(2).lstrip(b" ").startswith(b"("):
        cursor.take(b" ")
        return name, fetch_items(cursor)
    if name != b"PARTIAL":
        return name, None
    cursor.space()
    return name, partial_range(cursor)
