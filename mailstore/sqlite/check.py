"""Whether everything in an account's file agrees; nothing is changed."""

# ruff: noqa: S608  # what is put into statements is all our own

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Final

from mailstore.errors import Corrupt, Expunged
from mailstore.mime import scan
from mailstore.sqlite import contents, flagsets
from mailstore.sqlite.database import Database
from mailstore.sqlite.transactions import Reader

CONTENTS: Final = 50
"""Messages whose octets are read in one go, before another job has the thread."""



def _logged(modseq: str, kind: int) -> str:
    """Return, as SQL, where the run of the log ends that begins at or before a message's UID."""
    return f"""
        ifnull((SELECT last FROM change WHERE change.mailbox_id = message.mailbox_id
            AND change.modseq = message.{modseq} AND kind = {kind} AND first <= uid ORDER BY first DESC LIMIT 1), 0)"""


_RULES: Final = {
    "a mailbox whose counts are not those of its messages": """
        SELECT name FROM mailbox LEFT JOIN (
            SELECT mailbox_id, count(*) AS messages, sum(NOT seen) AS unseen, sum(deleted) AS deleted,
                sum(size) AS octets, sum(size * deleted) AS deleted_octets,
                min(CASE WHEN NOT seen THEN uid END) AS first_unseen
            FROM message JOIN flagset ON flagset.id = flagset_id WHERE expunged_at IS NULL GROUP BY mailbox_id
        ) AS counted ON counted.mailbox_id = mailbox.id
        WHERE (mailbox.messages, mailbox.unseen, mailbox.deleted, mailbox.octets, mailbox.deleted_octets,
                ifnull(mailbox.first_unseen, 0))
            != (ifnull(counted.messages, 0), ifnull(counted.unseen, 0), ifnull(counted.deleted, 0),
                ifnull(counted.octets, 0), ifnull(counted.deleted_octets, 0), ifnull(counted.first_unseen, 0))""",
    "an account whose usage is not that of its messages": """
        SELECT octets, messages FROM account WHERE (octets, messages)
            != (SELECT ifnull(sum(size), 0), count(*) FROM message WHERE expunged_at IS NULL)""",
    "a mailbox with a UID above its next one": """
        SELECT name FROM mailbox WHERE uid_next <= (SELECT max(uid) FROM message WHERE mailbox_id = mailbox.id)""",
    "a mailbox whose UID runs hold other numbers of messages": """
        SELECT name FROM mailbox WHERE messages
            != (SELECT ifnull(sum(last - first + 1), 0) FROM uid_run WHERE mailbox_id = mailbox.id)""",
    "a message that is in no UID run": """
        SELECT mailbox_id, uid FROM message WHERE expunged_at IS NULL AND uid < ifnull((SELECT first FROM uid_run
            WHERE uid_run.mailbox_id = message.mailbox_id AND last >= uid ORDER BY last LIMIT 1), uid + 1)""",
    "a UID run that is empty, overlaps or touches another": """
        SELECT mailbox_id, first FROM (SELECT mailbox_id, first, last,
            lag(last, 1, -1) OVER (PARTITION BY mailbox_id ORDER BY last) AS before FROM uid_run)
        WHERE first > last OR first <= before + 1""",
    "a removed mailbox with messages": "SELECT name FROM mailbox WHERE removed_at IS NOT NULL AND messages > 0",
    "a mailbox with a mod-sequence above the account's": """
        SELECT name FROM mailbox WHERE highest_modseq > (SELECT modseq FROM account)""",
    "a change with a mod-sequence above its mailbox's": """
        SELECT mailbox_id, modseq FROM change
        WHERE modseq > (SELECT highest_modseq FROM mailbox WHERE id = change.mailbox_id)""",
    "a message whose mod-sequence is not in the log": f"""
        SELECT mailbox_id, uid FROM message JOIN mailbox ON mailbox.id = mailbox_id
        WHERE modseq > changes_floor AND max({_logged("modseq", 1)}, {_logged("modseq", 2)}) < uid""",
    "an expunged message whose going is not in the log": f"""
        SELECT mailbox_id, uid FROM message JOIN mailbox ON mailbox.id = mailbox_id
        WHERE expunged_modseq > expunges_floor AND {_logged("expunged_modseq", 3)} < uid""",
    "a message of another size than its content": """
        SELECT mailbox_id, uid FROM message JOIN content ON content.id = content_id
        WHERE message.size != content.size""",
    "a content that no message has": """
        SELECT id FROM content WHERE NOT EXISTS (SELECT 1 FROM message WHERE content_id = content.id)""",
    "a content of no thread": "SELECT id FROM content WHERE length(thread_id) != 16",
    "a chunk of no content": "SELECT id FROM chunk WHERE id >> 16 NOT IN (SELECT id FROM content)",
    "a rendering of no content": """
        SELECT id FROM rendering WHERE id >> 8 NOT IN (SELECT id FROM content)
            OR id & 255 NOT IN (SELECT id FROM rendering_kind)""",
    "a codec that has no dictionary": """
        SELECT id FROM chunk WHERE codec > 1 AND codec - 1 NOT IN (SELECT id FROM dictionary)
        UNION ALL SELECT id FROM rendering WHERE codec NOT IN (SELECT 0 UNION SELECT id + 1 FROM dictionary)""",
    "a special use of several mailboxes": """
        SELECT special_use FROM mailbox WHERE removed_at IS NULL GROUP BY special_use HAVING count(special_use) > 1""",
    "an annotation of no mailbox": """
        SELECT mailbox_id, entry FROM annotation
        WHERE mailbox_id != 0 AND mailbox_id NOT IN (SELECT id FROM mailbox WHERE removed_at IS NULL)""",
    "an annotation that nobody can name": """
        SELECT mailbox_id, entry FROM annotation
        WHERE entry != lower(entry) OR NOT (entry GLOB '/private/?*' OR entry GLOB '/shared/?*')""",
    "annotations of other octets than are counted": """
        SELECT annotation_octets FROM account
        WHERE annotation_octets != (SELECT ifnull(sum(length(entry) + length(value)), 0) FROM annotation)""",
    "a row that refers to one that is not there": "PRAGMA foreign_key_check",
    "no INBOX": "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM mailbox WHERE name = 'INBOX' AND removed_at IS NULL)",
}
"""What must not be, and the rows that are so."""


async def check(database: Database) -> list[str]:
    """Return what does not agree, in words for an administrator; `Corrupt` if the file cannot even be read."""
    problems = await database.read_in_thread(_check_rows)
    ids = await database.read_in_thread(lambda reader: [row[0] for row in reader.rows("SELECT id FROM content")])
    for start in range(0, len(ids), CONTENTS):
        problems += await database.read_in_thread(partial(_check_contents, ids=ids[start : start + CONTENTS]))
    return problems


def _check_rows(reader: Reader) -> list[str]:
    problems = [f"{rule}: {row}" for rule, sql in _RULES.items() for row in reader.rows(sql)]
    problems += (f"SQLite: {row[0]}" for row in reader.rows("PRAGMA integrity_check") if row[0] != "ok")
    problems += (f"flags that are not what they say: {row}" for row in flagsets.disagreeing(reader))
    return problems


def _check_contents(reader: Reader, ids: Sequence[int]) -> list[str]:
    return [f"content {content}: {wrong}" for content in ids if (wrong := _wrong(reader, content))]


def _wrong(reader: Reader, content: int) -> str | None:
    """Return what is wrong with the octets or the structure of a message."""
    digest = reader.value("SELECT digest FROM content WHERE id = ?", content)
    if digest is None:  # dropped for good meanwhile
        return None
    try:
        message = contents.message(reader, content)
    except (Corrupt, Expunged) as error:
        return str(error)
    if hashlib.blake2b(message.octets, digest_size=len(digest)).digest() != digest:
        return "other octets than came in"
    if message.root != scan(message.octets):
        return "a structure that is not that of the octets"
    return None
