"""SEARCH: first what the rows of messages say, then the text of those that they leave open (RFC 3501, 6.4.4)."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from attrs import frozen

from mailstore import query as q
from mailstore.errors import Expunged
from mailstore.interfaces import Passed
from mailstore.model import Uid
from mailstore.query import Query
from mailstore.sqlite import messages
from mailstore.sqlite.database import Database
from mailstore.sqlite.matching import FoldedText, prepare
from mailstore.sqlite.narrowing import Block, Rowwise
from mailstore.sqlite.transactions import Reader
from mailstore.uidset import UidSet

ROWS: Final = 10_000
"""Messages whose rows are looked at in one go: some milliseconds for each key."""
SLICE_SECONDS: Final = 0.05
"""How long one search reads text before another has its turn."""


@frozen
class Narrowed:
    """What the rows of a block say.

    Attributes:
        sure: the messages that are found whatever their text.
        undecided: the messages whose text decides, each with its content.
        found: what each key finds that the rows answer.

    """

    sure: UidSet
    undecided: Sequence[tuple[Uid, int]]
    found: Mapping[Rowwise, UidSet]


async def search(database: Database, mailbox: int, query: Query, within: UidSet, passed: Passed) -> UidSet:
    """Return the messages of `within` that `query` finds; its own connection, in a thread, in bounded steps.

    After each step `passed` is called with the number of messages that were decided in it.
    """
    prepared = prepare(query)
    found: list[UidSet] = []
    for uids in within.batches(ROWS):
        narrowed = await database.read_in_thread(partial(_narrow, mailbox=mailbox, query=prepared, uids=uids))
        here = narrowed.sure
        undecided = narrowed.undecided
        passed(len(uids) - len(undecided))
        while undecided:
            read = partial(_read, query=prepared, found=narrowed.found, undecided=undecided)
            matching, count = await database.read_in_thread(read)
            here |= matching
            undecided = undecided[count:]
            passed(count)
        found.append(here)
    return UidSet.joined(found)


def _narrow(reader: Reader, mailbox: int, query: Query, uids: UidSet) -> Narrowed:
    block = Block(reader, mailbox, uids)
    bounds = block.bounds(query)
    undecided = messages.contents_of(reader, mailbox, bounds.possible - bounds.sure)
    return Narrowed(bounds.sure, undecided, block.found)


def _read(
    reader: Reader, query: Query, found: Mapping[Rowwise, UidSet], undecided: Sequence[tuple[Uid, int]]
) -> tuple[UidSet, int]:
    """Read the text of the first messages, until the time is up; return those that match, and how many were read."""
    until = time.monotonic() + SLICE_SECONDS
    matching = []
    count = 0
    for uid, content in undecided:
        count += 1
        with suppress(Expunged):  # dropped for good since the rows were read
            if _matches(query, uid, FoldedText(reader, content), found):
                matching.append((uid, uid))
        if time.monotonic() > until:
            break
    return UidSet(matching), count


def _matches(  # noqa: PLR0911  # a table
    query: Query, uid: Uid, text: FoldedText, found: Mapping[Rowwise, UidSet]
) -> bool:
    """Tell whether a message is found, reading no more of its text than that takes."""
    match query:
        case q.All():
            return True
        case q.Among(uids):
            return uid in uids
        case q.Header() | q.Body() | q.Text():
            return text.holds(query)
        case q.Not(inner):
            return not _matches(inner, uid, text, found)
        case q.And(queries):
            return all(_matches(each, uid, text, found) for each in queries)
        case q.Or(queries):
            return any(_matches(each, uid, text, found) for each in queries)
        case _:
            return uid in found[query]
