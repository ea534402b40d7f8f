"""THREAD (RFC 5256, 3)."""

from collections.abc import Iterable
from struct import Struct
from typing import Final

from attrs import frozen

from imapd import limits
from imapd.doors.turns import batched, finish, in_turns
from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad
from imapd.imap.fetch.renderings import THREAD_KEYS
from imapd.imap.search.filters import with_filters
from imapd.imap.search.finding import LeftOut, find, highest_modseq, selected
from imapd.imap.search.forest import STEP, Forest, Spelling
from imapd.imap.search.found import naming
from imapd.imap.search.remembered import Remembered, key_of
from imapd.imap.search.runs import SortedRuns
from imapd.imap.search.sorting import sent_date
from imapd.imap.search.threadkeys import unpack
from imapd.imap.search.threads import ALGORITHMS, Algorithm
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.searchkey import SearchProgram, search_criteria
from mailstore.model import Field, Uid
from mailstore.uidset import UidSet

_BY_DATE: Final = Struct(">QII")
"""Sent date, message and node; dates are moved so that they are not below zero."""
_SIGNED: Final = 1 << 63
_AT_ONCE: Final = 50
"""Messages that are taken in one go: with a hundred references each, some milliseconds."""

_known: Final = Remembered[tuple[UidSet, Spelling]](limits.REMEMBERED_THREADS)
"""The messages of a mailbox that were put into threads last, and the threads, by algorithm."""


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
    left_out = LeftOut()
    found = await find(session, scope, program, left_out)
    modseq = await highest_modseq(scope, program, found)
    spelling = await _threads(session, request.algorithm, found)
    call = naming(None if request.by_uid else session.selected.uids)
    with session.response():
        await _send(session, spelling.pieces(call), modseq)
    left_out.tell()
    return Done("THREAD completed")


async def _threads(session: Session, kind: type[Algorithm], found: UidSet) -> Spelling:
    """Return the threads of some messages of the selected mailbox."""
    key = key_of(session, kind)
    known = _known.get(key)
    if known is not None and known[0] == found:
        return known[1]
    spelling = Spelling(await _forest(session, kind(len(found)), found))
    await finish(spelling.arrange())
    _known.put(key, (found, spelling), spelling.octets)
    return spelling


async def _forest(session: Session, algorithm: Algorithm, found: UidSet) -> Forest:
    forest = algorithm.forest
    session.progress.begin(len(found))
    with SortedRuns() as by_date:
        async for rows in session.mailbox.fetch(found, [THREAD_KEYS, Field.ARRIVED]):
            messages = zip(rows.uids, rows.columns[THREAD_KEYS], rows.columns[Field.ARRIVED], strict=True)
            async for some in in_turns(batched(messages, _AT_ONCE)):
                by_date.add([_taken(algorithm, *each) for each in some])
                session.progress.passed(len(some))
        async for keys in in_turns(batched(by_date, STEP)):
            forest.order.extend(_BY_DATE.unpack(key)[2] for key in keys)
    await finish(algorithm.build())
    return forest


def _taken(algorithm: Algorithm, uid: Uid, octets: bytes, arrived: int) -> bytes:
    """Let the algorithm take a message; return what orders it by its sent date (RFC 5256, 2.2)."""
    keys = unpack(octets)
    sent = sent_date(keys.sent, arrived)
    return _BY_DATE.pack(_SIGNED + sent, uid, algorithm.add(uid, keys))


async def _send(session: Session, pieces: Iterable[bytes], modseq: int | None) -> None:
    """``thread-data = "THREAD" [SP 1*thread-list [SP search-sort-mod-seq]]``  (RFC 7162, 7)"""
    session.send(b"* THREAD")
    separator = b" "
    async for some in in_turns(batched(pieces, STEP)):
        session.send(separator + b"".join(some))
        separator = b""
        await session.drained()
    session.send(b"\r\n" if modseq is None else b" (MODSEQ %d)\r\n" % modseq)
