"""Telling a client what happened to its mailbox, at the moments when the protocol allows it."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from attrs import evolve

from imapd.doors.turns import about, batched, in_turns
from imapd.imap.fetch.fetching import send_flags, send_new
from imapd.imap.news.announcing import announce
from imapd.imap.news.context import shares
from imapd.imap.news.notifying import Wish
from imapd.imap.news.recent import first_recent, send_size
from imapd.imap.news.updating import tell_changed, tell_gone
from imapd.imap.selected import Tidings
from imapd.imap.session import Session
from imapd.imap.wire.numberset import encode_uids
from mailstore.errors import StoreError
from mailstore.model import Uid
from mailstore.uidset import EMPTY, UidSet

AT_ONCE: Final = 1000
"""Messages, or runs of them, that are told to be gone before the client must have taken enough."""


async def tell(session: Session, *, expunges: bool, wish: Wish | None = None) -> None:
    """Send the untagged responses for everything that happened, and that the client is to hear of.

    What the store cannot say now, and what is not to be told at this moment, waits.

    Args:
        session: whose client is told.
        expunges: whether EXPUNGE may be sent at this moment (RFC 3501, 7.4.1).
        wish: what the client is told of the selected mailbox; None for what it is always told.

    """
    news, session.news = session.news, False
    if news:
        session.stamp = session.account.stamp()  # before the account is asked: what comes between is asked for again
    try:
        if session.has_selected:
            await _tell_selected(session, wish or session.wish, news=news, expunges=expunges)
        if news:
            await announce(session)
    except BaseException:
        session.news = True
        raise


async def tell_if_possible(session: Session, *, expunges: bool) -> bool:
    """Tell what happened; return whether the store could say it: if it cannot now, that is noted, and the news wait."""
    try:
        await tell(session, expunges=expunges)
    except StoreError as error:
        session.client.note_untold(error)
        return False
    return True


async def tell_own_expunges(session: Session) -> str | None:
    """Tell what this session has just expunged, and the rest; return the response code HIGHESTMODSEQ for the ending.

    None if the store cannot say it now: what is done is done, and the news wait.
    """
    session.news = True
    try:
        await tell(session, expunges=True, wish=evolve(session.wish, expunges=True))
    except StoreError:
        return None
    return f"HIGHESTMODSEQ {session.selected.highest_modseq}"


async def _tell_selected(session: Session, wish: Wish, *, news: bool, expunges: bool) -> None:
    """Tell what happened to the selected mailbox.

    Changes may be told out of order: an expunge waits, or comes between two looks at the store.  A client that knows
    a mod-sequence above one that it was not told is told from where to ask again (RFC 7162, 3.2 and 6).
    """
    view = session.selected
    if news or view.ahead:
        await _learn(session)
    if view.pending:
        await tell_gone(session)
        recent_from = await _recent_from(session) if wish.messages else view.uid_next
        tell = partial(view.tell, wish, expunges=expunges, recent_from=recent_from)
        await _send(session, await about(view.uids.run_count, tell))
    await tell_changed(session)
    if view.new:
        await _send_new(session, wish)
    if view.ahead:
        session.remark("up to here all is told", f"HIGHESTMODSEQ {view.highest_modseq}")


async def _send(session: Session, tidings: Tidings) -> None:
    if tidings.vanished and session.hears_vanished:
        await _send_vanished(session, tidings.vanished)
    elif tidings.vanished:
        await _send_expunges(session, tidings.expunged)
    if tidings.exists is not None:
        send_size(session, tidings.exists, tidings.recent or 0)
    if tidings.flagged:
        await send_flags(session, tidings.flagged, with_uid=True)
        session.selected.flags_told()


async def _send_new(session: Session, wish: Wish) -> None:
    """Tell of new messages, of each once, what NOTIFY and the searches that find it ask for (RFC 5465, 5.2 and 7)."""
    view = session.selected
    if wish.items or view.contexts:
        asked = [(view.new, wish.items), *((context.found, context.items) for context in view.contexts.values())]
        for items, uids in shares(view.new & view.uids, asked).items():
            await send_new(session, uids, items)
    view.new = EMPTY


async def _send_vanished(session: Session, uids: UidSet) -> None:
    """``expunged-resp = "VANISHED" SP known-uids``, several where there are many runs (RFC 7162, 7)"""
    for piece in uids.pieces(AT_ONCE):
        session.send(b"* VANISHED %b\r\n" % encode_uids(piece))
        if piece.run_count == AT_ONCE:
            await session.drained()


async def _send_expunges(session: Session, numbers: Iterator[int]) -> None:
    """``message-data = nz-number SP "EXPUNGE"``"""
    async for batch in in_turns(batched(numbers, AT_ONCE)):
        session.send(b"* %d EXPUNGE\r\n" * len(batch) % tuple(batch))
        if len(batch) == AT_ONCE:
            await session.drained()


async def _learn(session: Session) -> None:
    view = session.selected
    changes = await session.mailbox.changes_since(view.modseq, view.answered)
    await about(changes.run_count, partial(view.learn, changes))


async def _recent_from(session: Session) -> Uid:
    """Return from which UID on what arrived is ``\\Recent`` here."""
    view = session.selected
    if not view.arrived:
        return view.uid_next
    return await first_recent(session, session.mailbox, Uid(view.arrived.last + 1), read_only=view.read_only)
