"""What POP3 clients know messages by: a name made of UID and UIDVALIDITY, or the one from before (table ``uidl``)."""

import re
from collections.abc import Iterable
from typing import Final

from mailstore.model import Uid
from mailstore.sqlite import mailboxes
from mailstore.sqlite.transactions import Reader, Row, Writer

NAME_SQL: Final = """
    ifnull((SELECT name FROM uidl WHERE uidl.mailbox_id = message.mailbox_id AND uidl.uid = message.uid),
        printf('%08x%08x', uid, (SELECT uid_validity FROM mailbox WHERE mailbox.id = message.mailbox_id)))"""
"""The name of a ``message``.  What most messages are called is as Dovecot has it by default, and takes no room."""

_GRAMMAR: Final = re.compile(r"[!-~]{1,70}")
"""``unique-id = 1*70(%x21-7E)``  (RFC 1939, 7)"""
_MADE: Final = re.compile(r"([0-9a-f]{8})([0-9a-f]{8})")
"""A name that is made of UID and UIDVALIDITY."""


def keep(writer: Writer, mailbox: int, names: Iterable[tuple[Uid, str]]) -> None:
    """Give messages that just came the names that they had elsewhere, or here before they were expunged.

    One that is no UIDL is left out, and one that another message here has or could come to have: each is there once.
    """
    for uid, name in names:
        made = _MADE.fullmatch(name)
        ours = made and int(made[2], 16) == mailboxes.identity(writer, mailbox)[1]
        if _GRAMMAR.fullmatch(name) and not (made and ours and _is_called(writer, mailbox, Uid(int(made[1], 16)))):
            _keep(writer, mailbox, uid, name)


def _is_called(reader: Reader, mailbox: int, uid: Uid) -> bool:
    """Tell whether a name that is made of this UID is, or may come to be, that of a message."""
    there = """
        SELECT uid_next <= ?2 OR EXISTS (SELECT 1 FROM message
            WHERE mailbox_id = ?1 AND uid = ?2 AND expunged_at IS NULL) FROM mailbox WHERE id = ?1"""
    return bool(reader.value(there, mailbox, uid))


def _keep(writer: Writer, mailbox: int, uid: Uid, name: str) -> None:
    """Give a message a name, unless one that is there has it; an expunged one loses it."""
    writer.execute(
        """
        INSERT OR REPLACE INTO uidl (mailbox_id, uid, name) SELECT ?1, ?2, ?3 WHERE NOT EXISTS (
            SELECT 1 FROM uidl JOIN message USING (mailbox_id, uid)
            WHERE mailbox_id = ?1 AND name = ?3 AND expunged_at IS NULL)
        """,
        mailbox,
        uid,
        name,
    )


def names(reader: Reader, mailbox: int, uids: Iterable[Uid]) -> list[str]:
    """Return what messages are called, expunged ones with rows among them."""
    sql = f"SELECT {NAME_SQL} FROM message WHERE mailbox_id = ? AND uid = ?"  # noqa: S608  # our own
    return [reader.value(sql, mailbox, uid) for uid in uids]


def drop(writer: Writer, messages: Iterable[Row]) -> None:
    """Forget the names of messages, given as mailbox and UID."""
    writer.executemany("DELETE FROM uidl WHERE mailbox_id = ? AND uid = ?", messages)
