"""The rows of messages, and what goes with each that comes or goes (table ``message``)."""

# ruff: noqa: S608  # the conditions that are put into statements are all our own

import time
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final

import apsw

from mailstore.changes import Appended, Expunged
from mailstore.model import DELETED, Flags, ModSeq, Uid
from mailstore.sqlite import changelog, flagsets, mailboxes, uidls, uidruns
from mailstore.sqlite.tally import Tally, of, total
from mailstore.sqlite.transactions import Reader, Row, Writer
from mailstore.uidset import EMPTY, MAX_UID, UidSet

if TYPE_CHECKING:
    from mailstore.sqlite.transactions import Binding

BLOCK: Final = 500
"""Messages that one statement is about: enough that starting it costs nothing, and few enough for the reactor."""

WRITTEN: Final = 2000
"""Messages that one statement of a write is about, which is beside the reactor.

Statements that change many say OR FAIL: else SQLite copies every page before it is changed, so that the statement
alone could be undone, and here what fails undoes its whole transaction.
"""

TOGETHER: Final = 50
"""Flag sets that one statement changes: it compares each message's with them, one after the other."""

_FEW_GAPS: Final = 0.25
"""Messages that a condition may name because they are not meant, for each that is: with more it would be dearer."""
_NAMED: Final = 64
"""Runs, and messages between them, that an UPDATE names in its text, of which each length is kept compiled."""


def among(uids: UidSet) -> tuple[str, tuple["Binding", ...]]:
    """Return an SQL condition for the messages of a block, and what is bound in it.

    Most blocks are what is left of a mailbox from one UID to another, so those that are not meant are named if they are
    few: SQLite goes on from row to row four times as fast as it looks for each.
    """
    span = uids.first, uids.last
    if uids.run_count == 1:
        return "uid BETWEEN ? AND ?", span
    gaps = UidSet([span]) - uids
    if len(gaps) > len(uids) * _FEW_GAPS:
        return "uid IN carray(?)", (apsw.carray(array("q", uids)),)
    return "uid BETWEEN ? AND ? AND uid NOT IN carray(?)", (*span, apsw.carray(array("q", gaps)))


def stretches(uids: UidSet) -> Iterator[tuple[str, tuple["Binding", ...]]]:
    """Yield conditions, for the messages of a block by turns, with which an UPDATE changes row after row.

    With ``carray`` SQLite would note first which rows it is to change, for thrice the time.
    """
    for piece in uids.pieces(_NAMED):
        span = piece.first, piece.last
        gaps = UidSet([span]) - piece
        if not 0 < len(gaps) <= _NAMED:
            yield among(piece)
            continue
        places = 1 << (len(gaps) - 1).bit_length()  # few different texts
        named = *gaps, *repeat(gaps.last, places - len(gaps))
        yield f"uid BETWEEN ? AND ? AND uid NOT IN ({', '.join('?' * places)})", (*span, *named)


def insert(writer: Writer, rows: Iterable[Row]) -> None:
    """Add messages: mailbox, UID, content, flag set, size, internal date and zone, time saved, and mod-sequence."""
    writer.executemany(
        """
        INSERT INTO message (mailbox_id, uid, content_id, flagset_id, size, received_at, zone, saved_at, modseq)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        rows,
    )


def copy(writer: Writer, source: int, uids: UidSet, *, target: int, first: Uid, modseq: ModSeq) -> None:
    """Add messages with the contents and flags of others, in their order, from UID `first` on."""
    for block in uids.batches(WRITTEN):
        chosen, bindings = among(block)
        rank, lowest = ("uid", block.first) if block.run_count == 1 else ("row_number() OVER (ORDER BY uid)", 1)
        writer.execute(
            f"""
            INSERT OR FAIL INTO message
                (mailbox_id, uid, content_id, flagset_id, size, received_at, zone, saved_at, modseq)
            SELECT ?, ? + {rank}, content_id, flagset_id, size, received_at, zone, ?, ?
            FROM message WHERE mailbox_id = ? AND {chosen}
            """,
            target,
            first - lowest,
            int(time.time()),
            modseq,
            source,
            *bindings,
        )
        first = Uid(first + len(block))


def arrived(writer: Writer, mailbox: int, uids: UidSet, modseq: ModSeq, by: Tally) -> None:
    """Count, map and log messages that were added above all others; `by` are their counts."""
    for first, last in uids.runs:
        uidruns.append(writer, mailbox, first, last)
    count(writer, mailbox, by, uids)
    changelog.record(writer, mailbox, Appended(modseq, uids))


def expunge(writer: Writer, mailbox: int, uids: UidSet, modseq: ModSeq, gone: Tally) -> None:
    """Take messages that are there out of the mailbox; their rows stay for a while; `gone` are their counts."""
    for chosen, bindings in chain.from_iterable(map(stretches, uids.batches(WRITTEN))):
        writer.execute(
            f"UPDATE OR FAIL message SET expunged_modseq = ?, expunged_at = ? WHERE mailbox_id = ? AND {chosen}",
            modseq,
            int(time.time()),
            mailbox,
            *bindings,
        )
    uidruns.remove(writer, mailbox, uids)
    count(writer, mailbox, -gone, uids)
    changelog.record(writer, mailbox, Expunged(modseq, uids))


def count(writer: Writer, mailbox: int, by: Tally, changed: UidSet) -> None:
    """Change the counts of a mailbox by those of messages that came, went or changed; find the first unseen anew."""
    mailboxes.adjust(writer, mailbox, by)
    if not by.unseen:
        return
    before = mailboxes.first_unseen(writer, mailbox)
    find = _lower_unseen if by.unseen > 0 else _next_unseen
    after = find(writer, mailbox, before, changed)
    if after != before:
        mailboxes.set_first_unseen(writer, mailbox, after)


def _lower_unseen(reader: Reader, mailbox: int, before: Uid | None, came: UidSet) -> Uid | None:
    """Return the smallest UID without ``\\Seen`` when some of `came` are without it by a change, and none has it."""
    below = came if before is None else came & UidSet([(1, before)])
    found = (_first_unseen_among(reader, mailbox, block) for block in below.batches(BLOCK))
    return next(filter(None, found), before)


def _next_unseen(reader: Reader, mailbox: int, before: Uid | None, gone: UidSet) -> Uid | None:
    """Return the smallest UID without ``\\Seen`` when all of `gone` have it, or are not there, by a change."""
    if before is not None and before not in gone:
        return before
    if not mailboxes.has_unseen(reader, mailbox):
        return None
    beyond = UidSet([(before or 1, MAX_UID)]) - gone
    return _first_unseen_among(reader, mailbox, UidSet([(beyond.first, MAX_UID)])) if beyond else None


def _first_unseen_among(reader: Reader, mailbox: int, uids: UidSet) -> Uid | None:
    """Return the smallest of a block, or of one run however long, that is there and has no ``\\Seen``."""
    chosen, bindings = among(uids)
    first: Uid | None = reader.value(
        f"""
        SELECT uid FROM message WHERE mailbox_id = ? AND {chosen} AND expunged_at IS NULL
        AND flagset_id IN (SELECT id FROM flagset WHERE NOT seen) ORDER BY uid LIMIT 1
        """,
        mailbox,
        *bindings,
    )
    return first


def tally(reader: Reader, mailbox: int, uids: UidSet) -> Tally:
    """Count messages that are there."""
    return total(each for block in uids.batches(WRITTEN) for *_, each in _tally_by_flags(reader, mailbox, block))


def _tally_by_flags(reader: Reader, mailbox: int, block: UidSet) -> list[tuple[int, Flags, Tally]]:
    """Count the messages of a block, all of which are there, by their flag sets: the id, and the flags, of each."""
    chosen, bindings = among(block)
    rows = reader.rows(
        f"""
        SELECT id, flags, number, octets FROM flagset JOIN (
            SELECT flagset_id, count(*) AS number, sum(size) AS octets FROM message
            WHERE mailbox_id = ? AND {chosen} GROUP BY flagset_id
        ) ON flagset.id = flagset_id
        """,
        mailbox,
        *bindings,
    )
    return [(each, flags := flagsets.parse(text), of(flags, number, octets)) for each, text, number, octets in rows]


def flag_sets(reader: Reader, mailbox: int, block: UidSet) -> list[tuple[int, Flags]]:
    """Return each flag set that messages of a block have: its id, and the flags."""
    chosen, bindings = among(block)
    rows = reader.rows(
        f"""
        SELECT id, flags FROM flagset WHERE id IN (
            SELECT DISTINCT flagset_id FROM message WHERE mailbox_id = ? AND {chosen})
        """,
        mailbox,
        *bindings,
    )
    return [(flagset, flagsets.parse(flags)) for flagset, flags in rows]


def octets_of(reader: Reader, mailbox: int, block: UidSet, sets: Sequence[int]) -> int:
    """Return how many octets those messages of a block have that have one of some flag sets."""
    chosen, bindings = among(block)
    sql = f"SELECT sum(size) FROM message WHERE mailbox_id = ? AND {chosen} AND flagset_id IN carray(?)"
    return reader.value(sql, mailbox, *bindings, apsw.carray(array("q", sets))) or 0


def set_flags(writer: Writer, mailbox: int, block: UidSet, moves: Mapping[int, int], modseq: ModSeq) -> int:
    """Give the messages of a block another flag set, as `moves` says for theirs; return how many have one by that."""
    pairs = list(moves.items())
    parts = (pairs[at : at + TOGETHER] for at in range(0, len(pairs), TOGETHER))
    return sum(_set_flags(writer, mailbox, block, part, modseq) for part in parts)


def _set_flags(
    writer: Writer, mailbox: int, block: UidSet, moves: Sequence[tuple[int, int]], modseq: ModSeq
) -> int:
    """Do it going through the messages once: once for each flag set would take four times as long."""
    *first, (_, last) = moves
    new = f"CASE flagset_id {'WHEN ? THEN ? ' * len(first)}ELSE ? END" if first else "?"
    values = *chain.from_iterable(first), last, modseq, mailbox
    sets = [old for old, _ in moves]
    return sum(
        writer.execute(
            f"""
            UPDATE OR FAIL message SET flagset_id = {new}, modseq = ?
            WHERE mailbox_id = ? AND {chosen} AND flagset_id IN ({", ".join("?" * len(sets))})
            """,
            *values,
            *bindings,
            *sets,
        )
        for chosen, bindings in stretches(block)
    )


def marked_deleted(reader: Reader, mailbox: int, uids: UidSet) -> tuple[UidSet, Tally]:
    """Return the messages that are there and have ``\\Deleted``, and their counts."""
    found = [_marked_deleted(reader, mailbox, block) for block in uids.batches(WRITTEN)]
    return UidSet.joined(marked for marked, _ in found), total(counts for _, counts in found)


def _marked_deleted(reader: Reader, mailbox: int, block: UidSet) -> tuple[UidSet, Tally]:
    marked = [(flagset, each) for flagset, flags, each in _tally_by_flags(reader, mailbox, block) if DELETED in flags]
    counts = total(each for _, each in marked)
    if counts.messages in (0, len(block)):
        return (block if counts.messages else EMPTY), counts
    sets = apsw.carray(array("q", [flagset for flagset, _ in marked]))
    return having(reader, mailbox, block, "flagset_id IN carray(?)", sets), counts


def changed_since(reader: Reader, mailbox: int, uids: UidSet, modseq: ModSeq) -> UidSet:
    """Return the messages that are there and whose mod-sequence is above `modseq`."""
    return having(reader, mailbox, uids, "expunged_at IS NULL AND modseq > ?", modseq)


def kept(reader: Reader, mailbox: int, uids: UidSet) -> UidSet:
    """Return the messages that are there, and those that were expunged but still have their rows."""
    there = uidruns.living(reader, mailbox, uids)
    return there | having(reader, mailbox, uids - there, "expunged_at IS NOT NULL")


def having(reader: Reader, mailbox: int, uids: UidSet, condition: str, *bindings: "Binding") -> UidSet:
    """Return the messages, expunged ones with rows among them, that fulfil an SQL condition."""
    return UidSet.joined(_having(reader, mailbox, block, condition, bindings) for block in uids.batches(BLOCK))


def _having(
    reader: Reader, mailbox: int, block: UidSet, condition: str, bindings: "tuple[Binding, ...]"
) -> UidSet:
    chosen, named = among(block)
    sql = f"SELECT uid, uid FROM message WHERE mailbox_id = ? AND {chosen} AND {condition} ORDER BY uid"
    return UidSet.ascending(reader.each(sql, mailbox, *named, *bindings))


def contents_of(reader: Reader, mailbox: int, uids: UidSet) -> list[tuple[Uid, int]]:
    """Return UID and content of messages, expunged ones with rows among them."""
    found: list[Row] = []
    for block in uids.batches(BLOCK):
        chosen, named = among(block)
        sql = f"SELECT uid, content_id FROM message WHERE mailbox_id = ? AND {chosen} ORDER BY uid"
        found += reader.rows(sql, mailbox, *named)
    return found


def newest_content(reader: Reader) -> int:
    """Return the greatest content."""
    return int(reader.value("SELECT ifnull(max(id), 0) FROM content"))


def with_contents(reader: Reader, mailbox: int, contents: "array[int]") -> UidSet:
    """Return the messages with one of some contents, expunged ones with rows among them."""
    sql = "SELECT uid, uid FROM message INDEXED BY message_content WHERE content_id IN carray(?) AND mailbox_id = ?"
    return UidSet(reader.rows(sql, apsw.carray(contents), mailbox) if contents else ())


def with_later(reader: Reader, mailbox: int, content: int) -> UidSet:
    """Return the messages whose content came after one, expunged ones with rows among them."""
    sql = "SELECT uid, uid FROM message INDEXED BY message_content WHERE content_id > ? AND mailbox_id = ?"
    return UidSet(reader.rows(sql, content, mailbox))


def any_expunged_before(reader: Reader, before: int) -> bool:
    """Tell whether there are rows of messages that were expunged before a time."""
    return reader.row("SELECT 1 FROM message WHERE expunged_at < ? LIMIT 1", before) is not None


def drop_expunged(writer: Writer, before: int, limit: int) -> list[int]:
    """Drop rows of messages that were expunged before a time, the oldest first; return their contents."""
    rows = writer.rows(
        "SELECT mailbox_id, uid, content_id FROM message WHERE expunged_at < ? ORDER BY expunged_at LIMIT ?",
        before,
        limit,
    )
    return drop(writer, rows)


def drop(writer: Writer, rows: Sequence[Row]) -> list[int]:
    """Drop rows, given as mailbox, UID and content; return their contents."""
    keys = [row[:2] for row in rows]
    writer.executemany("DELETE FROM message WHERE mailbox_id = ? AND uid = ?", keys)
    uidls.drop(writer, keys)
    return [content for _, _, content in rows]
