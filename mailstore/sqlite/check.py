"""Whether everything in an account's file agrees; nothing is changed."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Final

from mailstore.errors import Corrupt
from mailstore.interfaces import Progress
from mailstore.renderings import Rendering
from mailstore.sqlite import renderings
from mailstore.sqlite.database import Database
from mailstore.sqlite.faults import Fault, faults, messages
from mailstore.sqlite.index.checking import index_problems
from mailstore.sqlite.renderings import Kinds
from mailstore.sqlite.rules import RULES, Rule
from mailstore.sqlite.salvaging import integrity, strange
from mailstore.sqlite.transactions import Reader

CONTENTS: Final = 50
"""Messages whose octets are read in one go, before another job has the thread."""
SHOWN: Final = 20
"""Cases that are named of what breaks one rule."""


def unseen(done: int, of: int) -> None:
    """Show nobody how far it is."""


async def check(database: Database, registered: Sequence[Rendering], progress: Progress = unseen) -> list[str]:
    """Return what does not agree, in words for an administrator."""
    if tables := await database.alone(strange):
        return [f"a table that is not what it should be: {table}" for table in tables]
    problems = [f"SQLite: {line}" for line in await database.alone(integrity)]
    for rule in RULES:
        problems += _described(rule, await broken(database, rule))
    async for found in all_faults(database, registered, progress):
        problems += map(str, found)
    return problems + await index_problems(database)


async def broken(database: Database, rule: Rule) -> Sequence[object]:
    """Return where a rule is broken; that it cannot be told is one such case."""
    try:
        cases = await database.read_in_thread(rule.broken)
        if cases and rule.beside:
            again = set(await database.read_in_thread(rule.broken))
            cases = [case for case in cases if case in again]
        return cases
    except Corrupt:
        return ["nobody can tell, pages are damaged"]


def _described(rule: Rule, cases: Sequence[object]) -> list[str]:
    lines = [f"{rule.text}: {case}" for case in cases[:SHOWN]]
    return lines if len(cases) <= SHOWN else [*lines, f"{rule.text}: {len(cases) - SHOWN} more"]


async def all_faults(
    database: Database, registered: Sequence[Rendering], progress: Progress
) -> AsyncIterator[list[Fault]]:
    """Yield what is wrong with the contents, some at a time."""
    try:
        kinds = await database.read_in_thread(partial(renderings.known, registered=registered))
        ids = await database.read_in_thread(_contents)
    except Corrupt:
        yield [Fault(0, "which there are, nobody can tell, pages are damaged")]
        return
    for start in range(0, len(ids), CONTENTS):
        progress(start, len(ids))
        yield await _faults(database, kinds, ids[start : start + CONTENTS])
    progress(len(ids), len(ids))


def _contents(reader: Reader) -> list[int]:
    return [content for (content,) in reader.rows("SELECT id FROM content NOT INDEXED")]


async def _faults(database: Database, kinds: Kinds, ids: Sequence[int]) -> list[Fault]:
    """Return what is wrong with some contents; where a page is damaged, they are looked at one by one."""
    try:
        return await database.read_in_thread(partial(faults, ids=ids, kinds=kinds))
    except Corrupt:
        if len(ids) > 1:
            return [fault for content in ids for fault in await _faults(database, kinds, [content])]
    try:
        where = await database.read_in_thread(partial(messages, content=ids[0]))
    except Corrupt:
        where = "messages that cannot be found"
    return [Fault(ids[0], f"damaged pages, of {where}")]
