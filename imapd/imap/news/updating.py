"""Telling a client how the results of its searches change (RFC 5267, 4.3)."""

import time
from array import array
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from imapd import limits
from imapd.imap.errors import No
from imapd.imap.news.context import Context, Placed, put_in, taken_out
from imapd.imap.search.finding import accepted, selected
from imapd.imap.search.found import Found, InSortOrder, Naming, naming
from imapd.imap.search.placing import FEW, along_with, places, sift
from imapd.imap.search.question import Question
from imapd.imap.search.sorting import Sorting
from imapd.imap.sending import send_in_turns
from imapd.imap.session import Session
from imapd.imap.wire.fetchatt import Item
from imapd.imap.wire.searchdata import encode_in_order, encode_placed, esearch_head, esearch_head_of, no_update
from imapd.imap.wire.searchtree import asks_age, settled, translate
from imapd.imap.wire.sortcriteria import SortKey
from mailstore.errors import NotFound
from mailstore.interfaces import left_out
from mailstore.model import MailboxStatus
from mailstore.uidset import EMPTY, UidSet

_COST: Final = 20
"""A place costs as much as sorting so many messages anew: if more change, the whole list is told anew."""


def keep_up(session: Session, question: Question, found: Found, mailbox: MailboxStatus | None = None) -> None:
    """Tell how the results of a search in the selected mailbox change from here on, or say that this will not be.

    Args:
        session: whose client is told.
        question: what was searched for, with ``UPDATE`` or without.
        found: the results.
        mailbox: the selected one, if the client is told its name; None in SEARCH and SORT.

    """
    options = question.options
    if options is None or b"UPDATE" not in options:
        return
    if Item.MODSEQ in options.items:
        session.enable_condstore()
    session.selected.contexts[session.tag] = Context(
        session.tag,
        settled(accepted(session, question.program).key, selected(session).named),
        question.by_uid,
        found.members,
        options.items,
        question.criteria,
        found.order if isinstance(found, InSortOrder) else array("I"),
        mailbox=mailbox,
        looked=time.monotonic(),
    )
    _limit(session, session.tag)


def _limit(session: Session, tag: bytes) -> None:
    """Give up the context of a tag, and say so, if with it there is more to keep than a session may."""
    contexts = session.selected.contexts
    try:
        _require_room(contexts, tag)
    except No as refusal:
        del contexts[tag]
        session.remark(refusal.text, refusal.code, condition=b"NO")


def _require_room(contexts: Mapping[bytes, Context], tag: bytes) -> None:
    """Make sure that there is not too much to keep; `No`, for the context of `tag`, if there is (RFC 5267, 4.3.1)."""
    code = no_update(tag)
    if len(contexts) > limits.CONTEXTS:
        raise No(f"at most {limits.CONTEXTS} searches are kept up to date; cancel one by CANCELUPDATE", code)
    if any(criterion.key is SortKey.RELEVANCY for criterion in contexts[tag].criteria):
        raise No("what is sorted by relevancy is not kept up to date", code)
    if len(repr(contexts[tag].key)) > limits.CONTEXT_KEY:
        raise No("so long a search is not kept up to date", code)
    if sum(context.found.run_count for context in contexts.values()) > limits.CONTEXT_RUNS:
        raise No("results that lie so scattered are not kept up to date", code)
    if sum(len(context.order) for context in contexts.values()) > limits.CONTEXT_SORTED:
        raise No("so many sorted results are not kept up to date", code)


async def tell_gone(session: Session) -> None:
    """Tell which results are expunged, before EXPUNGE, even if that must wait (RFC 5267, 4.3.4 and A.3)."""
    view = session.selected
    for context in view.contexts.values():
        gone = context.found & view.expunged
        if gone:
            await _change(session, context, gone, EMPTY)


async def tell_changed(session: Session) -> None:
    """Tell which messages are results now and were not, and the other way round; what the store cannot say waits."""
    view = session.selected
    for tag, context in list(view.contexts.items()):
        if asks_age(context.key) and time.monotonic() > context.looked + limits.CONTEXT_SECONDS:
            context.stale, context.looked = view.uids, time.monotonic()
        stale = context.stale & view.uids
        if stale:
            query = translate(context.key, selected(session).named, view.recent)
            there = stale - view.expunged
            matching = await session.mailbox.search(query, there, damaged=left_out) if there else EMPTY
            await _change(session, context, (context.found & stale) - matching, matching - context.found)
            context.stale = EMPTY
            _limit(session, tag)


async def _change(session: Session, context: Context, gone: UidSet, come: UidSet) -> None:
    """Tell that some messages are no results any more, and others are; many sorted ones in several responses."""
    head = await _head(session, context)
    if context.criteria and FEW < len(gone) + len(come) <= len(context.order) // _COST:
        for part in gone.batches(FEW):
            await _tell(session, context, head, part, EMPTY)
        for part in come.batches(FEW):
            await _tell(session, context, head, EMPTY, part)
    else:
        await _tell(session, context, head, gone, come)


async def _tell(session: Session, context: Context, head: bytes, gone: UidSet, come: UidSet) -> None:
    found = (context.found - gone) | come
    if context.criteria:
        removed, added = await _reorder(context, Sorting(session.mailbox, context.criteria), gone, come, found)
    else:
        removed, added = _placed(0, gone), _placed(0, come)
    context.found = found
    if removed or added:
        called = naming(None if context.by_uid else session.selected.uids)
        with session.response():
            session.send(head)
            await _send(session, b" REMOVEFROM ", removed, called)
            await _send(session, b" ADDTO ", added, called)
            session.send(b"\r\n")


async def _head(session: Session, context: Context) -> bytes:
    """Return how responses begin: with the mailbox's name as it is, and as this client spells it, by now."""
    if context.mailbox is None:
        return esearch_head(context.tag, by_uid=context.by_uid)
    with suppress(NotFound):
        context.mailbox = (await session.mailbox.snapshot()).status
    return esearch_head_of(context.tag, session.spell_mailbox(context.mailbox.name), context.mailbox.uid_validity)


async def _send(session: Session, name: bytes, placed: list[Placed], called: Naming) -> None:
    """Send ``ret-data-addto`` or ``ret-data-removefrom``  (RFC 5267, 5)."""
    if placed:
        session.send(name)
        sets = ((position, encode_in_order(map(called, uids))) for position, uids in placed)
        await send_in_turns(session, encode_placed(sets))


async def _reorder(
    context: Context, sorting: Sorting, gone: UidSet, come: UidSet, found: UidSet
) -> tuple[list[Placed], list[Placed]]:
    """Return what goes out of sorted results, and what then comes in, so that they are `found`."""
    before = context.order
    indexes, left = await sift(before, gone) if gone else (array("I"), before)
    if len(indexes) + len(come) <= FEW:
        with suppress(LookupError):
            into = await places(sorting, left, come) if come else []
            context.order = along_with(left, into)
            return list(taken_out(before, indexes)), list(put_in(into))
    context.order = await sorting.in_order(found) if come else left
    return _placed(1, before), _placed(1, context.order)


def _placed(position: int, uids: "UidSet | array[int]") -> list[Placed]:
    return [(position, uids)] if uids else []
