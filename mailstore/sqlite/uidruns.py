"""The UIDs that are in a mailbox, as runs (table ``uid_run``)."""

from typing import Final

from mailstore.model import ModSeq, Uid
from mailstore.sqlite.transactions import Reader, Writer
from mailstore.uidset import UidSet

MANY: Final = 5000
"""Runs that are read at once on the reactor's thread: some milliseconds; few mailboxes have a hundred."""

_OVERLAPPING = """
    SELECT first, last FROM uid_run
    WHERE mailbox_id = ?1 AND last >= ?2
      AND last <= ifnull((SELECT min(last) FROM uid_run WHERE mailbox_id = ?1 AND last >= ?3), ?3)
    ORDER BY last
"""
"""The last run that can overlap is the first that ends at or after the end: so what lies beyond is not read."""


def living(reader: Reader, mailbox: int, within: UidSet) -> UidSet:
    """Return those of `within` that are there."""
    if not within:
        return within
    return UidSet.ascending(reader.each(_OVERLAPPING, mailbox, within.first, within.last)) & within


def everyone(reader: Reader, mailbox: int) -> UidSet:
    """Return every UID that is there."""
    runs = reader.each("SELECT first, last FROM uid_run WHERE mailbox_id = ? ORDER BY last", mailbox)
    return UidSet.ascending(runs).ranked()


def are_many(reader: Reader, mailbox: int) -> bool:
    """Tell whether reading the runs is more than a moment's work."""
    return reader.row("SELECT 1 FROM uid_run WHERE mailbox_id = ? LIMIT 1 OFFSET ?", mailbox, MANY) is not None


class UidMaps:
    """The UIDs of mailboxes as they were last asked for, shared by who asks again."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[ModSeq, UidSet]] = {}

    def of(self, reader: Reader, mailbox: int, modseq: ModSeq) -> UidSet:
        """Return every UID that is there; `modseq` is that of the mailbox's last change."""
        known = self._known.get(mailbox)
        if known is None or known[0] != modseq:
            known = self._known[mailbox] = modseq, everyone(reader, mailbox)
        return known[1]


def count_from(reader: Reader, mailbox: int, first: Uid) -> int:
    """Return how many UIDs there are from `first` on."""
    count: int = reader.value(
        "SELECT ifnull(sum(last - max(first, ?2) + 1), 0) FROM uid_run WHERE mailbox_id = ?1 AND last >= ?2",
        mailbox,
        first,
    )
    return count


def append(writer: Writer, mailbox: int, first: int, last: int) -> None:
    """Add UIDs above all others."""
    extended = writer.execute(
        "UPDATE uid_run SET last = ? WHERE mailbox_id = ? AND last = ?", last, mailbox, first - 1
    )
    if not extended:
        writer.execute("INSERT INTO uid_run (mailbox_id, first, last) VALUES (?, ?, ?)", mailbox, first, last)


def remove(writer: Writer, mailbox: int, gone: UidSet) -> None:
    """Take out UIDs that are there, splitting the runs they were in."""
    for first, last in gone.runs:
        run = writer.row(
            "SELECT first, last FROM uid_run WHERE mailbox_id = ? AND last >= ? ORDER BY last LIMIT 1", mailbox, last
        )
        assert run is not None, "a UID that is not there"
        if run[0] < first:
            writer.execute("INSERT INTO uid_run (mailbox_id, first, last) VALUES (?, ?, ?)", mailbox, run[0], first - 1)
        if run[1] > last:
            writer.execute("UPDATE uid_run SET first = ? WHERE mailbox_id = ? AND last = ?", last + 1, mailbox, run[1])
        else:
            writer.execute("DELETE FROM uid_run WHERE mailbox_id = ? AND last = ?", mailbox, run[1])
