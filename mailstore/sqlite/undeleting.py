"""Expunged messages come back, or go for good before their time.

What was moved is expunged where it was, and is still there: only octets that are nowhere in the account can come back,
each once, from where they were last.
"""

from functools import partial
from typing import Final

from mailstore.interfaces import Passed
from mailstore.model import DELETED, ExpungedFrom, MailboxName, Quota, StoreFlags
from mailstore.sqlite import changelog, contents, copying, hierarchy, mailboxes, messages, quotas, storing, uidls
from mailstore.sqlite.database import Database
from mailstore.sqlite.transactions import Reader, Writer
from mailstore.uidset import UidSet

AT_ONCE: Final = 200
"""Messages that come back, or go, in one transaction."""

_LOST: Final = """
    SELECT message.mailbox_id, name, uid, content_id, message.size, expunged_at AS at, max(expunged_modseq)
    FROM message JOIN mailbox ON mailbox.id = message.mailbox_id
    WHERE expunged_at >= ?1 AND (?2 IS NULL OR name = ?2) AND NOT EXISTS (
        SELECT 1 FROM message AS there WHERE there.content_id = message.content_id AND there.expunged_at IS NULL)
    GROUP BY content_id"""
"""SQLite takes the other columns from the row that has the maximum."""


def listing(reader: Reader, since: int) -> list[ExpungedFrom]:
    """Return what was expunged since a time and can come back, by mailbox."""
    rows = reader.rows(
        f"SELECT name, count(*), sum(size), min(at), max(at) FROM ({_LOST}) GROUP BY name ORDER BY name",  # noqa: S608
        since,
        None,
    )
    return [ExpungedFrom(*row) for row in rows]


async def undelete(
    database: Database, quota: Quota, name: MailboxName, since: int, into: MailboxName, *, passed: Passed
) -> int:
    """Bring back what was expunged from `name`, a little at a time; return how many; `OverQuota`, `TooBig`."""
    back = 0
    change = quotas.keep(quota, partial(_bring_back, name=name, since=since, into=into))
    while count := await database.write(change):
        back += count
        passed(count)
        await database.pause()
    return back


def _bring_back(writer: Writer, name: MailboxName, since: int, into: MailboxName) -> int:
    lost = writer.rows(f"{_LOST} ORDER BY mailbox_id, uid LIMIT ?3", since, name, AT_ONCE)
    if not lost:
        return 0
    target = mailboxes.exists(writer, into)
    if target is None:
        hierarchy.create(writer, into, None)
        target = mailboxes.find(writer, into)
    modseq = changelog.advance(writer)
    for source in {row[0] for row in lost}:
        uids = UidSet.from_uids(row[2] for row in lost if row[0] == source)
        back, _ = copying.duplicate(writer, source, uids, target, modseq)
        if source == target:
            uidls.keep(writer, target, zip(back, uidls.names(writer, source, uids), strict=True))
        storing.store(
            writer, target, back, how=StoreFlags.REMOVE, flags=frozenset({DELETED}), unchanged_since=None
        )
    return len(lost)


async def forget(database: Database, name: MailboxName | None, since: int) -> int:
    """Drop what was expunged, from `name` or anywhere, for good, a little at a time; return how many."""
    gone = 0
    while count := await database.write(partial(_forget, name=name, since=since)):
        gone += count
        await database.pause()
    return gone


def _forget(writer: Writer, name: MailboxName | None, since: int) -> int:
    rows = writer.rows(
        """
        SELECT mailbox_id, uid, content_id FROM message WHERE expunged_at >= ?1
        AND (?2 IS NULL OR mailbox_id IN (SELECT id FROM mailbox WHERE name = ?2)) LIMIT ?3""",
        since,
        name,
        AT_ONCE,
    )
    contents.drop_unreferenced(writer, messages.drop(writer, rows))
    return len(rows)
