"""How SEARCH, SORT and ESEARCH answer: numbers on a line, or an ESEARCH response with what was asked for (RFC 4731)."""

from collections.abc import Iterable, Iterator

from imapd.doors.turns import batched
from imapd.imap.search.finding import Scope, highest_modseq
from imapd.imap.search.found import Found, naming
from imapd.imap.search.question import Question
from imapd.imap.sending import send_in_turns
from imapd.imap.session import Session
from imapd.imap.wire.searchdata import AT_ONCE, esearch_head
from imapd.imap.wire.searchopts import ALL, ReturnOptions
from mailstore.uidset import EMPTY, UidSet


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
    if question.wants(b"SAVE"):
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
        if found:
            session.send(b" ")
            await send_in_turns(session, _spelled(found.numbers()))
        session.send(b"\r\n" if modseq is None else b" (MODSEQ %d)\r\n" % modseq)


async def _send_esearch(
    session: Session, head: bytes, options: ReturnOptions, found: Found, modseq: int | None
) -> None:
    """``esearch-response``, of which `head` was made; ALL and PARTIAL are in the order of `found` (RFC 5267, 3.1)"""
    with session.response():
        session.send(head)
        if found:
            ends = zip((b"MIN", b"MAX"), found.ends(), strict=True)
            call = naming(found.told)
            session.send(b"".join(b" %b %d" % (end, call(uid)) for end, uid in ends if end in options.names))
            if b"ALL" in options.names:
                session.send(b" ALL ")
                await send_in_turns(session, found.spelled())
        part = found.part(options.partial) if options.partial else found
        if options.partial:
            session.send(b" PARTIAL (%b " % options.partial.written)
            await send_in_turns(session, part.spelled() if part else [b"NIL"])
            session.send(b")")
        if b"COUNT" in options.names:
            session.send(b" COUNT %d" % len(found))
        if b"RELEVANCY" in options.names:
            session.send(b" RELEVANCY (")
            await send_in_turns(session, _spelled(part.scores()))
            session.send(b")")
        session.send(b"\r\n" if modseq is None else b" MODSEQ %d\r\n" % modseq)


def _spelled(numbers: Iterable[int]) -> Iterator[bytes]:
    """Yield numbers with spaces between, in pieces."""
    separator = b""
    for batch in batched(numbers, AT_ONCE):
        yield separator + b" ".join(map(b"%d".__mod__, batch))
        separator = b" "
