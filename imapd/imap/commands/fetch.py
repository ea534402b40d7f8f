"""FETCH (RFC 3501, 6.4.5) with CHANGEDSINCE, VANISHED (RFC 7162, 3.1.4.1, 3.2.6) and PARTIAL (RFC 9394, 3.3)."""

from typing import Final

from attrs import frozen

from imapd.doors.turns import about
from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad, No
from imapd.imap.fetch import fetching
from imapd.imap.news.resync import asked_uids, tell_vanished_earlier
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.fetchatt import FetchItem, Item, fetch_items
from imapd.imap.wire.numberset import NumberSet, sequence_set
from imapd.imap.wire.partial import PartialRange, partial_range
from mailstore.model import ModSeq

_COMPLETED: Final = Done("FETCH completed")


@frozen
class Fetch:
    """Messages, and what of them.

    Attributes:
        messages: numbers or UIDs.
        items: what is asked of each.
        by_uid: whether `messages` are UIDs.
        changed_since: only of messages that changed after this mod-sequence; None for all.
        vanished: whether to tell which of `messages` were expunged since.
        partial: only this part of the messages (RFC 9394, 3.3).

    """

    messages: NumberSet
    items: tuple[FetchItem, ...]
    by_uid: bool
    changed_since: ModSeq | None = None
    vanished: bool = False
    partial: PartialRange | None = None


def parse(cursor: Cursor, *, by_uid: bool) -> Fetch:
    """fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")")

    followed by [SP "(" fetch-modifier *(SP fetch-modifier) ")"]  (RFC 4466, 2.4).
    """
    cursor.space()
    messages = sequence_set(cursor)
    cursor.space()
    items = fetch_items(cursor)
    changed_since, vanished, partial = _modifiers(cursor)
    if vanished and (not by_uid or changed_since is None):
        raise Bad("VANISHED goes with UID FETCH and CHANGEDSINCE")
    if partial and not by_uid:
        raise Bad("PARTIAL goes with UID FETCH")
    return Fetch(messages, items, by_uid, changed_since, vanished, partial)


def _modifiers(cursor: Cursor) -> tuple[ModSeq | None, bool, PartialRange | None]:
    """``[SP "(" fetch-modifier *(SP fetch-modifier) ")"]``; return those of CHANGEDSINCE, VANISHED and PARTIAL."""
    changed_since, vanished, partial = None, False, None
    if cursor.at_end:
        return changed_since, vanished, partial
    cursor.space()
    for modifier in cursor.parenthesized(_modifier):
        if modifier is None:
            vanished = True
        elif isinstance(modifier, PartialRange):
            partial = modifier
        else:
            changed_since = modifier
    return changed_since, vanished, partial


def _modifier(cursor: Cursor) -> ModSeq | PartialRange | None:
    """Read a modifier; VANISHED is returned as None.

    ::

        fetch-modifier = "CHANGEDSINCE" SP mod-sequence-value / "VANISHED" / "PARTIAL" SP partial-range
    """
    name = cursor.keyword()
    if name == b"VANISHED":
        return None
    if name not in {b"CHANGEDSINCE", b"PARTIAL"}:
        raise Bad(f"FETCH has no modifier {name.decode()}")
    cursor.space()
    return partial_range(cursor) if name == b"PARTIAL" else ModSeq(cursor.number64())


async def run(session: Session, request: Fetch) -> Done:
    """Send what is asked; a message that is gone for good is left out, and said to be so."""
    if request.vanished and not session.qresync:
        raise Bad("VANISHED needs ENABLE QRESYNC first")
    items = _items(session, request)
    if Item.MODSEQ in items:
        session.enable_condstore()
    uids = await session.named(request.messages, by_uid=request.by_uid)
    if request.partial is not None:
        uids = request.partial.of(uids)
    if request.changed_since is not None:
        changes = await session.mailbox.changes_since(request.changed_since)
        if request.vanished:
            asked = asked_uids(session, request.messages)
            gone = await about(changes.run_count, lambda: changes.expunged & asked)
            await tell_vanished_earlier(session, gone)
        named = uids
        uids = await about(changes.run_count, lambda: named & changes.changed)
    sent = await fetching.send(session, uids, items)
    if sent < len(uids):
        raise No("some messages are gone; they will be told as expunged", "EXPUNGEISSUED")
    return _COMPLETED


def _items(session: Session, request: Fetch) -> tuple[FetchItem, ...]:
    """Return what is answered: a UID FETCH has UID whether or not it is asked for (RFC 3501, 6.4.8).

    A response that begins with the UID says it again only if it is asked for (RFC 9586, 3.3).
    """
    with_uid = request.by_uid and not session.uid_only
    with_modseq = request.changed_since is not None
    added = [item for item, wanted in ((Item.UID, with_uid), (Item.MODSEQ, with_modseq)) if wanted]
    if not added:
        return request.items
    return tuple(dict.fromkeys((*added, *request.items)))
