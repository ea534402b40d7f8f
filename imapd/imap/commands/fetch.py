"""FETCH (RFC 3501, 6.4.5)."""

from attrs import frozen

from imapd.imap import fetching
from imapd.imap.commands.verb import Done
from imapd.imap.errors import No
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.fetchatt import FetchItem, Item, fetch_items
from imapd.imap.wire.numberset import NumberSet, sequence_set


@frozen
class Fetch:
    """Messages, and what of them."""

    messages: NumberSet
    items: tuple[FetchItem, ...]
    by_uid: bool


def parse(cursor: Cursor, *, by_uid: bool) -> Fetch:
    """fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")")

    A UID FETCH answers with UID whether or not it is among the items (RFC 3501, 6.4.8).
    """
    cursor.space()
    messages = sequence_set(cursor)
    cursor.space()
    items = fetch_items(cursor)
    if by_uid and Item.UID not in items:
        items = (Item.UID, *items)
    return Fetch(messages, items, by_uid)


async def run(session: Session, request: Fetch) -> Done:
    """Send what is asked; a message that is gone for good is left out, and said to be so."""
    uids = session.selected.named(request.messages, by_uid=request.by_uid)
    sent = await fetching.send(session, uids, request.items)
    if sent < len(uids):
        raise No("some messages are gone; they will be told as expunged", "EXPUNGEISSUED")
    return Done("FETCH completed")
