"""Mailboxes come from elsewhere with what their messages are called there, and with a memory of which came."""

from typing import Final

from mailstore.changes import Origin
from mailstore.errors import Conflict
from mailstore.model import ModSeq, Uid
from mailstore.sqlite import changelog, mailboxes
from mailstore.sqlite.transactions import Reader, Writer
from mailstore.uidset import UidSet

MAX_ADOPTED: Final = Uid(0xF000_0000)
"""The largest UIDNEXT that is taken over: so many UIDs remain that no mailbox runs out of them."""
_MAX_UID_VALIDITY: Final = 0xFFFF_FFFF


def adopt(writer: Writer, mailbox: int, uid_validity: int, uid_next: Uid) -> ModSeq:
    """Let a mailbox that never held a message be the one elsewhere; `NotFound`, `Conflict`."""
    mailboxes.require(writer, mailbox)
    if not (0 < uid_validity <= _MAX_UID_VALIDITY and 0 < uid_next <= MAX_ADOPTED):
        raise Conflict("there is no such UIDVALIDITY, or too few UIDs remain; the messages get new ones")
    if mailboxes.identity(writer, mailbox)[1] != uid_validity:
        if writer.value("SELECT uid_next FROM mailbox WHERE id = ?", mailbox) > 1:
            raise Conflict("the mailbox has held other messages, so their UIDs are its own")
        if _was_given(writer, uid_validity):
            raise Conflict("another mailbox has, or had, this UIDVALIDITY; the messages get new UIDs")
        writer.execute("INSERT INTO adopted_uid_validity (value) VALUES (?)", uid_validity)
        writer.execute("UPDATE mailbox SET uid_validity = ? WHERE id = ?", uid_validity, mailbox)
    writer.execute("UPDATE mailbox SET adopted_below = max(adopted_below, ?) WHERE id = ?", uid_next, mailbox)
    return changelog.advance(writer)


def _was_given(reader: Reader, uid_validity: int) -> bool:
    sql = """
        SELECT EXISTS (SELECT 1 FROM adopted_uid_validity WHERE value = ?1)
            OR ?1 BETWEEN first_uid_validity AND uid_validity FROM account"""
    return bool(reader.value(sql, uid_validity))


def finish(writer: Writer, mailbox: int) -> ModSeq:
    """Tell as the next UID the one that was adopted, where it is the greater; `NotFound`."""
    mailboxes.require(writer, mailbox)
    writer.execute("UPDATE mailbox SET uid_next = max(uid_next, adopted_below) WHERE id = ?", mailbox)
    return changelog.advance(writer)


def brought(reader: Reader, mailbox: int, source: str, uid_validity: int) -> UidSet:
    """Return which messages of a mailbox elsewhere were brought, by their UIDs there."""
    origin = _find(reader, mailbox, source, uid_validity)
    runs = reader.each("SELECT first, last FROM brought WHERE origin_id = ? ORDER BY last", origin)
    return UidSet.ascending(runs)


def note_brought(writer: Writer, mailbox: int, origin: Origin) -> None:
    """Note which messages of a mailbox elsewhere are brought."""
    found = _find(writer, mailbox, origin.source, origin.uid_validity)
    if found is None:
        new = "INSERT INTO origin (mailbox_id, source, uid_validity) VALUES (?, ?, ?)"
        found = writer.insert(new, mailbox, origin.source, origin.uid_validity)
    for first, last in origin.uids.runs:
        touching = "SELECT min(first), max(last) FROM brought WHERE origin_id = ? AND last >= ? AND first <= ?"
        low, high = writer.rows(touching, found, first - 1, last + 1)[0]
        writer.execute("DELETE FROM brought WHERE origin_id = ? AND last BETWEEN ? AND ?", found, low, high)
        writer.execute(
            "INSERT INTO brought (origin_id, first, last) VALUES (?, ?, ?)",
            found,
            min(first, low or first),
            max(last, high or last),
        )


def _find(reader: Reader, mailbox: int, source: str, uid_validity: int) -> int | None:
    sql = "SELECT id FROM origin WHERE mailbox_id = ? AND source = ? AND uid_validity = ?"
    found: int | None = reader.value(sql, mailbox, source, uid_validity)
    return found


def forget(writer: Writer, mailbox: int) -> None:
    """Forget where messages came from, for a mailbox that goes away."""
    writer.execute("DELETE FROM brought WHERE origin_id IN (SELECT id FROM origin WHERE mailbox_id = ?)", mailbox)
    writer.execute("DELETE FROM origin WHERE mailbox_id = ?", mailbox)
