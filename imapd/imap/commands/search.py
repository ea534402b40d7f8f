"""SEARCH (RFC 3501, 6.4.4), with chosen results (RFC 4731), saved ones (RFC 5182) and MODSEQ (RFC 7162, 3.1.5)."""

from typing import Final

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad, No
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.numberset import NumberSet, encode_uids
from imapd.imap.wire.searchkey import SearchProgram, search_program, translate
from imapd.imap.wire.searchtree import asks_modseq
from mailstore.errors import StoreError
from mailstore.model import Field
from mailstore.uidset import EMPTY, UidSet

_OPTIONS: Final = frozenset({b"MIN", b"MAX", b"ALL", b"COUNT", b"SAVE"})
_OF_ALL: Final = frozenset({b"ALL", b"COUNT"})
"""Options that speak of every message found, and not of the first and the last alone."""


@frozen
class Search:
    """What is looked for.

    Attributes:
        program: the keys, or why they are refused.
        by_uid: whether UIDs are answered.
        options: what is to be returned (RFC 4731, 3.1); None for the answer of RFC 3501.

    """

    program: SearchProgram | No
    by_uid: bool
    options: frozenset[bytes] | None = None


def parse(cursor: Cursor, *, by_uid: bool) -> Search:
    """search = "SEARCH" [search-return-opts] SP ["CHARSET" SP astring SP] search-key *(SP search-key)

    A refusal of the charset waits until the command runs, since it empties ``$`` (RFC 5182, 2.1).
    """
    cursor.space()
    options = _options(cursor) if cursor.take(b"RETURN ") else None
    try:
        return Search(search_program(cursor), by_uid, options)
    except No as refusal:
        cursor.skip()
        return Search(refusal, by_uid, options)


def _options(cursor: Cursor) -> frozenset[bytes]:
    """search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"  (RFC 4466, 2.6.1)"""
    options = frozenset(cursor.parenthesized(Cursor.keyword, empty=True))
    unknown = options - _OPTIONS
    if unknown:
        raise Bad(f"SEARCH cannot return {min(unknown).decode()}")
    cursor.space()
    return options or frozenset({b"ALL"})


async def run(session: Session, request: Search) -> Done:
    """Answer with the messages found, of those that the client was told of."""
    try:
        found = await _find(session, request.program)
    except (No, StoreError):
        if _saves(request):
            session.selected.saved = EMPTY
        raise
    spoken_of = _spoken_of(found, request.options)
    if _saves(request):
        session.selected.saved = spoken_of
    modseq = await _modseq(session, request.program, spoken_of)
    if request.options is None:
        session.send(_search(session, request, found) + (b"" if modseq is None else b" (MODSEQ %d)" % modseq) + b"\r\n")
    elif request.options != {b"SAVE"}:
        session.send(_esearch(session, request, found) + (b"" if modseq is None else b" MODSEQ %d" % modseq) + b"\r\n")
    return Done("SEARCH completed")


def _saves(request: Search) -> bool:
    return request.options is not None and b"SAVE" in request.options


async def _find(session: Session, program: SearchProgram | No) -> UidSet:
    if isinstance(program, No):
        raise program
    if asks_modseq(program.key):
        session.enable_condstore()
    view = session.selected

    def resolve(numbers: NumberSet, by_uid: bool) -> UidSet:
        return view.named(numbers, by_uid=by_uid)

    return await session.mailbox.search(translate(program.key, resolve, view.recent), view.uids)


def _spoken_of(found: UidSet, options: frozenset[bytes] | None) -> UidSet:
    """Return the messages that the answer is about: all found, unless only MIN or MAX are asked for."""
    ends = (options or frozenset()) & {b"MIN", b"MAX"}
    if not found or not ends or options is None or options & _OF_ALL:
        return found
    return UidSet.of(*(uid for end, uid in ((b"MIN", found.first), (b"MAX", found.last)) if end in ends))


async def _modseq(session: Session, program: SearchProgram | No, found: UidSet) -> int | None:
    """Return the highest mod-sequence of `found`, with which the answer ends if MODSEQ was searched for."""
    if isinstance(program, No) or not found or not asks_modseq(program.key):
        return None
    highest = 0
    async for rows in session.mailbox.fetch(found, [Field.MODSEQ]):
        highest = max(highest, *rows.columns[Field.MODSEQ])
    return highest


def _named(session: Session, request: Search, uids: UidSet) -> UidSet:
    """Return `uids` as the client counts: UIDs, or sequence numbers."""
    return uids if request.by_uid else UidSet(session.selected.uids.ranks(uids))


def _search(session: Session, request: Search, found: UidSet) -> bytes:
    """mailbox-data =/ "SEARCH" *(SP nz-number)"""
    return b"* SEARCH" + b"".join(map(b" %d".__mod__, _named(session, request, found)))


def _esearch(session: Session, request: Search, found: UidSet) -> bytes:
    """esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)  (RFC 4466, 2.6.2)"""
    options = request.options or frozenset()
    numbers = _named(session, request, found)
    parts = [b'* ESEARCH (TAG "%b")' % session.tag]
    if request.by_uid:
        parts.append(b"UID")
    if numbers:
        ends = {b"MIN": b"%d" % numbers.first, b"MAX": b"%d" % numbers.last, b"ALL": encode_uids(numbers)}
        parts += [name + b" " + value for name, value in ends.items() if name in options]
    if b"COUNT" in options:
        parts.append(b"COUNT %d" % len(numbers))
    return b" ".join(parts)
