"""Pages that nothing is on any more go back to the system, a little at a time (SQLite's incremental vacuum)."""

from typing import Final

from mailstore.sqlite.database import Database
from mailstore.sqlite.transactions import Reader, Writer

SPARE_PAGES: Final = 256
"""Free pages that are left for what comes in next: a megabyte."""
AT_ONCE: Final = 500
"""Pages given back in one transaction: each is replaced by one from the end of the file, 2 MB to write at most."""
PAUSE_SECONDS: Final = 0.02


async def shrink(database: Database, spare: int = SPARE_PAGES) -> None:
    """Give back what is free beyond a reserve of pages."""
    while await database.read(_free) > spare:
        await database.write(_give_back)
        await database.pause(PAUSE_SECONDS)


def _free(reader: Reader) -> int:
    return int(reader.value("PRAGMA freelist_count"))


def _give_back(writer: Writer) -> None:
    writer.rows(f"PRAGMA incremental_vacuum({AT_ONCE})")


def give_back_all(writer: Writer) -> None:
    """Give back what is free, if it is more than the reserve, where nobody waits."""
    if _free(writer) > SPARE_PAGES:
        writer.rows("PRAGMA main.incremental_vacuum")
