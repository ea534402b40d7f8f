"""Expunged messages, and the octets that only they had, are dropped for good after some days."""

import time
from typing import Final

from mailstore.sqlite import contents, flagsets, mailboxes, messages
from mailstore.sqlite.condensing import condense
from mailstore.sqlite.database import Database
from mailstore.sqlite.room import is_short
from mailstore.sqlite.shrinking import shrink
from mailstore.sqlite.transactions import Writer

_DAY: Final = 24 * 60 * 60
AT_ONCE: Final = 200
"""Messages, or entries of the log, dropped in one transaction, so that nobody waits long behind it."""


async def purge(database: Database, kept_days: float) -> None:
    """Drop what was expunged more than so many days ago, and while space is short the oldest; a little at a time."""
    now = int(time.time())
    limit = int(now - kept_days * _DAY)
    while await database.read(lambda reader: messages.any_expunged_before(reader, limit)):
        await database.write(lambda writer: _drop(writer, limit))
    folder = database.path.parent
    while is_short(folder) and await database.read(lambda reader: messages.any_expunged_before(reader, now)):
        await database.write(lambda writer: _drop(writer, now))
        await shrink(database, spare=0)
        await condense(database, spare=0.0)
    if await database.read(flagsets.crowded):
        await database.write(flagsets.forget_unused)
    while await database.read(lambda reader: mailboxes.any_removed_before(reader, limit)):
        await database.write(lambda writer: mailboxes.forget(writer, limit, AT_ONCE))


def _drop(writer: Writer, before: int) -> None:
    contents.drop_unreferenced(writer, messages.drop_expunged(writer, before, AT_ONCE))
