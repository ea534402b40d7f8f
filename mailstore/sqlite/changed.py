"""What happened in an account after a mod-sequence: to its mailboxes, and in which of them to messages."""

from collections.abc import Callable
from typing import Final

from mailstore.changes import AccountChanges, MessagesChanged
from mailstore.model import MailboxStatus, ModSeq
from mailstore.sqlite import changelog
from mailstore.sqlite.transactions import Reader

MAILBOXES: Final = 200
"""Whose counts are read in one go: some milliseconds."""

_ENOUGH: Final = """
    SELECT highest_modseq FROM mailbox WHERE highest_modseq > ? AND removed_at IS NULL
    ORDER BY highest_modseq LIMIT 1 OFFSET ?"""
_CHANGED: Final = """
    SELECT id,
        EXISTS (SELECT 1 FROM change WHERE mailbox_id = mailbox.id AND kind = 1 AND modseq > ?1),
        EXISTS (SELECT 1 FROM change WHERE mailbox_id = mailbox.id AND kind = 2 AND modseq > ?1),
        EXISTS (SELECT 1 FROM change WHERE mailbox_id = mailbox.id AND kind = 3 AND modseq > ?1)
    FROM mailbox WHERE highest_modseq > ?1 AND highest_modseq <= ?2 AND removed_at IS NULL ORDER BY highest_modseq"""


def since(reader: Reader, modseq: ModSeq, status: Callable[[Reader, int], MailboxStatus]) -> AccountChanges:
    """Return what happened after `modseq`; `status` gives a mailbox's counts."""
    enough: ModSeq | None = reader.value(_ENOUGH, modseq, MAILBOXES - 1)
    upto = changelog.current(reader) if enough is None else enough
    entries = changelog.mailboxes_since(reader, modseq)
    return AccountChanges(
        upto,
        enough is None,
        None if entries is None else tuple(entry for entry in entries if entry.modseq <= upto),
        tuple(
            MessagesChanged(status(reader, mailbox), *map(bool, happened))
            for mailbox, *happened in reader.rows(_CHANGED, modseq, upto)
        ),
    )
