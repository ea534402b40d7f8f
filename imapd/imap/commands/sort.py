"""SORT (RFC 5256, 3), by display names too (RFC 5957), with chosen results (RFC 5267, 3), in parts too (RFC 9394)."""

from attrs import frozen

from imapd.imap.answering import Question, answer, keys
from imapd.imap.commands.verb import Done
from imapd.imap.finding import find, saving, selected
from imapd.imap.found import InSortOrder
from imapd.imap.session import Session
from imapd.imap.sorting import in_order
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.searchkey import search_criteria
from imapd.imap.wire.searchopts import return_options
from imapd.imap.wire.sortcriteria import Criterion, sort_criteria


@frozen
class Sort:
    """What is looked for, and in which order it is wanted, the most important criterion first."""

    criteria: tuple[Criterion, ...]
    question: Question


def parse(cursor: Cursor, *, by_uid: bool) -> Sort:
    """sort = ["UID" SP] "SORT" [search-return-opts] SP sort-criteria SP search-criteria  (RFC 5267, 5)"""
    cursor.space()
    options = return_options(cursor)
    criteria = sort_criteria(cursor)
    cursor.space()
    return Sort(criteria, Question(keys(cursor, search_criteria), by_uid, options))


async def run(session: Session, request: Sort) -> Done:
    """Answer with the messages found, in order; what is gone for good meanwhile is left out."""
    scope = selected(session)
    question = request.question
    with saving(session, wanted=question.saves):
        members = await find(session, scope, question.program)
        order = await in_order(scope.mailbox, members, request.criteria)
        found = InSortOrder(order, members, None if question.by_uid else scope.uids)
        await answer(session, b"SORT", question, scope, found)
    return Done("SORT completed")
