"""SEARCH: first what the rows of messages and the index say, then the text of those that they leave open.

(RFC 3501, 6.4.4.)
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Final, TypeVar

from attrs import frozen

from mailstore import query as q
from mailstore.errors import Corrupt, Expunged
from mailstore.interfaces import Damaged, Passed, uncounted
from mailstore.model import Uid
from mailstore.query import Query
from mailstore.sqlite import connections, messages
from mailstore.sqlite.database import Database
from mailstore.sqlite.hints import Hint, hint
from mailstore.sqlite.index.errors import IndexLost
from mailstore.sqlite.index.known import KnownFields
from mailstore.sqlite.index.lookup import Index, Textual
from mailstore.sqlite.index.using import SearchIndex
from mailstore.sqlite.matching import keys, prepare
from mailstore.sqlite.narrowing import Block, Rowwise
from mailstore.sqlite.reading import SoughtTexts
from mailstore.sqlite.transactions import Reader
from mailstore.uidset import UidSet

T = TypeVar("T")

BRIEF: Final = 2000
"""Messages, times the keys of the query, whose rows are looked at on the reactor's thread: a millisecond at most, and
less than it takes to go to another thread and back."""
ROWS: Final = 10_000
"""Messages whose rows are looked at in one go: some milliseconds for each key."""
SLICE_SECONDS: Final = 0.05
"""How long one search reads text before another has its turn."""
MOST_HINTS: Final = 16
"""Keys of a query that the index is asked about, each some milliseconds and a megabyte; the text answers the others."""


@frozen
class Narrowed:
    """What the rows of a block, and the index, say.

    Attributes:
        sure: the messages that are found whatever their text.
        undecided: the messages whose text decides, each with its content.
        found: what each key finds that the rows answer.

    """

    sure: UidSet
    undecided: Sequence[tuple[Uid, int]]
    found: Mapping[Rowwise, UidSet]


@frozen
class Step:
    """What came of the reading of some messages.

    Attributes:
        matching: those that are found.
        count: how many were read.
        damage: what says that some of these could not be.

    """

    matching: UidSet
    count: int
    damage: Corrupt | None


@frozen
class Place:
    """Where is searched.

    Attributes:
        index: None once it was lost.
        known: what earlier searches have read.

    """

    database: Database
    index: SearchIndex | None
    known: KnownFields
    mailbox: int

    async def ask(self, question: Callable[[Reader, Index | None], T]) -> T:
        """Answer a question beside the reactor; `IndexLost`."""
        index = self.index
        if index is None:
            return await self.database.read_in_thread(lambda reader: question(reader, None))
        return await self.database.read_in_thread(lambda reader: index.ask(reader, partial(question, reader)))


async def search(  # noqa: PLR0917  # where, what, and who is told
    database: Database,
    index: SearchIndex,
    mailbox: int,
    query: Query,
    within: UidSet,
    passed: Passed,
    *,
    damaged: Damaged,
) -> UidSet:
    """Return the messages of `within` that `query` finds; beside the reactor if it takes a while, in bounded steps.

    After each step `passed` is called with the number of messages that were decided in it, and `damaged` if some of
    them were left out.
    """
    prepared = prepare(query)
    try:
        return await _search(Place(database, index, index.known, mailbox), prepared, within, passed, damaged)
    except IndexLost:
        return await _search(Place(database, None, index.known, mailbox), prepared, within, uncounted, damaged)


async def _search(place: Place, query: Query, within: UidSet, passed: Passed, damaged: Damaged) -> UidSet:
    asked = list(keys(query))
    textual = (key for key in asked if isinstance(key, q.Header | q.Body | q.Text))
    hints = await _hints(place, islice(dict.fromkeys(textual), MOST_HINTS), within)
    is_brief = len(asked) * len(within) <= BRIEF
    look = place.database.read if is_brief else place.database.read_in_thread
    found: list[UidSet] = []
    for uids in within.batches(ROWS):
        narrow = partial(_narrow, mailbox=place.mailbox, query=query, uids=uids, hints=hints)
        narrowed = await look(narrow)
        here = narrowed.sure
        undecided = narrowed.undecided
        passed(len(uids) - len(undecided))
        while undecided:
            read = partial(_read, known=place.known, query=query, found=narrowed.found, undecided=undecided)
            step = await place.ask(read)
            here |= step.matching
            undecided = undecided[step.count :]
            passed(step.count)
            if step.damage is not None:
                place.database.note(step.damage)
                damaged(step.damage)
        found.append(here)
    return UidSet.joined(found)


async def _hints(place: Place, keys: Iterable[Textual], within: UidSet) -> Mapping[Textual, Hint]:
    """Return what the index says of keys, of which it knows something."""
    hints: dict[Textual, Hint] = {}
    for key in keys:
        found = await place.ask(partial(hint, mailbox=place.mailbox, key=key, within=within))
        if found is not None:
            hints[key] = found
    return hints


def _narrow(
    reader: Reader, mailbox: int, query: Query, uids: UidSet, hints: Mapping[Textual, Hint]
) -> Narrowed:
    block = Block(reader, mailbox, uids, hints)
    bounds = block.bounds(query)
    undecided = messages.contents_of(reader, mailbox, bounds.possible - bounds.sure)
    return Narrowed(bounds.sure, undecided, block.found)


def _read(  # noqa: PLR0917  # where, what is known, and what is sought
    reader: Reader,
    index: Index | None,
    known: KnownFields,
    query: Query,
    found: Mapping[Rowwise, UidSet],
    undecided: Sequence[tuple[Uid, int]],
) -> Step:
    """Read the text of the first messages, until the time is up."""
    until = time.monotonic() + SLICE_SECONDS
    matching = []
    count = 0
    damage: Exception | None = None
    texts = SoughtTexts(reader, index, known, [content for _, content in undecided])
    for uid, _ in undecided:
        count += 1
        texts.next()
        try:
            if _matches(query, uid, texts, found):
                matching.append((uid, uid))
        except Expunged:  # dropped for good since the rows were read
            pass
        except connections.DAMAGE as error:  # the other messages can still be read
            damage = error
        if time.monotonic() > until:
            break
    return Step(UidSet(matching), count, None if damage is None else connections.corrupt(damage))


def _matches(  # noqa: PLR0911  # a table
    query: Query, uid: Uid, texts: SoughtTexts, found: Mapping[Rowwise, UidSet]
) -> bool:
    """Tell whether a message is found, reading no more of its text than that takes."""
    match query:
        case q.All():
            return True
        case q.Among(uids):
            return uid in uids
        case q.Header() | q.Body() | q.Text():
            return texts.holds(query)
        case q.Not(inner):
            return not _matches(inner, uid, texts, found)
        case q.And(queries):
            return all(_matches(each, uid, texts, found) for each in queries)
        case q.Or(queries):
            return any(_matches(each, uid, texts, found) for each in queries)
        case _:
            return uid in found[query]
