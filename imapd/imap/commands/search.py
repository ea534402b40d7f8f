"""SEARCH (RFC 3501, 6.4.4), with chosen results (RFC 4731), saved ones (RFC 5182) and MODSEQ (RFC 7162, 3.1.5).

Results may be asked for in parts (RFC 9394).
"""

from attrs import evolve, frozen

from imapd.imap.commands.verb import Done
from imapd.imap.errors import No
from imapd.imap.finding import find, highest_modseq, saving
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.numberset import encode_uids
from imapd.imap.wire.partial import PartialRange
from imapd.imap.wire.searchkey import SearchProgram, search_program
from imapd.imap.wire.searchopts import SEARCH_OPTIONS, ends_alone, esearch_head, return_options
from mailstore.uidset import EMPTY, UidSet


@frozen
class Search:
    """What is looked for.

    Attributes:
        program: the keys, or why they are refused.
        by_uid: whether UIDs are answered.
        options: what is to be returned (RFC 4731, 3.1); None for the answer of RFC 3501.
        partial: which part is to be returned (RFC 9394, 3.1).

    """

    program: SearchProgram | No
    by_uid: bool
    options: frozenset[bytes] | None = None
    partial: PartialRange | None = None


def parse(cursor: Cursor, *, by_uid: bool) -> Search:
    """search = "SEARCH" [search-return-opts] SP ["CHARSET" SP astring SP] search-key *(SP search-key)

    A refusal of the charset waits until the command runs, since it empties ``$`` (RFC 5182, 2.1).
    """
    options = return_options(cursor, SEARCH_OPTIONS)
    try:
        program: SearchProgram | No = search_program(cursor)
    except No as refusal:
        cursor.skip()
        program = refusal
    return Search(program, by_uid) if options is None else Search(program, by_uid, options.names, options.partial)


async def run(session: Session, request: Search) -> Done:
    """Answer with the messages found, of those that the client was told of; in IMAP4rev2 always by ESEARCH."""
    if request.options is None and session.rev2:
        request = evolve(request, options=frozenset({b"ALL"}))
    with saving(session, request.options):
        found = await find(session, request.program)
        spoken_of = _spoken_of(found, request)
        modseq = await highest_modseq(session, request.program, spoken_of)
    if request.options is not None and b"SAVE" in request.options:
        session.selected.saved = spoken_of
    if request.options is None:
        session.send(_search(session, request, found) + (b"" if modseq is None else b" (MODSEQ %d)" % modseq) + b"\r\n")
    elif request.options != {b"SAVE"}:
        session.send(_esearch(session, request, found) + (b"" if modseq is None else b" MODSEQ %d" % modseq) + b"\r\n")
    return Done("SEARCH completed")


def _spoken_of(found: UidSet, request: Search) -> UidSet:
    """Return the messages that the answer is about: all found, unless only ends or a part are asked for."""
    options = request.options or frozenset()
    ends = ends_alone(options)
    if not found or not (ends or request.partial) or b"COUNT" in options:
        return found
    part = request.partial.of(found) if request.partial else EMPTY
    return part | UidSet.of(*(uid for end, uid in ((b"MIN", found.first), (b"MAX", found.last)) if end in ends))


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
    parts = [esearch_head(session.tag, by_uid=request.by_uid)]
    if numbers:
        ends = {b"MIN": b"%d" % numbers.first, b"MAX": b"%d" % numbers.last, b"ALL": encode_uids(numbers)}
        parts += [name + b" " + value for name, value in ends.items() if name in options]
    if request.partial:
        parts.append(b"PARTIAL (%b %b)" % (request.partial.written, encode_uids(request.partial.of(numbers)) or b"NIL"))
    if b"COUNT" in options:
        parts.append(b"COUNT %d" % len(numbers))
    return b" ".join(parts)
