"""Messages, batch by batch, without keeping anyone else from the reactor."""

import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Final

from mailstore.interfaces import Rows
from mailstore.sqlite.database import Database
from mailstore.sqlite.missing import complete
from mailstore.sqlite.selections import Left, Selection
from mailstore.uidset import EMPTY, MAX_UID, UidSet

SLICE_SECONDS: Final = 0.005
"""How long a fetch, and who sends what it found, have the reactor before others do."""


async def fetch(database: Database, selection: Selection, mailbox: int, uids: UidSet) -> AsyncIterator[Rows]:
    """Yield those of `uids` whose rows are kept, in ascending order."""
    until = time.monotonic() + SLICE_SECONDS
    left = Left()
    for block in uids.batches(selection.at_once):
        rest = block
        while rest and (batch := await database.read(partial(selection.read, mailbox=mailbox, block=rest, left=left))):
            yield await complete(database, selection.kinds, batch)
            read = batch.rows.uids[-1]
            rest = rest & UidSet([(read + 1, MAX_UID)]) if read < rest.last else EMPTY
            if time.monotonic() > until:
                await database.pause()
                until = time.monotonic() + SLICE_SECONDS
