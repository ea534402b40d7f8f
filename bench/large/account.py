"""Accounts of any size, made quickly: a thousand messages come in as any do, the rest are copied from them by SQL.

Each copy has a content of its own, with octets, renderings and keys for SORT and THREAD, so the file is as large as
that of real mail; the other mailboxes share these contents, as copies do.
"""

import random
import struct
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Final

import apsw
from attrs import frozen

from imapd.admin.stores import with_store
from imapd.auth.passwords import Password, hash_password
from imapd.config import read_config
from mailstore.interfaces import IMailStore, NewMessage
from mailstore.model import SEEN
from mailstore.names import INBOX
from mailstore.spool import Spool

USER: Final = "ada"
PASSWORD: Final = b"secret"
TEMPLATES: Final = 1000
"""Messages that are really appended; with so many the account trains its dictionaries."""
SEEN_SHARE: Final = 0.95
"""The oldest messages are ``\\Seen``: the first that is not stands far from either end."""
VALIDITY: Final = 7
"""The UIDVALIDITY of the mailbox of which every other message is gone."""
REPLIES: Final = 8
"""Messages of a thread."""
THREADED: Final = 1 << 63
"""Set in the hash of a Message ID, as `imapd.imap.search.threadkeys` does."""


@frozen
class Size:
    """How large an account is."""

    messages: int
    folders: int


def make(data: Path, size: Size) -> None:
    """Make a data folder with one user, whose account is of this size.  Only once in a process."""
    with_store(read_config(data), _append_templates)
    [path] = data.glob("**/accounts/*/*.db")
    _multiply(path, size)


async def _append_templates(store: IMailStore) -> None:
    user = await store.add_user(USER, hash_password(Password(PASSWORD)))
    account = await store.account(user.account)
    inbox = await account.mailbox(INBOX)
    spools = [Spool(_message(number)) for number in range(TEMPLATES)]
    await inbox.append([NewMessage(spool, frozenset({SEEN})) for spool in spools])
    for spool in spools:
        spool.close()
    await account.tidy()
    await account.release()


def _message(number: int) -> bytes:
    chosen = random.Random(number)  # the same account each time
    message = EmailMessage()
    message["From"] = f"Person {number % 97} <person{number % 97}@example.org>"
    message["To"] = "Ada <ada@example.org>"
    message["Subject"] = " ".join(chosen.choices(_WORDS, k=6))
    message["Date"] = format_datetime(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=number))
    message["Message-ID"] = f"<{number}@example.org>"
    message.set_content("\n".join(" ".join(chosen.choices(_WORDS, k=12)) for _ in range(12)))
    return message.as_bytes().replace(b"\n", b"\r\n")


_WORDS: Final = [
    "meeting", "invoice", "about", "the", "garden", "report", "please", "find", "attached",
    "yesterday", "agreed", "with", "them", "next", "week", "budget", "draft", "comments",
    "travel", "question", "answer", "release", "numbers", "photos", "holiday", "train", "ticket",
    "thanks", "regards", "project", "plan",
]


def _multiply(path: Path, size: Size) -> None:
    connection = apsw.Connection(str(path))
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    more = size.messages - TEMPLATES
    connection.execute(
        "CREATE TEMP TABLE copy AS"
        " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        " SELECT ? + i AS id, 1 + i % ? AS source FROM n",
        (max(more, 1), TEMPLATES, TEMPLATES),
    )
    if more > 0:
        _copy_contents(connection)
    _fill_mailboxes(connection, size)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def _copy_contents(connection: apsw.Connection) -> None:
    kinds = dict(connection.execute("SELECT name, id FROM rendering_kind"))
    keys = kinds["imap.sortkeys"], kinds["imap.threadkeys"]
    for statement in (
        "INSERT INTO content (id, object_id, digest, size, sent_day, thread_id)"
        " SELECT copy.id, randomblob(16), randomblob(32), size, sent_day, randomblob(16)"
        " FROM copy JOIN content ON content.id = source ORDER BY 1",
        "INSERT INTO structure SELECT copy.id, octets FROM copy JOIN structure ON content_id = source ORDER BY 1",
        "INSERT INTO chunk SELECT copy.id << 16, codec, octets FROM copy JOIN chunk ON chunk.id = source << 16"
        " ORDER BY 1",
        "INSERT INTO rendering SELECT (copy.id << 8) | (rendering.id & 255), version, codec, octets"
        f" FROM copy JOIN rendering ON rendering.id BETWEEN source << 8 AND (source << 8) + 255"
        f" WHERE (rendering.id & 255) NOT IN {keys} ORDER BY 1",
    ):
        connection.execute(statement)
    count = connection.execute("SELECT max(id) FROM copy").get
    connection.executemany("INSERT INTO rendering VALUES (?, 1, 0, ?)", _keys(range(TEMPLATES + 1, count + 1), *keys))
    connection.execute("UPDATE dictionary SET contents = ?, packed = ?", (count, count))


def _keys(contents: range, sort: int, thread: int) -> Iterator[tuple[int, bytes]]:
    """Yield what SORT and THREAD compare, of threads of some messages each."""
    for content in contents:
        sent = 1_600_000_000 + content * 7919 % 100_000_000
        subject = _WORDS[content % len(_WORDS)] + str(content // REPLIES)
        words = "\0".join([subject, "person", "ada", "", "person", "ada"])
        yield content << 8 | sort, struct.pack(">q", sent) + words.encode()
        place = content % REPLIES
        own, *above = (_message_id(each) for each in (content, *range(content - place, content)))
        head = struct.pack(">qBQ", sent, place > 0, content // REPLIES + 1)
        yield content << 8 | thread, head + struct.pack(f">{1 + place}Q", own, *above)


def _message_id(content: int) -> int:
    return THREADED | (content * 0x9E3779B97F4A7C15 & THREADED - 1)


def _fill_mailboxes(connection: apsw.Connection, size: Size) -> None:
    inbox = connection.execute("SELECT id FROM mailbox WHERE name = 'INBOX'").get
    seen = connection.execute("SELECT id FROM flagset WHERE flags = '\\Seen'").get
    connection.execute("INSERT OR IGNORE INTO flagset (flags, seen, deleted) VALUES ('', 0, 0)")
    unseen = connection.execute("SELECT id FROM flagset WHERE flags = ''").get
    connection.execute("DELETE FROM message")
    connection.execute("UPDATE account SET modseq = modseq + 1, octets = 0, messages = 0")
    modseq = connection.execute("SELECT modseq FROM account").get
    connection.execute(
        "INSERT INTO message (mailbox_id, uid, content_id, flagset_id, size, received_at, zone, saved_at, modseq)"
        " SELECT ?, id, id, CASE WHEN id <= ? THEN ? ELSE ? END, size, 1600000000 + id, 60, 1600000000, ?"
        " FROM content WHERE id <= ?", (inbox, int(size.messages * SEEN_SHARE), seen, unseen, modseq, size.messages))
    _add_mailbox(connection, "Alternating", modseq)
    alternating = connection.last_insert_rowid()
    connection.execute("UPDATE mailbox SET uid_validity = ? WHERE id = ?", (VALIDITY, alternating))
    connection.execute(
        "INSERT INTO message (mailbox_id, uid, content_id, flagset_id, size, received_at, zone, saved_at, modseq)"
        " SELECT ?, uid, content_id, flagset_id, size, received_at, zone, saved_at, modseq FROM message"
        " WHERE mailbox_id = ? AND uid % 2 = 0", (alternating, inbox))
    for number in range(size.folders):
        name = f"Folder {number // 10:04d}" + (f"/Below {number % 10}" if number % 10 else "")
        _add_mailbox(connection, name, modseq)
        folder = connection.last_insert_rowid()
        connection.execute(
            "INSERT INTO message (mailbox_id, uid, content_id, flagset_id, size, received_at, zone, saved_at, modseq)"
            " SELECT ?, uid, content_id, flagset_id, size, received_at, zone, saved_at, modseq FROM message"
            " WHERE mailbox_id = ? AND uid <= 3", (folder, inbox))
    _map_and_count(connection, inbox, alternating, modseq)


def _add_mailbox(connection: apsw.Connection, name: str, modseq: int) -> None:
    connection.execute("UPDATE account SET uid_validity = uid_validity + 1")
    connection.execute("INSERT INTO mailbox (object_id, name, uid_validity, highest_modseq)"
                       " SELECT lower(hex(randomblob(16))), ?, uid_validity, ? FROM account", (name, modseq))


def _map_and_count(connection: apsw.Connection, inbox: int, alternating: int, modseq: int) -> None:
    """Write what follows from the messages; what came in before and was expunged, the log has forgotten."""
    for statement in (
        "DELETE FROM uid_run", "DELETE FROM change",
        f"INSERT INTO uid_run SELECT {alternating}, uid, uid FROM message WHERE mailbox_id = {alternating}",
        "INSERT INTO uid_run SELECT mailbox_id, max(uid), min(uid) FROM message"
        f" WHERE mailbox_id <> {alternating} GROUP BY mailbox_id",
        f"INSERT INTO change SELECT mailbox_id, 1, {modseq}, first, last FROM uid_run WHERE mailbox_id = {inbox}",
        "UPDATE mailbox SET (uid_next, first_recent, messages, octets, unseen, first_unseen, deleted, deleted_octets) ="
        " (SELECT max(uid) + 1, max(uid) + 1, count(*), sum(size), sum(NOT seen), min(CASE WHEN NOT seen THEN uid END),"
        " 0, 0 FROM message JOIN flagset ON flagset.id = flagset_id WHERE mailbox_id = mailbox.id)"
        " WHERE id IN (SELECT mailbox_id FROM message)",
        f"UPDATE mailbox SET highest_modseq = {modseq}, changes_floor = {modseq - 1}, expunges_floor = {modseq - 1}",
        "UPDATE account SET (octets, messages) = (SELECT sum(octets), sum(messages) FROM mailbox)",
    ):
        connection.execute(statement)


if __name__ == "__main__":
    make(Path(sys.argv[1]), Size(int(sys.argv[2]), int(sys.argv[3])))
