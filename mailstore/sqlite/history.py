"""What happened to a mailbox's messages: from the log, or from the messages themselves where the log has forgotten."""

from collections.abc import Collection
from functools import partial
from itertools import chain
from typing import Final

from attrs import evolve

from mailstore.changes import Appended, Expunged, FlagsChanged, MessageChanges
from mailstore.model import ModSeq
from mailstore.sqlite import changelog, messages
from mailstore.sqlite.database import Database
from mailstore.uidset import UidSet

ROWS: Final = 20_000
"""Messages whose mod-sequences are read in one go, before another job has the thread: some ten milliseconds."""


async def since(database: Database, mailbox: int, modseq: ModSeq, own: Collection[ModSeq]) -> MessageChanges:
    """Return what happened after `modseq`, of a long history without the flags that `own` changed; `NotFound`.

    More than a moment's work is done beside the reactor.
    """
    brief = await database.read(partial(changelog.brief_since, mailbox=mailbox, modseq=modseq))
    if brief is not None:
        return brief
    read = partial(changelog.summary_since, mailbox=mailbox, modseq=modseq, own=own)
    summary = await database.read_in_thread(read)
    if not summary.unsure:
        return summary.changes
    changed = await _changed(database, mailbox, summary.unsure, modseq) | summary.changes.changed
    expunged = Expunged(modseq, summary.changes.expunged)
    return evolve(summary.changes, entries=(Appended(modseq, changed), FlagsChanged(modseq, changed), expunged))


async def _changed(database: Database, mailbox: int, unsure: UidSet, modseq: ModSeq) -> UidSet:
    """Return those of `unsure` that are above `modseq` and still there; later changes may be among them."""
    found = [
        await database.read_in_thread(partial(messages.changed_since, mailbox=mailbox, uids=batch, modseq=modseq))
        for batch in unsure.batches(ROWS)
    ]
    return UidSet.ascending(chain.from_iterable(uids.runs for uids in found))
