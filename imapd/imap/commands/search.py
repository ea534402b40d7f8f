"""SEARCH (RFC 3501, 6.4.4), with chosen results (RFC 4731), saved ones (RFC 5182) and MODSEQ (RFC 7162, 3.1.5).

Results may be asked for in parts (RFC 9394), kept up to date (RFC 5267), and weighed (RFC 6203).
"""

from attrs import evolve

from imapd.imap.commands.verb import Done
from imapd.imap.news.updating import keep_up
from imapd.imap.search.answering import answer
from imapd.imap.search.filters import with_filters
from imapd.imap.search.finding import asking, find, selected
from imapd.imap.search.found import InMailboxOrder
from imapd.imap.search.question import Question, keys
from imapd.imap.search.relevancy import weigh
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.searchkey import search_program
from imapd.imap.wire.searchopts import ALL, return_options


def parse(cursor: Cursor, *, by_uid: bool) -> Question:
    """search = "SEARCH" [search-return-opts] SP ["CHARSET" SP astring SP] search-key *(SP search-key)"""
    cursor.space()
    options = return_options(cursor)
    return Question(keys(cursor, search_program), by_uid, options)


async def run(session: Session, question: Question) -> Done:
    """Answer with the messages found, of those that the client was told of; in IMAP4rev2 always by ESEARCH."""
    if question.options is None and session.rev2:
        question = evolve(question, options=ALL)
    scope = selected(session)
    with asking(session, question) as left_out:
        question = evolve(question, program=await with_filters(session, question.program))
        members = await find(session, scope, question.program, left_out)
        relevancy = await weigh(scope, question, members)
        found = InMailboxOrder(members, None if question.by_uid else scope.uids, relevancy)
        await answer(session, b"SEARCH", question, scope, found)
    keep_up(session, question, found)
    return Done("SEARCH completed")
