"""How SEARCH, SORT and ESEARCH answer: numbers on a line, or an ESEARCH response with what was asked for (RFC 4731)."""

from collections.abc import Callable, Iterator
from typing import Final

from attrs import frozen

from imapd.imap.errors import No
from imapd.imap.finding import Scope, highest_modseq
from imapd.imap.found import Found
from imapd.imap.session import Session
from imapd.imap.turns import batched, in_turns
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.searchdata import esearch_head
from imapd.imap.wire.searchkey import SearchProgram
from imapd.imap.wire.searchopts import ALL, ReturnOptions
from mailstore.uidset import EMPTY, UidSet

AT_ONCE: Final = 500
"""Numbers or ranges that are sent before the client must have taken enough."""


@frozen
class Question:
    """What is looked for, and how it is answered.

    Attributes:
        program: the keys, or why they are refused.
        by_uid: whether UIDs are answered.
        options: what is to be returned (RFC 4731, 3.1); None for the answer of RFC 3501 or RFC 5256.

    """

    program: SearchProgram | No
    by_uid: bool
    options: ReturnOptions | None = None

    @property
    def saves(self) -> bool:
        """Whether ``$`` becomes what is found."""
        return self.options is not None and b"SAVE" in self.options.names


def keys(cursor: Cursor, rule: Callable[[Cursor], SearchProgram]) -> SearchProgram | No:
    """Return what `rule` reads; if it refuses a charset, that waits until the command runs, since it empties ``$``."""
    try:
        return rule(cursor)
    except No as refusal:
        cursor.skip()
        return refusal


async def answer(session: Session, verb: bytes, question: Question, scope: Scope, found: Found) -> None:
    """Send the answer of SEARCH or SORT, and keep what is to be kept."""
    if question.options is None:
        modseq = await highest_modseq(scope, question.program, found.members)
        await _send_numbers(session, verb, found, modseq)
    else:
        await answer_extended(session, esearch_head(session.tag, by_uid=question.by_uid), question, scope, found)


async def answer_extended(session: Session, head: bytes, question: Question, scope: Scope, found: Found) -> None:
    """Send the ESEARCH response that `head` begins, and keep what is to be kept."""
    options = question.options or ALL
    spoken_of = _spoken_of(options, found)
    modseq = await highest_modseq(scope, question.program, spoken_of)
    if not options.saves_alone:
        await _send_esearch(session, head, options, found, modseq)
    if question.saves:
        session.selected.saved = spoken_of


def _spoken_of(options: ReturnOptions, found: Found) -> UidSet:
    """Return the messages that an answer is about: all found, unless only ends or a part are asked for."""
    if not found or b"COUNT" in options.names or not (options.ends_alone or options.partial):
        return found.members
    part = found.part(options.partial).members if options.partial else EMPTY
    ends = zip((b"MIN", b"MAX"), found.ends(), strict=True)
    return part | UidSet.of(*(uid for end, uid in ends if end in options.ends_alone))


async def _send_numbers(session: Session, verb: bytes, found: Found, modseq: int | None) -> None:
    """``"SEARCH" *(SP nz-number)`` or ``"SORT" *(SP nz-number)``, and ``[SP search-sort-mod-seq]``  (RFC 7162, 7)"""
    with session.response():
        session.send(b"* " + verb)
        async for numbers in in_turns(batched(found.numbers(), AT_ONCE)):
            session.send(b" %d" * len(numbers) % tuple(numbers))
            await session.drained()
        session.send(b"\r\n" if modseq is None else b" (MODSEQ %d)\r\n" % modseq)


async def _send_esearch(
    session: Session, head: bytes, options: ReturnOptions, found: Found, modseq: int | None
) -> None:
    """``esearch-response``, of which `head` was made; ALL and PARTIAL are in the order of `found` (RFC 5267, 3.1)"""
    with session.response():
        session.send(head)
        if found:
            ends = zip((b"MIN", b"MAX"), found.ends(), strict=True)
            session.send(b"".join(b" %b %d" % (end, found.name(uid)) for end, uid in ends if end in options.names))
            if b"ALL" in options.names:
                await _send_ranges(session, b" ALL ", found.ranges())
        if options.partial:
            part = found.part(options.partial)
            await _send_ranges(session, b" PARTIAL (%b " % options.partial.written, part.ranges())
            session.send(b")" if part else b"NIL)")
        if b"COUNT" in options.names:
            session.send(b" COUNT %d" % len(found))
        session.send(b"\r\n" if modseq is None else b" MODSEQ %d\r\n" % modseq)


async def _send_ranges(session: Session, name: bytes, ranges: Iterator[bytes]) -> None:
    """Send a name, and behind it a set."""
    session.send(name)
    separator = b""
    async for batch in in_turns(batched(ranges, AT_ONCE)):
        session.send(separator + b",".join(batch))
        separator = b","
        await session.drained()
