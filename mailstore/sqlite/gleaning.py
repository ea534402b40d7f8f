"""The rows of a table that can still be read, round its damaged pages."""

# ruff: noqa: S608  # the names of tables and columns that are put into statements are all our own

from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import Final

import apsw

from mailstore.sqlite.transactions import Row
from mailstore.uidset import MAX_UID

DAMAGE: Final = (apsw.Error, UnicodeDecodeError)
"""What reading a damaged page may raise."""
TRIES: Final = 4000
"""Places of a table that are tried between its damaged pages: a tenth of a second."""
_GROUPED: Final = {"message": ("mailbox_id", "uid"), "uidl": ("mailbox_id", "uid"), "brought": ("origin_id", "last")}
"""Tables whose key is two numbers."""
_SMALL: Final = frozenset({"subscription", "keyword", "mailbox_change"})
"""Tables whose key is text."""
_HIGHEST: Final = (1 << 63) - 1
_OF_OTHERS: Final = {
    table: [f"SELECT {key} FROM sqlite_sequence WHERE name = '{other}'"]
    for table, other, key in (
        ("chunk", "content", "seq + 1 << 16"),
        ("rendering", "content", "seq + 1 << 8"),
        ("rendering_block", "rendering_kind", "seq + 1 << 40"),
        ("structure", "content", "seq"),
    )
}
"""What no key is above in tables whose keys are made of another's."""

Ask = Callable[[int, int, str], Iterator[Row]]
"""Yields the rows whose keys are between two numbers, each behind its key, in an order."""


def rows(source: apsw.Connection, table: str) -> Iterator[Row]:
    """Yield the rows that can be read, some of them twice; never `apsw.Error`."""
    if table in _SMALL:
        yield from _from_both_ends(source, table)
    elif table in _GROUPED:
        group, key = _GROUPED[table]
        for each in _groups(source, table, group):
            yield from _between(_ask(source, table, key, f"{group} = {each} AND"), _last(source, table, key))
    else:
        yield from _between(_ask(source, table, "rowid"), _last(source, table, "rowid"))


def _from_both_ends(source: apsw.Connection, table: str) -> Iterator[Row]:
    for order in ("ASC", "DESC"):
        try:
            yield from source.execute(f"SELECT * FROM {table} NOT INDEXED ORDER BY 1 {order}")
        except DAMAGE:
            continue
        return


def _groups(source: apsw.Connection, table: str, group: str) -> set[int]:
    """Return the first halves of a table's keys, as far as they can be found out."""
    found: set[int] = set()
    for sql in (
        f"SELECT {group} FROM {table} NOT INDEXED ORDER BY 1 ASC",
        f"SELECT {group} FROM {table} NOT INDEXED ORDER BY 1 DESC",
        "SELECT id FROM origin" if group == "origin_id" else "SELECT id FROM mailbox",
        "SELECT seq FROM sqlite_sequence WHERE name = 'mailbox'",
    ):
        try:
            found.update(each for (each,) in source.execute(sql) if isinstance(each, int))
        except DAMAGE:
            continue
    return found


def _last(source: apsw.Connection, table: str, key: str) -> int:
    """Return a number that no key is above: small, if that can be found out."""
    for sql in (
        f"SELECT max({key}) FROM {table} NOT INDEXED",
        f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'",
        *_OF_OTHERS.get(table, ()),
    ):
        try:
            row = source.execute(sql).fetchone()
        except DAMAGE:
            continue
        if row is not None and isinstance(row[0], int):
            return row[0]
    return MAX_UID if table in _GROUPED else _HIGHEST


def _ask(source: apsw.Connection, table: str, key: str, where: str = "") -> Ask:
    sql = f"SELECT {key}, * FROM {table} NOT INDEXED WHERE {where} {key} BETWEEN ? AND ? ORDER BY {key} "
    return lambda low, high, order: source.execute(sql + order, (low, high))


def _between(ask: Ask, last: int) -> Iterator[Row]:
    """Yield rows from both ends of the table, and then of ever smaller pieces of what is left between."""
    gaps = deque([(0, last)])
    for _ in range(TRIES):
        if not gaps:
            return
        low, high = gaps.popleft()
        low = yield from _until_damage(ask, low, high, "ASC")
        if low <= high:
            high = yield from _until_damage(ask, low, high, "DESC")
        if low < high:
            middle = (low + high) // 2
            gaps += [(low, middle), (middle + 1, high)]


def _until_damage(ask: Ask, low: int, high: int, order: str) -> Generator[Row, None, int]:
    """Yield rows, and return the end of what was read: there is no need to look again before it."""
    step = 1 if order == "ASC" else -1
    end = low if order == "ASC" else high
    try:
        for key, *row in ask(low, high, order):
            end = key + step
            yield tuple(row)
    except DAMAGE:
        return end
    return high + 1 if order == "ASC" else low - 1
