"""SEARCH (RFC 3501, 6.4.4)."""

from itertools import chain

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.numberset import NumberSet
from imapd.imap.wire.searchkey import SearchProgram, search_program, translate
from mailstore.uidset import UidSet


@frozen
class Search:
    """What is looked for."""

    program: SearchProgram
    by_uid: bool


def parse(cursor: Cursor, *, by_uid: bool) -> Search:
    """search = "SEARCH" [SP "CHARSET" SP astring] 1*(SP search-key)"""
    cursor.space()
    return Search(search_program(cursor), by_uid)


async def run(session: Session, request: Search) -> Done:
    """Answer with the messages found, of those that the client was told of."""
    view = session.selected

    def resolve(numbers: NumberSet, by_uid: bool) -> UidSet:
        return view.named(numbers, by_uid=by_uid)

    query = translate(request.program.key, resolve, view.recent)
    found = await session.mailbox.search(query, view.uids)
    numbers = found if request.by_uid else chain.from_iterable(range(a, b + 1) for a, b in view.uids.ranks(found))
    session.send(b"".join([b"* SEARCH", *map(b" %d".__mod__, numbers), b"\r\n"]))
    return Done("SEARCH completed")
