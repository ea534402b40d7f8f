"""The annotations of an account (table ``annotation``)."""

from array import array
from collections.abc import Sequence
from typing import Final, NamedTuple

import apsw

from mailstore.annotations import MAX_ENTRIES, MAX_OCTETS, MAX_VALUE_OCTETS, Annotation, Branches, EntryName
from mailstore.errors import TooBig
from mailstore.model import MailboxName
from mailstore.sqlite.transactions import Reader, Writer

Subject = MailboxName | None
"""What is annotated: a mailbox, or the account itself."""

ACCOUNT: Final = 0
"""Stands where a mailbox's id would be."""

_OF: Final = "SELECT id, mailbox_id, entry, length(value) FROM annotation WHERE mailbox_id IN carray(?)"


class Found(NamedTuple):
    """An annotation without its value."""

    row: int
    subject: Subject
    entry: EntryName
    size: int


def find(reader: Reader, subjects: Sequence[Subject], branches: Branches) -> list[Found]:
    """Return which annotations of `subjects` there are, in their order and by name."""
    ids = _ids(reader, subjects)
    if not ids:
        return []
    of = apsw.carray(array("q", ids))
    if branches.levels == 0:
        rows = reader.rows(f"{_OF} AND entry IN carray(?)", of, apsw.carray(tuple(branches.roots)))
    else:
        rows = [row for row in reader.rows(_OF, of) if row[2] in branches]
    order = {row: at for at, row in enumerate(ids)}
    rows.sort(key=lambda row: (order[row[1]], row[2]))
    return [Found(row, ids[of], entry, size) for row, of, entry, size in rows]


def _ids(reader: Reader, subjects: Sequence[Subject]) -> dict[int, Subject]:
    """Return those of `subjects` that are there, in their order, by id."""
    names = tuple(name for name in subjects if name is not None)
    found: dict[Subject, int] = {None: ACCOUNT}
    if names:
        sql = "SELECT name, id FROM mailbox WHERE name IN carray(?) AND removed_at IS NULL"
        found.update(reader.rows(sql, apsw.carray(names)))
    return {found[subject]: subject for subject in subjects if subject in found}


def read(reader: Reader, found: Sequence[Found], largest: int) -> list[Annotation]:
    """Return annotations with their values as far as these are not too large; those that are gone are left out."""
    values: dict[int, bytes | int] = dict(
        reader.rows(
            "SELECT id, CASE WHEN length(value) <= ? THEN value ELSE length(value) END FROM annotation"
            " WHERE id IN carray(?)",
            largest,
            apsw.carray(array("q", [row for row, *_ in found])),
        )
    )
    return [_annotation(subject, entry, values[row]) for row, subject, entry, _ in found if row in values]


def _annotation(subject: Subject, entry: EntryName, value: bytes | int) -> Annotation:
    if isinstance(value, bytes):
        return Annotation(subject, entry, len(value), value)
    return Annotation(subject, entry, value, None)


def put(writer: Writer, of: int, entry: EntryName, value: bytes | None) -> bool:
    """Set or remove one annotation; tell whether that changed something; `TooBig`."""
    before = writer.value("SELECT length(value) FROM annotation WHERE mailbox_id = ? AND entry = ?", of, entry)
    if value is None:
        if before is not None:
            writer.execute("DELETE FROM annotation WHERE mailbox_id = ? AND entry = ?", of, entry)
            _count(writer, -len(entry) - before)
        return before is not None
    if len(value) > MAX_VALUE_OCTETS:
        raise TooBig(f"a value has at most {MAX_VALUE_OCTETS} octets")
    if before is None:
        _require_room(writer, of)
        writer.execute("INSERT INTO annotation (mailbox_id, entry, value) VALUES (?, ?, ?)", of, entry, value)
        _count(writer, len(entry) + len(value))
        return True
    sql = "UPDATE annotation SET value = ?1 WHERE mailbox_id = ?2 AND entry = ?3 AND value != ?1"
    changed = writer.execute(sql, value, of, entry) > 0
    _count(writer, len(value) - before)
    return changed


def _require_room(reader: Reader, of: int) -> None:
    """Make sure that one more annotation has room beside the others; `TooBig`."""
    if reader.value("SELECT count(*) FROM annotation WHERE mailbox_id = ?", of) >= MAX_ENTRIES:
        raise TooBig(f"a mailbox, or the account itself, has at most {MAX_ENTRIES} annotations; remove some")


def _count(writer: Writer, octets: int) -> None:
    """Add to what all annotations take; `TooBig` if they may not grow any more."""
    taken = "UPDATE account SET annotation_octets = annotation_octets + ? RETURNING annotation_octets"
    if writer.value(taken, octets) > MAX_OCTETS and octets > 0:
        raise TooBig(f"the annotations of an account have at most {MAX_OCTETS} octets; remove some")


def copy(writer: Writer, source: int, target: int) -> None:
    """Give a new mailbox the annotations of another one; `TooBig`."""
    writer.execute(
        "INSERT INTO annotation (mailbox_id, entry, value)"
        " SELECT ?, entry, value FROM annotation WHERE mailbox_id = ?",
        target,
        source,
    )
    _count(writer, _octets(writer, source))


def remove(writer: Writer, mailbox: int) -> None:
    """Remove the annotations of a mailbox that goes away."""
    _count(writer, -_octets(writer, mailbox))
    writer.execute("DELETE FROM annotation WHERE mailbox_id = ?", mailbox)


def _octets(reader: Reader, of: int) -> int:
    octets: int = reader.value(
        "SELECT ifnull(sum(length(entry) + length(value)), 0) FROM annotation WHERE mailbox_id = ?", of
    )
    return octets
