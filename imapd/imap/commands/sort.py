"""SORT (RFC 5256, 3), by display names (RFC 5957) and relevancy (RFC 6203) too, with chosen results (RFC 5267, 3)."""

from attrs import evolve

from imapd.imap.commands.verb import Done
from imapd.imap.news.updating import keep_up
from imapd.imap.search.answering import answer
from imapd.imap.search.filters import with_filters
from imapd.imap.search.finding import asking, find, selected
from imapd.imap.search.found import InSortOrder
from imapd.imap.search.orders import in_order
from imapd.imap.search.question import Question, keys
from imapd.imap.search.relevancy import weigh
from imapd.imap.search.sorting import Sorting
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.searchkey import search_criteria
from imapd.imap.wire.searchopts import return_options
from imapd.imap.wire.sortcriteria import sort_criteria


def parse(cursor: Cursor, *, by_uid: bool) -> Question:
    """sort = ["UID" SP] "SORT" [search-return-opts] SP sort-criteria SP search-criteria  (RFC 5267, 5)"""
    cursor.space()
    options = return_options(cursor)
    criteria = sort_criteria(cursor)
    cursor.space()
    return Question(keys(cursor, search_criteria), by_uid, options, criteria)


async def run(session: Session, question: Question) -> Done:
    """Answer with the messages found, in order; what is gone for good meanwhile is left out."""
    scope = selected(session)
    with asking(session, question) as left_out:
        question = evolve(question, program=await with_filters(session, question.program))
        members = await find(session, scope, question.program, left_out)
        relevancy = await weigh(scope, question, members)
        session.progress.begin(len(members))
        sorting = Sorting(scope.mailbox, question.criteria, relevancy)
        order = await in_order(session, sorting, members)
        found = InSortOrder(order, members, None if question.by_uid else scope.uids, relevancy)
        await answer(session, b"SORT", question, scope, found)
    keep_up(session, question, found)
    return Done("SORT completed")
