"""Expunged messages, and the octets that only they had, are dropped for good after some days."""

import shutil
import time
from pathlib import Path
from typing import Final

from mailstore.sqlite import contents, flagsets, mailboxes, messages
from mailstore.sqlite.database import Database
from mailstore.sqlite.shrinking import shrink
from mailstore.sqlite.transactions import Writer

SPARE_OCTETS: Final = 1 << 30
SPARE_SHARE: Final = 0.02
"""Space is short when less is free on the disk than this and this share of it: mail that comes needs it more."""
_DAY: Final = 24 * 60 * 60
AT_ONCE: Final = 200
"""Messages, or entries of the log, dropped in one transaction, so that nobody waits long behind it."""


async def purge(database: Database, kept_days: float) -> None:
    """Drop what was expunged more than so many days ago, and while space is short the oldest; a little at a time."""
    now = int(time.time())
    limit = int(now - kept_days * _DAY)
    while await database.read(lambda reader: messages.any_expunged_before(reader, limit)):
        await database.write(lambda writer: _drop(writer, limit))
    while _is_short(database.path) and await database.read(lambda reader: messages.any_expunged_before(reader, now)):
        await database.write(lambda writer: _drop(writer, now))
        await shrink(database, spare=0)
    if await database.read(flagsets.crowded):
        await database.write(flagsets.forget_unused)
    while await database.read(lambda reader: mailboxes.any_removed_before(reader, limit)):
        await database.write(lambda writer: mailboxes.forget(writer, limit, AT_ONCE))


def _is_short(path: Path) -> bool:
    """Tell whether there is little room beside a file."""
    disk = shutil.disk_usage(path.parent)
    return disk.free < SPARE_OCTETS and disk.free < SPARE_SHARE * disk.total


def _drop(writer: Writer, before: int) -> None:
    contents.drop_unreferenced(writer, messages.drop_expunged(writer, before, AT_ONCE))
