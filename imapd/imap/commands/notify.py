"""NOTIFY (RFC 5465, 3.1)."""

from attrs import evolve, frozen

from imapd.imap.commands.verb import Done
from imapd.imap.news.announcing import send_counts
from imapd.imap.news.notifying import EVERYTHING, notify_watch
from imapd.imap.news.telling import tell
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.fetchatt import Item
from imapd.imap.wire.notifyopts import EventGroup, event_groups


@frozen
class Notify:
    """What the client wants to hear from now on; nothing at all without `groups`.

    Attributes:
        groups: events, and where.
        status: whether it wants to hear now how many messages there are in the mailboxes that it watches.

    """

    groups: tuple[EventGroup, ...] = ()
    status: bool = False


def parse(cursor: Cursor) -> Notify:
    """notify = "NOTIFY" SP (notify-set / notify-none); notify-none = "NONE"

    notify-set = "SET" [SP "STATUS"] SP event-groups  (RFC 5465, 8)
    """
    cursor.space()
    if cursor.take(b"NONE"):
        return Notify()
    cursor.expect(b"SET")
    cursor.space()
    status = cursor.take(b"STATUS ")
    return Notify(event_groups(cursor), status)


async def run(session: Session, request: Notify) -> Done:
    """Listen for other events from here on; what has happened before is told first, whatever it is.

    New messages are told of as they will be from here on.
    """
    if any(Item.MODSEQ in group.items for group in request.groups):
        session.enable_condstore()
    wanted = notify_watch(request.groups, await session.account.state())
    if request.groups:
        session.news = True
        await tell(session, expunges=True, wish=evolve(EVERYTHING, items=wanted.selected.items))
    session.watch, session.stamp = wanted, None  # others may have changed what it watches just before they were asked
    if request.status:
        await send_counts(session, wanted)
    return Done("NOTIFY completed")
