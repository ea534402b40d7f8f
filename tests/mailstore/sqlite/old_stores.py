"""Stores as earlier programs left them, made from the numbered schema files: what the first one could hold, brought on.

``python -m tests.mailstore.sqlite.old_stores FOLDER`` makes one of each version.
"""

import hashlib
import sys
from pathlib import Path

import apsw
import zstandard

from mailstore.mime import pack, scan
from mailstore.sqlite import opening, schemas
from mailstore.sqlite.transactions import Writer
from tests.mailstore.contract import mail

ACCOUNT_ID = "0123456789abcdef0123456789abcdef"
LETTERS = {1: mail("one"), 2: mail("two " * 30_000, "long"), 3: mail("expunged"), 4: mail("four")}
"""The messages that ever were in INBOX, by UID; the third is expunged."""
FLAGS = {1: {"\\Seen"}, 2: {"\\Flagged", "$Work"}, 4: set()}
SENT = {1: LETTERS[4]}

_ROWS = (
    "UPDATE account SET modseq = 7, uid_validity = 1700000002",
    """
    INSERT INTO mailbox (id, object_id, name, special_use, uid_validity, uid_next, highest_modseq, messages, unseen,
        deleted, octets, first_unseen, first_recent) VALUES
        (1, 'a1', 'INBOX', NULL, 1700000000, 5, 6, 3, 2, 0, {inbox}, 2, 5),
        (2, 'a2', 'Sent', 'sent', 1700000001, 2, 7, 1, 1, 0, {sent}, 1, 1),
        (3, 'a3', 'work/project', NULL, 1700000002, 1, 1, 0, 0, 0, 0, NULL, 1)""",
    "INSERT INTO subscription VALUES ('INBOX'), ('work/project')",
    "INSERT INTO keyword VALUES ('$work', '$Work')",
    """
    INSERT INTO flagset (id, flags, seen, deleted) VALUES
        (1, '', 0, 0), (2, '\\Seen', 1, 0), (3, '$Work \\Flagged', 0, 0), (4, '\\Deleted', 0, 1)""",
    """
    INSERT INTO message (mailbox_id, uid, content_id, flagset_id, size, received_at, zone, saved_at, modseq,
        expunged_modseq, expunged_at) VALUES
        (1, 1, 1, 2, {size1}, 1600000000, 120, 1700000000, 4, NULL, NULL),
        (1, 2, 2, 3, {size2}, 1600000001, 0, 1700000000, 5, NULL, NULL),
        (1, 3, 3, 4, {size3}, 1600000002, 0, 1700000000, 2, 6, 4000000000),
        (1, 4, 4, 1, {size4}, 1600000003, -60, 1700000000, 3, NULL, NULL),
        (2, 1, 4, 1, {size4}, 1600000003, -60, 1700000000, 7, NULL, NULL)""",
    "INSERT INTO uid_run (mailbox_id, first, last) VALUES (1, 1, 2), (1, 4, 4), (2, 1, 1)",
    """
    INSERT INTO change (mailbox_id, modseq, kind, first, last) VALUES
        (1, 2, 1, 1, 3), (1, 3, 1, 4, 4), (1, 4, 2, 1, 1), (1, 5, 2, 2, 2), (1, 6, 3, 3, 3), (2, 7, 1, 1, 1)""",
    "INSERT INTO mailbox_change (modseq, kind, name) VALUES (1, 1, 'INBOX'), (1, 1, 'Sent'), (1, 1, 'work/project')",
    "INSERT INTO rendering_kind (id, name) VALUES (1, 'test.size')",
)


def account(path, version):
    """Make the account's file as a program of that version would have it."""
    path.parent.mkdir(parents=True)
    connection = _database(path)
    with connection:
        writer = Writer(connection)
        schemas.upgrade(writer, schemas.ACCOUNT[:1])
        _fill(connection)
        schemas.upgrade(writer, schemas.ACCOUNT[:version])
    connection.close()


def registry(path, version):
    """Make a register with the user ada."""
    connection = _database(path)
    with connection:
        writer = Writer(connection)
        schemas.upgrade(writer, schemas.REGISTRY[:1])
        sql = "INSERT INTO user (folded, name, account_id, password_hash) VALUES ('ada', 'ada', ?, 'hash')"
        connection.execute(sql, (ACCOUNT_ID,))
        schemas.upgrade(writer, schemas.REGISTRY[:version])
    connection.close()


def store(root, version, registry_version):
    """Make a store in the folder `root`."""
    account(opening.account_path(root, ACCOUNT_ID), version)
    registry(root / "registry.db", registry_version)


def _database(path):
    connection = apsw.Connection(str(path))
    connection.pragma("page_size", 4096)
    connection.pragma("auto_vacuum", "INCREMENTAL")
    connection.pragma("journal_mode", "WAL")
    return connection


def _fill(connection):
    sizes = {f"size{uid}": len(octets) for uid, octets in LETTERS.items()}
    inbox = sum(len(LETTERS[uid]) for uid in FLAGS)
    for uid, octets in LETTERS.items():
        _content(connection, uid, octets)
    for sql in _ROWS:
        connection.execute(sql.format(inbox=inbox, sent=len(LETTERS[4]), **sizes))


def _content(connection, content, octets):
    digest = hashlib.blake2b(octets, digest_size=32).digest()
    row = content, bytes([content]) * 16, digest, len(octets)
    connection.execute("INSERT INTO content (id, object_id, digest, size) VALUES (?, ?, ?, ?)", row)
    connection.execute("INSERT INTO structure VALUES (?, ?)", (content, pack(scan(octets))))
    for number, start in enumerate(range(0, len(octets), 1 << 16)):
        packed = zstandard.ZstdCompressor(write_checksum=True).compress(octets[start : start + (1 << 16)])
        connection.execute("INSERT INTO chunk VALUES (?, 1, ?)", (content << 16 | number, packed))
    connection.execute("INSERT INTO rendering VALUES (?, 1, ?)", (1 << 40 | content, b"%d" % len(octets)))


if __name__ == "__main__":
    for number in range(1, len(schemas.ACCOUNT) + 1):
        store(Path(sys.argv[1]) / f"version-{number:03}", number, 1)
