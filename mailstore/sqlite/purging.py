"""Expunged messages, and the octets that only they had, are dropped for good after some days."""

import time
from typing import Final

from mailstore.sqlite import contents, flagsets, mailboxes, messages
from mailstore.sqlite.database import Database
from mailstore.sqlite.transactions import Writer

KEPT_DAYS: Final = 7
"""How long an expunged message is kept: for sessions that were not told yet, and for those who regret."""
AT_ONCE: Final = 200
"""Messages, or entries of the log, dropped in one transaction, so that nobody waits long behind it."""


async def purge(database: Database, before: float | None = None) -> None:
    """Drop what was expunged `before`, in seconds since 1970, by default some days ago; a little at a time."""
    limit = int(time.time() - KEPT_DAYS * 24 * 60 * 60 if before is None else before)
    while await database.read(lambda reader: messages.any_expunged_before(reader, limit)):
        await database.write(lambda writer: _drop(writer, limit))
    if await database.read(flagsets.crowded):
        await database.write(flagsets.forget_unused)
    while await database.read(lambda reader: mailboxes.any_removed_before(reader, limit)):
        await database.write(lambda writer: mailboxes.forget(writer, limit, AT_ONCE))


def _drop(writer: Writer, before: int) -> None:
    contents.drop_unreferenced(writer, messages.drop_expunged(writer, before, AT_ONCE))
