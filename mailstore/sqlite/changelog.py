"""The account's mod-sequence, and what happened at each (tables ``account``, ``change``, ``mailbox_change``)."""

import json
from collections.abc import Collection
from itertools import groupby
from operator import itemgetter
from typing import Final, NamedTuple

from attrs import frozen

from mailstore.annotations import EntryName
from mailstore.changes import (
    Appended,
    Expunged,
    FlagsChanged,
    MailboxChange,
    MailboxCreated,
    MailboxDeleted,
    MailboxRenamed,
    MessageChange,
    MessageChanges,
    MetadataChanged,
    SubscriptionChanged,
)
from mailstore.errors import NotFound
from mailstore.model import MailboxName, ModSeq, Uid
from mailstore.sqlite import uidruns
from mailstore.sqlite.transactions import Reader, Writer
from mailstore.uidset import EMPTY, UidSet

_MESSAGE_KINDS: Final[dict[type[MessageChange], int]] = {Appended: 1, FlagsChanged: 2, Expunged: 3}
_MESSAGE_TYPES: Final = {kind: entry for entry, kind in _MESSAGE_KINDS.items()}
_MAILBOX_KINDS: Final[dict[type[MailboxChange], int]] = {
    MailboxCreated: 1,
    MailboxDeleted: 2,
    MailboxRenamed: 3,
    SubscriptionChanged: 4,
    MetadataChanged: 5,
}
_MAILBOX_TYPES: Final = {kind: entry for entry, kind in _MAILBOX_KINDS.items()}


LONG: Final = 2000
"""Entries of the log that are read at once on the reactor's thread: some milliseconds."""

_BRIEF: Final = f"""
    SELECT modseq, kind, first, last FROM change
    WHERE mailbox_id = ? AND kind IN ({", ".join(map(str, _MESSAGE_TYPES))}) AND modseq > ? LIMIT ?"""  # noqa: S608  # the kinds are our own
"""In an order, rows of several kinds would be sorted, and so all read, before the first came."""


def current(reader: Reader) -> ModSeq:
    """Return the mod-sequence of the last transaction that changed something."""
    return ModSeq(reader.value("SELECT modseq FROM account"))


def advance(writer: Writer) -> ModSeq:
    """Return the mod-sequence for everything that one write changes; ask once, and only if it does."""
    return ModSeq(writer.value("UPDATE account SET modseq = modseq + 1 RETURNING modseq"))


def record(writer: Writer, mailbox: int, entry: MessageChange) -> None:
    """Log what happened to messages, and raise the mailbox's mod-sequence."""
    kind = _MESSAGE_KINDS[type(entry)]
    writer.executemany(
        "INSERT INTO change (mailbox_id, modseq, kind, first, last) VALUES (?, ?, ?, ?, ?)",
        ((mailbox, entry.modseq, kind, first, last) for first, last in entry.uids.runs),
    )
    writer.execute("UPDATE mailbox SET highest_modseq = ? WHERE id = ?", entry.modseq, mailbox)


def brief_since(reader: Reader, mailbox: int, modseq: ModSeq) -> MessageChanges | None:
    """Return what happened to a mailbox's messages after `modseq`; `NotFound` if its row is gone.

    None if that is long, or the log has forgotten some of it: then ask for a summary, beside the reactor.
    """
    state = _state(reader, mailbox)
    if state.highest <= modseq:
        return MessageChanges(modseq, state.uid_next)
    if modseq < max(state.changes_floor, state.expunges_floor):
        return None
    rows = reader.rows(_BRIEF, mailbox, modseq, LONG + 1)
    if len(rows) > LONG:
        return None
    rows.sort()
    entries = (
        _MESSAGE_TYPES[kind](ModSeq(at), UidSet.ascending((first, last) for _, _, first, last in runs))
        for (at, kind), runs in groupby(rows, itemgetter(0, 1))
    )
    return MessageChanges(state.highest, state.uid_next, tuple(entries))


@frozen
class Summary:
    """A long history in short.

    Attributes:
        changes: one entry of each kind, at the mod-sequence that was asked from.
        unsure: messages that may have come in or changed besides; their own mod-sequences say whether they did.

    """

    changes: MessageChanges
    unsure: UidSet


def summary_since(reader: Reader, mailbox: int, modseq: ModSeq, own: Collection[ModSeq]) -> Summary:
    """Return what happened after `modseq`, however long ago that was; `NotFound` if the mailbox's row is gone.

    What the log has of the flags that `own` changed is left out.  Of an expunge that is forgotten, the messages are
    among those that are not there (RFC 7162, 3.2.6).
    """
    state = _state(reader, mailbox)
    touched: dict[type[MessageChange], UidSet] = {
        Appended: _touched(reader, mailbox, Appended, modseq),
        FlagsChanged: _touched(reader, mailbox, FlagsChanged, modseq, own),
        Expunged: _touched(reader, mailbox, Expunged, modseq),
    }
    unsure = EMPTY
    if modseq < max(state.changes_floor, state.expunges_floor):
        there = uidruns.everyone(reader, mailbox)
        if modseq < state.changes_floor:
            unsure = there
        if modseq < state.expunges_floor:
            touched[Expunged] = UidSet([(1, state.uid_next - 1)]) - there
    entries = tuple(entry(modseq, uids) for entry, uids in touched.items() if uids)
    return Summary(MessageChanges(state.highest, state.uid_next, entries), unsure)


_TOUCHED: Final = """
    SELECT first, last FROM change
    WHERE mailbox_id = ? AND kind = ? AND modseq > ? AND modseq NOT IN (SELECT value FROM json_each(?))
    ORDER BY first"""


def _touched(
    reader: Reader, mailbox: int, entry: type[MessageChange], modseq: ModSeq, own: Collection[ModSeq] = ()
) -> UidSet:
    return UidSet.ascending(reader.each(_TOUCHED, mailbox, _MESSAGE_KINDS[entry], modseq, json.dumps([*own])))


class _State(NamedTuple):
    """How far a mailbox has come, and what its log has forgotten."""

    highest: ModSeq
    uid_next: Uid
    changes_floor: ModSeq
    expunges_floor: ModSeq


def _state(reader: Reader, mailbox: int) -> _State:
    row = reader.row(
        "SELECT highest_modseq, uid_next, changes_floor, expunges_floor FROM mailbox WHERE id = ?", mailbox
    )
    if row is None:
        raise NotFound("the mailbox was deleted")
    return _State(*row)


def record_mailbox(writer: Writer, entry: MailboxChange) -> None:
    """Log what happened to a mailbox, a subscription or the account's annotations."""
    writer.execute(
        "INSERT INTO mailbox_change (modseq, kind, name, old_name, entries) VALUES (?, ?, ?, ?, ?)",
        entry.modseq,
        _MAILBOX_KINDS[type(entry)],
        entry.name or "",
        entry.old if isinstance(entry, MailboxRenamed) else None,
        "\n".join(entry.entries) if isinstance(entry, MetadataChanged) else None,
    )


def mailboxes_since(reader: Reader, modseq: ModSeq) -> list[MailboxChange] | None:
    """Return what happened after `modseq` to mailboxes, subscriptions, annotations; None if long or forgotten."""
    if modseq < reader.value("SELECT mailboxes_floor FROM account"):
        return None
    found: list[MailboxChange] = []
    names = 0
    columns = "modseq, kind, name, old_name, entries"
    sql = f"SELECT {columns} FROM mailbox_change WHERE modseq > ? ORDER BY modseq, kind, name"  # noqa: S608  # our own
    for row in reader.each(sql, modseq):
        change = _mailbox_change(*row)
        names += len(change.entries) if isinstance(change, MetadataChanged) else 1
        if names > LONG:
            return None
        found.append(change)
    return found


def _mailbox_change(
    modseq: ModSeq, kind: int, name: MailboxName, old: MailboxName | None, entries: str | None
) -> MailboxChange:
    if old is not None:
        return MailboxRenamed(modseq, old, name)
    if entries is not None:
        return MetadataChanged(modseq, name or None, tuple(map(EntryName, entries.split("\n"))))
    return _MAILBOX_TYPES[kind](modseq, name)  # type: ignore[call-arg]  # those that have more were made above
