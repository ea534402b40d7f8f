"""SORT (RFC 5256, 3), by display names too (RFC 5957), with chosen results (RFC 5267, 3)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.errors import No
from imapd.imap.finding import find, highest_modseq, saving
from imapd.imap.runs import SortedRuns
from imapd.imap.session import Session
from imapd.imap.sorting import gather, number_of
from imapd.imap.turns import batched, in_turns
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.searchkey import SearchProgram, search_criteria
from imapd.imap.wire.searchopts import SORT_OPTIONS, encode_in_order, ends_alone, esearch_head, return_options
from imapd.imap.wire.sortcriteria import Criterion, sort_criteria
from mailstore.uidset import UidSet


@frozen
class Sort:
    """What is looked for, and in which order it is wanted.

    Attributes:
        criteria: the most important one first.
        program: the keys, or why they are refused.
        by_uid: whether UIDs are answered.
        options: what is to be returned (RFC 5267, 3.1); None for the answer of RFC 5256.

    """

    criteria: tuple[Criterion, ...]
    program: SearchProgram | No
    by_uid: bool
    options: frozenset[bytes] | None = None


def parse(cursor: Cursor, *, by_uid: bool) -> Sort:
    """sort = ["UID" SP] "SORT" [search-return-opts] SP sort-criteria SP search-criteria  (RFC 5267, 5)"""
    options = return_options(cursor, SORT_OPTIONS)
    names = None if options is None else options.names
    criteria = sort_criteria(cursor)
    cursor.space()
    try:
        return Sort(criteria, search_criteria(cursor), by_uid, names)
    except No as refusal:
        cursor.skip()
        return Sort(criteria, refusal, by_uid, names)


async def run(session: Session, request: Sort) -> Done:
    """Answer with the messages found, in order; what is gone for good meanwhile is left out."""
    with saving(session, request.options):
        found = await find(session, request.program)
        with SortedRuns() as messages:
            await gather(session, found, request.criteria, messages, by_uid=request.by_uid)
            spoken_of = _spoken_of(session, request, messages, found)
            modseq = await highest_modseq(session, request.program, spoken_of)
            with session.response():
                if request.options is None:
                    await _send_sort(session, messages, modseq)
                elif request.options != {b"SAVE"}:
                    await _send_esearch(session, request, messages, modseq)
    if request.options is not None and b"SAVE" in request.options:
        session.selected.saved = spoken_of
    return Done("SORT completed")


def _spoken_of(session: Session, request: Sort, messages: SortedRuns, found: UidSet) -> UidSet:
    """Return the messages that the answer is about: all found, unless only MIN or MAX are asked for."""
    ends = ends_alone(request.options or frozenset())
    if not ends or not messages:
        return found
    numbers = UidSet.of(*(number for end, number in _ends(messages).items() if end in ends))
    return numbers if request.by_uid else UidSet.of(*map(session.selected.uids.at, numbers))


def _ends(messages: SortedRuns) -> dict[bytes, int]:
    return {b"MIN": number_of(messages.first), b"MAX": number_of(messages.last)}


async def _send_sort(session: Session, messages: SortedRuns, modseq: int | None) -> None:
    """``sort-data = "SORT" *(SP nz-number)``, and the highest mod-sequence as behind SEARCH (RFC 7162, 3.1.6)"""
    session.send(b"* SORT")
    async for numbers in in_turns(batched(map(number_of, messages), 500)):
        session.send(b" %d" * len(numbers) % tuple(numbers))
        await session.drained()
    session.send(b"\r\n" if modseq is None else b" (MODSEQ %d)\r\n" % modseq)


async def _send_esearch(session: Session, request: Sort, messages: SortedRuns, modseq: int | None) -> None:
    """``esearch-response`` whose ALL is in the order asked for (RFC 5267, 3.1)"""
    options = request.options or frozenset()
    session.send(esearch_head(session.tag, by_uid=request.by_uid))
    if messages:
        session.send(b"".join(b" %b %d" % end for end in _ends(messages).items() if end[0] in options))
        if b"ALL" in options:
            await _send_all(session, messages)
    if b"COUNT" in options:
        session.send(b" COUNT %d" % len(messages))
    session.send(b"\r\n" if modseq is None else b" MODSEQ %d\r\n" % modseq)


async def _send_all(session: Session, messages: SortedRuns) -> None:
    separator = b" ALL "
    async for ranges in in_turns(batched(encode_in_order(map(number_of, messages)), 500)):
        session.send(separator + b",".join(ranges))
        separator = b","
        await session.drained()
