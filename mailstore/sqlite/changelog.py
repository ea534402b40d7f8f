"""The account's mod-sequence, and what happened at each (tables ``account``, ``change``, ``mailbox_change``)."""

from itertools import groupby
from operator import itemgetter
from typing import Final

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
    SubscriptionChanged,
)
from mailstore.errors import NotFound
from mailstore.model import MailboxName, ModSeq
from mailstore.sqlite.transactions import Reader, Writer
from mailstore.uidset import UidSet

_MESSAGE_KINDS: Final[dict[type[MessageChange], int]] = {Appended: 1, FlagsChanged: 2, Expunged: 3}
_MESSAGE_TYPES: Final = {kind: entry for entry, kind in _MESSAGE_KINDS.items()}
_MAILBOX_KINDS: Final[dict[type[MailboxChange], int]] = {
    MailboxCreated: 1,
    MailboxDeleted: 2,
    MailboxRenamed: 3,
    SubscriptionChanged: 4,
}
_MAILBOX_TYPES: Final = {kind: entry for entry, kind in _MAILBOX_KINDS.items()}


LONG: Final = 2000
"""Entries of the log that are read at once on the reactor's thread: some milliseconds."""


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


def messages_since(reader: Reader, mailbox: int, modseq: ModSeq) -> MessageChanges:
    """Return what happened to a mailbox's messages after `modseq`; `NotFound` if its row is gone."""
    row = reader.row("SELECT highest_modseq, uid_next FROM mailbox WHERE id = ?", mailbox)
    if row is None:
        raise NotFound("the mailbox was deleted")
    highest, uid_next = row
    if highest <= modseq:
        return MessageChanges(modseq, uid_next)
    rows = reader.rows(
        "SELECT modseq, kind, first, last FROM change WHERE mailbox_id = ? AND modseq > ? ORDER BY modseq, kind, first",
        mailbox,
        modseq,
    )
    entries = (
        _MESSAGE_TYPES[kind](ModSeq(at), UidSet((first, last) for _, _, first, last in runs))
        for (at, kind), runs in groupby(rows, itemgetter(0, 1))
    )
    return MessageChanges(highest, uid_next, tuple(entries))


def is_long(reader: Reader, mailbox: int, modseq: ModSeq) -> bool:
    """Tell whether more than `LONG` entries of a mailbox's log come after `modseq`."""
    sql = "SELECT 1 FROM change WHERE mailbox_id = ? AND modseq > ? LIMIT 1 OFFSET ?"
    return reader.row(sql, mailbox, modseq, LONG) is not None


def summary_since(reader: Reader, mailbox: int, modseq: ModSeq) -> MessageChanges:
    """Return what happened after `modseq` as one entry of each kind, at that mod-sequence; `NotFound`."""
    row = reader.row("SELECT highest_modseq, uid_next FROM mailbox WHERE id = ?", mailbox)
    if row is None:
        raise NotFound("the mailbox was deleted")
    rows = reader.each(
        "SELECT DISTINCT kind, first, last FROM change WHERE mailbox_id = ? AND modseq > ? ORDER BY kind, first",
        mailbox,
        modseq,
    )
    entries = (
        _MESSAGE_TYPES[kind](modseq, UidSet((first, last) for _, first, last in runs))
        for kind, runs in groupby(rows, itemgetter(0))
    )
    return MessageChanges(row[0], row[1], tuple(entries))


def record_mailbox(writer: Writer, entry: MailboxChange) -> None:
    """Log what happened to a mailbox or a subscription."""
    old = entry.old if isinstance(entry, MailboxRenamed) else None
    writer.execute(
        "INSERT INTO mailbox_change (modseq, kind, name, old_name) VALUES (?, ?, ?, ?)",
        entry.modseq,
        _MAILBOX_KINDS[type(entry)],
        entry.name,
        old,
    )


def mailboxes_since(reader: Reader, modseq: ModSeq) -> list[MailboxChange]:
    """Return what happened to mailboxes and subscriptions after `modseq`."""
    rows = reader.rows(
        "SELECT modseq, kind, name, old_name FROM mailbox_change WHERE modseq > ? ORDER BY modseq, kind, name", modseq
    )
    return [_mailbox_change(*row) for row in rows]


def _mailbox_change(modseq: ModSeq, kind: int, name: MailboxName, old: MailboxName | None) -> MailboxChange:
    if old is not None:
        return MailboxRenamed(modseq, old, name)
    return _MAILBOX_TYPES[kind](modseq, name)  # type: ignore[call-arg]  # MailboxRenamed alone has more
