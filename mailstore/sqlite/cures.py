"""Rows that follow from other rows, made anew from them.  What follows from nothing else is never touched."""

# ruff: noqa: S608  # what is put into statements is all our own

from typing import Final

from mailstore.names import INBOX
from mailstore.sqlite import changelog, contents, mailboxes, renderingblocks, uidruns
from mailstore.sqlite.messages import BLOCK, among
from mailstore.sqlite.transactions import Reader, Writer
from mailstore.uidset import UidSet

COUNTED: Final = """
    SELECT count(*), ifnull(sum(NOT seen), 0), ifnull(sum(flagset.deleted), 0), ifnull(sum(size), 0),
        ifnull(sum(size * flagset.deleted), 0), min(CASE WHEN NOT seen THEN uid END)
    FROM message JOIN flagset ON flagset.id = flagset_id WHERE mailbox_id = mailbox.id AND expunged_at IS NULL"""
"""The counts of `mailbox`, in the order in which `count` names them."""

USED: Final = "SELECT ifnull(sum(size), 0), count(*) FROM message WHERE expunged_at IS NULL"
"""Octets and messages of the account."""

ANNOTATED: Final = "SELECT ifnull(sum(length(entry) + length(value)), 0) FROM annotation"
"""Octets of the account's annotations."""

HIGHEST: Final = """
    max(ifnull((SELECT max(modseq) FROM message WHERE mailbox_id = mailbox.id), 0),
        ifnull((SELECT max(expunged_modseq) FROM message WHERE mailbox_id = mailbox.id), 0),
        ifnull((SELECT max(modseq) FROM change WHERE mailbox_id = mailbox.id), 0))"""
"""The last mod-sequence of what happened in `mailbox`, as far as it is still to be seen."""

HIGHEST_OF_ALL: Final = """
    max(ifnull((SELECT max(highest_modseq) FROM mailbox), 0), ifnull((SELECT max(modseq) FROM mailbox_change), 0))"""

LOOSE_RENDERING: Final = """
    id >> 8 NOT IN (SELECT id FROM content) OR id & 255 NOT IN (SELECT id FROM rendering_kind)
    OR codec > 0 AND codec - 1 NOT IN (SELECT id FROM dictionary)"""
"""Renderings that belong to nothing, or cannot be unpacked."""

LOOSE_NAME: Final = "(mailbox_id, uid) NOT IN (SELECT mailbox_id, uid FROM message)"
"""UIDLs of no message."""

_RUNS: Final = """
    SELECT min(uid), max(uid) FROM (
        SELECT uid, uid - row_number() OVER (ORDER BY uid) AS island FROM message
        WHERE mailbox_id = ? AND expunged_at IS NULL) GROUP BY island ORDER BY 1"""


def begin_account(writer: Writer) -> None:
    """Make the account's own row."""
    writer.execute(
        f"""
        INSERT INTO account (id, modseq, first_uid_validity, uid_validity, mailboxes_floor)
        SELECT 1, {HIGHEST_OF_ALL}, ifnull(min(uid_validity), 0), ifnull(max(uid_validity), 0), {HIGHEST_OF_ALL}
        FROM mailbox WHERE uid_validity NOT IN (SELECT value FROM adopted_uid_validity)"""
    )


def make_inbox(writer: Writer) -> None:
    """Make an empty INBOX."""
    mailboxes.create(writer, INBOX, None, changelog.advance(writer))


def drop_unreferenced(writer: Writer) -> None:
    """Drop contents that no message has."""
    sql = "SELECT id FROM content WHERE NOT EXISTS (SELECT 1 FROM message WHERE content_id = content.id)"
    contents.drop_unreferenced(writer, [content for (content,) in writer.rows(sql)])


def drop_loose(writer: Writer) -> None:
    """Drop what is kept beside contents that are not there."""
    writer.execute("DELETE FROM chunk WHERE id >> 16 NOT IN (SELECT id FROM content)")
    writer.execute("DELETE FROM structure WHERE content_id NOT IN (SELECT id FROM content)")
    writer.execute(f"DELETE FROM rendering WHERE {LOOSE_RENDERING}")
    writer.executemany("DELETE FROM rendering_block WHERE id = ?", renderingblocks.loose(writer))


def drop_loose_names(writer: Writer) -> None:
    """Drop what messages are called that are not there."""
    writer.execute(f"DELETE FROM uidl WHERE {LOOSE_NAME}")


def copy_sizes(writer: Writer) -> None:
    """Give every message the size of its content."""
    writer.execute("UPDATE message SET size = content.size FROM content WHERE content.id = content_id")


def begin_threads(writer: Writer) -> None:
    """Let contents of no thread begin one."""
    writer.execute("UPDATE content SET thread_id = object_id WHERE length(thread_id) != 16")


def raise_uid_next(writer: Writer) -> None:
    """Give out no UID again that is, or was, a message's."""
    writer.execute(
        """
        UPDATE mailbox SET uid_next = max(uid_next,
            1 + ifnull((SELECT max(uid) FROM message WHERE mailbox_id = mailbox.id), 0),
            1 + ifnull((SELECT max(last) FROM change WHERE mailbox_id = mailbox.id), 0))"""
    )


def count(writer: Writer) -> None:
    """Count the messages of every mailbox."""
    columns = "messages, unseen, deleted, octets, deleted_octets, first_unseen"
    writer.execute(f"UPDATE mailbox SET ({columns}) = ({COUNTED})")


def count_usage(writer: Writer) -> None:
    """Count what the account holds."""
    writer.execute(f"UPDATE account SET (octets, messages) = ({USED})")


def count_annotations(writer: Writer) -> None:
    """Count the octets of the annotations."""
    writer.execute(f"UPDATE account SET annotation_octets = ({ANNOTATED})")


def map_uids(writer: Writer) -> None:
    """Make the UID runs from the messages; sessions are told as if what was not in them had just come in."""
    known = _mailboxes(writer)
    for mailbox in known:
        before, now = uidruns.everyone(writer, mailbox), UidSet.ascending(writer.each(_RUNS, mailbox))
        writer.execute("DELETE FROM uid_run WHERE mailbox_id = ?", mailbox)
        writer.executemany(
            "INSERT INTO uid_run (mailbox_id, first, last) VALUES (?, ?, ?)", ((mailbox, *run) for run in now.runs)
        )
        if now != before:
            _tell_anew(writer, mailbox, now - before)
    writer.execute("DELETE FROM uid_run WHERE mailbox_id NOT IN (SELECT id FROM mailbox)")


def raise_modseqs(writer: Writer) -> None:
    """Let no mod-sequence be above its mailbox's, nor that above the account's."""
    writer.execute(f"UPDATE mailbox SET highest_modseq = max(highest_modseq, {HIGHEST})")
    writer.execute(f"UPDATE account SET modseq = max(modseq, {HIGHEST_OF_ALL})")


def forget_log(writer: Writer) -> None:
    """Forget what happened to messages: the rest tells it too, if at greater length."""
    writer.execute("DELETE FROM change")
    writer.execute("UPDATE mailbox SET changes_floor = highest_modseq, expunges_floor = highest_modseq")


def _tell_anew(writer: Writer, mailbox: int, appeared: UidSet) -> None:
    modseq = changelog.advance(writer)
    for block in appeared.batches(BLOCK):
        chosen, bindings = among(block)
        writer.execute(f"UPDATE message SET modseq = ? WHERE mailbox_id = ? AND {chosen}", modseq, mailbox, *bindings)
    writer.execute(
        "UPDATE mailbox SET highest_modseq = ?1, changes_floor = ?1, expunges_floor = ?1 WHERE id = ?2", modseq, mailbox
    )


def _mailboxes(reader: Reader) -> list[int]:
    return [mailbox for (mailbox,) in reader.rows("SELECT id FROM mailbox")]


def forget_origins(writer: Writer) -> None:
    """Drop origins of what is in no mailbox: what comes from there again is told by its octets."""
    writer.execute("DELETE FROM origin WHERE mailbox_id NOT IN (SELECT id FROM mailbox WHERE removed_at IS NULL)")


def forget_brought(writer: Writer) -> None:
    """Drop runs of no origin, and all of those whose runs make no sense."""
    writer.execute(
        """
        DELETE FROM brought WHERE origin_id NOT IN (SELECT id FROM origin) OR origin_id IN (
            SELECT origin_id FROM (SELECT origin_id, first, last,
                lag(last, 1, -1) OVER (PARTITION BY origin_id ORDER BY last) AS before FROM brought)
            WHERE first > last OR first <= before + 1)"""
    )
