"""The log of changes is kept short: the oldest entries are forgotten, and floors say up to where."""

# ruff: noqa: S608  # the names of columns that are put into statements are all our own

from functools import partial
from typing import Final

from attrs import frozen

from mailstore.model import ModSeq
from mailstore.sqlite import changelog
from mailstore.sqlite.database import Database
from mailstore.sqlite.transactions import Reader, Writer
from mailstore.uidset import MAX_UID

KEPT_CHANGES: Final = 10_000
"""Entries of one kind about messages of a mailbox that came in or changed.  To read them takes as long as to read the
mod-sequences of a hundred thousand messages, which tell the same."""
KEPT_EXPUNGES: Final = 1_000_000
"""Messages of a mailbox whose going is remembered, as runs of UIDs: 20 MB if no two of them are neighbours."""
KEPT_MAILBOX_CHANGES: Final = changelog.LONG
"""Entries about mailboxes: more are never told."""
AT_ONCE: Final = 2000
"""Entries forgotten in one transaction, so that nobody waits long behind it."""

_EXPUNGED: Final = 3
_CROWDED: Final = f"""
    SELECT mailbox_id, kind FROM change GROUP BY mailbox_id, kind
    HAVING CASE kind WHEN {_EXPUNGED} THEN sum(last - first + 1) > ? ELSE count(*) > ? END"""
_AFTER_NEWEST: Final = """
    SELECT modseq FROM change WHERE mailbox_id = ? AND kind = ? ORDER BY modseq DESC LIMIT 1 OFFSET ?"""
_BELOW_ENOUGH: Final = """
    SELECT modseq - 1 FROM (SELECT modseq, sum(last - first + 1) OVER (ORDER BY modseq DESC, first DESC) AS messages
        FROM change WHERE mailbox_id = ? AND kind = ?) WHERE messages >= ? LIMIT 1"""


@frozen
class _Old:
    """Entries of one kind about the messages of one mailbox, up to a mod-sequence."""

    mailbox: int
    kind: int
    upto: ModSeq

    @property
    def floor(self) -> str:
        """The column that says what is forgotten."""
        return "expunges_floor" if self.kind == _EXPUNGED else "changes_floor"


async def compact(database: Database) -> None:
    """Forget the oldest entries, a little at a time: what follows from them the messages and their UIDs tell too."""
    for old in await database.read_in_thread(_old):
        while await database.write(partial(_forget, old=old)):
            pass
    while await database.read(_too_many_mailbox_changes) is not None:
        await database.write(_forget_mailbox_changes)


def _old(reader: Reader) -> list[_Old]:
    crowded = reader.rows(_CROWDED, KEPT_EXPUNGES, KEPT_CHANGES)
    return [_Old(mailbox, kind, _upto(reader, mailbox, kind)) for mailbox, kind in crowded]


def _upto(reader: Reader, mailbox: int, kind: int) -> ModSeq:
    """Return which entries are too many: of expunges whole transactions stay, of changes no more than the limit."""
    if kind == _EXPUNGED:
        return ModSeq(reader.value(_BELOW_ENOUGH, mailbox, kind, KEPT_EXPUNGES))
    return ModSeq(reader.value(_AFTER_NEWEST, mailbox, kind, KEPT_CHANGES))


def _forget(writer: Writer, old: _Old) -> bool:
    """Forget the oldest of the old; return whether there may be more."""
    last = writer.row(
        """
        SELECT modseq, first FROM change WHERE mailbox_id = ? AND kind = ? AND modseq <= ?
        ORDER BY modseq, first LIMIT 1 OFFSET ?""",
        old.mailbox,
        old.kind,
        old.upto,
        AT_ONCE - 1,
    )
    modseq, first = last or (old.upto, MAX_UID)
    writer.execute(
        "DELETE FROM change WHERE mailbox_id = ? AND kind = ? AND (modseq, first) <= (?, ?)",
        old.mailbox,
        old.kind,
        modseq,
        first,
    )
    writer.execute(
        f"UPDATE mailbox SET {old.floor} = max({old.floor}, ?) WHERE id = ?", modseq, old.mailbox
    )
    return last is not None


def _too_many_mailbox_changes(reader: Reader) -> ModSeq | None:
    """Return up to where entries about mailboxes are too many; None if they are not."""
    upto: ModSeq | None = reader.value(
        "SELECT modseq FROM mailbox_change ORDER BY modseq DESC LIMIT 1 OFFSET ?", KEPT_MAILBOX_CHANGES
    )
    return upto


def _forget_mailbox_changes(writer: Writer) -> None:
    """Forget the oldest entries about mailboxes, unless another process just has."""
    upto = _too_many_mailbox_changes(writer)
    if upto is None:
        return
    oldest = "SELECT modseq, kind, name FROM mailbox_change WHERE modseq <= ? ORDER BY modseq, kind, name LIMIT ?"
    writer.execute(f"DELETE FROM mailbox_change WHERE (modseq, kind, name) IN ({oldest})", upto, AT_ONCE)
    writer.execute("UPDATE account SET mailboxes_floor = ?", upto)
