"""THREAD (RFC 5256, 3)."""

from struct import Struct
from typing import Final

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad
from imapd.imap.filters import with_filters
from imapd.imap.finding import find, highest_modseq, selected
from imapd.imap.forest import STEP, Forest, Spelling
from imapd.imap.renderings import THREAD_KEYS
from imapd.imap.runs import SortedRuns
from imapd.imap.session import Session
from imapd.imap.sorting import sent_dates
from imapd.imap.threadkeys import unpack
from imapd.imap.threads import ALGORITHMS, Algorithm
from imapd.imap.turns import batched, finish, in_turns
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.searchkey import SearchProgram, search_criteria
from mailstore.model import Field
from mailstore.uidset import UidSet

_BY_DATE: Final = Struct(">QII")
"""Sent date, message and node; dates are moved so that they are not below zero."""
_SIGNED: Final = 1 << 63


@frozen
class Thread:
    """What is looked for, and how it is put into threads."""

    algorithm: type[Algorithm]
    program: SearchProgram
    by_uid: bool


def parse(cursor: Cursor, *, by_uid: bool) -> Thread:
    """thread = ["UID" SP] "THREAD" SP thread-alg SP search-criteria"""
    cursor.space()
    name = cursor.keyword()
    if name not in ALGORITHMS:
        raise Bad(f"THREAD has no algorithm {name.decode()[:40]}")
    cursor.space()
    return Thread(ALGORITHMS[name], search_criteria(cursor), by_uid)


async def run(session: Session, request: Thread) -> Done:
    """Answer with the threads of the messages found; what is gone for good meanwhile is left out."""
    scope = selected(session)
    program = await with_filters(session, request.program)
    found = await find(session, scope, program)
    modseq = await highest_modseq(scope, program, found)
    spelling = Spelling(await _forest(session, request, found))
    await finish(spelling.arrange())
    with session.response():
        await _send(session, spelling, modseq)
    return Done("THREAD completed")


async def _forest(session: Session, request: Thread, found: UidSet) -> Forest:
    algorithm = request.algorithm(len(found))
    forest = algorithm.forest
    session.progress.begin(len(found))
    with SortedRuns() as by_date:
        async for rows in session.mailbox.fetch(found, [THREAD_KEYS, Field.INTERNAL_DATE]):
            numbers = rows.uids if request.by_uid else session.selected.numbers(rows.uids)
            kept = list(map(unpack, rows.columns[THREAD_KEYS]))
            nodes = list(map(algorithm.add, numbers, kept))
            session.progress.passed(len(nodes))
            dates = sent_dates((keys.sent for keys in kept), rows.columns[Field.INTERNAL_DATE])
            by_date.add(
                [_BY_DATE.pack(_SIGNED + date, *each) for date, *each in zip(dates, numbers, nodes, strict=True)]
            )
        async for keys in in_turns(batched(by_date, STEP)):
            forest.order.extend(_BY_DATE.unpack(key)[2] for key in keys)
    await finish(algorithm.build())
    return forest


async def _send(session: Session, spelling: Spelling, modseq: int | None) -> None:
    """``thread-data = "THREAD" [SP 1*thread-list [SP search-sort-mod-seq]]``  (RFC 7162, 7)"""
    session.send(b"* THREAD")
    separator = b" "
    async for pieces in in_turns(batched(spelling.pieces(), STEP)):
        session.send(separator + b"".join(pieces))
        separator = b""
        await session.drained()
    session.send(b"\r\n" if modseq is None else b" (MODSEQ %d)\r\n" % modseq)
