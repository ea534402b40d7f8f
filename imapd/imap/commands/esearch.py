"""ESEARCH: one search in many mailboxes (RFC 7377)."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from attrs import evolve, frozen

from imapd.doors.turns import in_turns
from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad
from imapd.imap.news.mailboxfilters import matches
from imapd.imap.news.updating import keep_up
from imapd.imap.search.answering import answer_extended
from imapd.imap.search.filters import with_filters
from imapd.imap.search.finding import LeftOut, Scope, accepted, asking, search, selected
from imapd.imap.search.found import InMailboxOrder
from imapd.imap.search.question import Question, keys
from imapd.imap.search.relevancy import weigh
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.mailboxfilter import MailboxFilter, Specifier, filter_mailboxes, joined
from imapd.imap.wire.searchdata import esearch_head_of, no_update
from imapd.imap.wire.searchkey import search_program
from imapd.imap.wire.searchopts import ALL, return_options
from mailstore.errors import NotFound
from mailstore.interfaces import IMailbox, Snapshot
from mailstore.model import MailboxId, MailboxInfo
from mailstore.uidset import EMPTY, MAX_UID, UidSet

_SOURCES: Final = frozenset(Specifier) - {Specifier.SELECTED_DELAYED}
_SELECTED: Final = MailboxFilter(Specifier.SELECTED)


@frozen
class EverySearch:
    """What is looked for, and in which mailboxes."""

    sources: tuple[MailboxFilter, ...]
    question: Question


def parse(cursor: Cursor) -> EverySearch:
    """esearch = "ESEARCH" [SP esearch-source-opts] [SP search-return-opts] SP search-program"""
    cursor.space()
    sources = _sources(cursor) if cursor.take(b"IN ") else (_SELECTED,)
    options = return_options(cursor) or ALL
    if b"SAVE" in options.names and sources != (_SELECTED,):
        raise Bad("what is found can only be saved for the selected mailbox alone")
    return EverySearch(sources, Question(keys(cursor, search_program), by_uid=True, options=options))


def _sources(cursor: Cursor) -> tuple[MailboxFilter, ...]:
    """``esearch-source-opts = "IN" SP "(" source-mbox [SP "(" scope-options ")"] ")"``, and a space; none are defined.

    ``source-mbox = filter-mailboxes *(SP filter-mailboxes)``
    """
    found = joined(cursor.parenthesized(lambda at: filter_mailboxes(at, _SOURCES)))
    cursor.space()
    return found


async def run(session: Session, request: EverySearch) -> Done:
    """Answer for each mailbox in which something is found, as it is found."""
    question = request.question
    if not session.has_selected and (_SELECTED in request.sources or question.wants(b"UPDATE")):
        raise Bad("no mailbox is selected; SELECT one first")
    with asking(session, question) as left_out:
        question = evolve(question, program=accepted(session, await with_filters(session, question.program)))
        searched = await _search_all(session, question, await _meant(session, request.sources), left_out)
    if question.wants(b"UPDATE") and session.selected.mailbox_id not in searched:
        session.remark("only the selected mailbox is kept up to date", no_update(session.tag), condition=b"NO")
    return Done("ESEARCH completed")


async def _meant(session: Session, sources: Iterable[MailboxFilter]) -> list[MailboxInfo]:
    """Return the mailboxes that are meant, by name; others have their turn meanwhile."""
    infos = await session.account.mailboxes()
    subscribed = frozenset(await session.account.subscriptions())
    selected_id = session.selected.mailbox_id if _SELECTED in sources else None
    return [
        info
        async for info in in_turns(infos)
        if info.id == selected_id or any(matches(source, info.name, subscribed) for source in sources)
    ]


async def _search_all(
    session: Session, question: Question, infos: Sequence[MailboxInfo], left_out: LeftOut
) -> set[MailboxId]:
    """Search mailboxes, those that are renamed meanwhile under their new names; return which were still there."""
    searched: set[MailboxId] = set()
    session.progress.begin(len(infos))
    while infos:
        async for info in in_turns(infos):
            with suppress(NotFound):
                if await _search(session, question, info, left_out):
                    searched.add(info.id)
            session.progress.passed(1)
        missed = {info.id for info in infos} - searched
        infos = [info for info in await session.account.mailboxes() if info.id in missed] if missed else []
    return searched


async def _search(session: Session, question: Question, info: MailboxInfo, left_out: LeftOut) -> bool:
    """Search one mailbox, and answer if something is found; return whether the name is still this mailbox's."""
    mailbox = await session.account.mailbox(info.name)
    snapshot = await mailbox.snapshot()
    status = snapshot.status
    if status.id != info.id:
        return False
    is_selected = session.has_selected and session.selected.mailbox_id == info.id
    scope = selected(session) if is_selected else _unselected(mailbox, snapshot)
    members = await search(session, scope, question.program, left_out) if scope.uids else EMPTY
    found = InMailboxOrder(members, None, await weigh(scope, question, members))
    if found:
        head = esearch_head_of(session.tag, session.spell_mailbox(status.name), status.uid_validity)
        await answer_extended(session, head, question, scope, found)
    elif question.wants(b"SAVE"):
        session.selected.saved = EMPTY
    if is_selected:
        keep_up(session, question, found, status)
    return True


def _unselected(mailbox: IMailbox, snapshot: Snapshot) -> Scope:
    """Return a mailbox as it is."""
    recent = snapshot.uids & UidSet([(snapshot.first_recent, MAX_UID)])
    return Scope(mailbox, snapshot.uids, recent)
