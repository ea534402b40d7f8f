"""Telling a client what happens beside the mailbox that it has selected (RFC 5465, 5; RFC 5464, 4.4.2)."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from imapd.doors.turns import in_turns
from imapd.imap.mailboxes.listing import batches, send_listed
from imapd.imap.mailboxes.metadata import tell_all
from imapd.imap.news.notifying import Affected, Watch, affected, items_at_first, items_of
from imapd.imap.session import Session
from imapd.imap.wire.metadata import encode_changed
from imapd.imap.wire.notifyopts import MESSAGE_EVENTS, Event
from imapd.imap.wire.statusatt import StatusItems, encode_status
from mailstore.changes import Appended, Expunged, FlagsChanged, MailboxChange, MailboxRenamed, MessagesChanged
from mailstore.errors import NotFound
from mailstore.interfaces import IMailbox
from mailstore.model import MailboxName, MailboxStatus, ModSeq


async def announce(session: Session) -> None:
    """Tell what others did that the client wants to hear of, and was not told yet."""
    watched = session.watch
    if watched is None or not watched.listens:
        return
    for left in watched.left:
        await _tell_left(session, watched, *left)
    watched.left.clear()
    watched.pass_own()
    whole = False
    while not whole and session.watch is watched:
        changes = await session.account.changes_since(watched.upto)
        if changes.mailboxes is None:
            await _tell_forgotten(session, watched)
        else:
            await _tell_mailboxes(session, watched, changes.mailboxes)
        await _tell_messages(session, watched, changes.messages)
        watched.told(changes.upto)
        whole = changes.whole


async def send_counts(session: Session, watched: Watch) -> None:
    """Send the counts of every mailbox whose messages are watched, but for the selected one (RFC 5465, 3.1)."""
    subscribed = set(await session.account.subscriptions()) if watched.by_subscription else set()
    names = [info.name for info in await session.account.mailboxes()]
    async for batch in in_turns(batches(names)):
        found = {name: items_at_first(watched.events(name, subscribed=name in subscribed)) for name in batch}
        wanted = {name: items for name, items in found.items() if items}
        for name, status in (await session.account.statuses(list(wanted))).items():
            _send_status(session, status, wanted[name])
        await session.drained()


# Mailboxes, subscriptions and annotations


async def _tell_mailboxes(session: Session, watched: Watch, changes: Iterable[MailboxChange]) -> None:
    others = [change for change in changes if not watched.is_own(change)]
    if watched.asks_for(Event.MAILBOX_NAME, Event.SUBSCRIPTION_CHANGE):
        async for each in in_turns(affected(others)):
            await _tell_name(session, watched, each)
    if watched.asks_for(Event.MAILBOX_METADATA_CHANGE, Event.SERVER_METADATA_CHANGE):
        await _tell_entries(session, watched, changes)
    if watched.asks_for(Event.FLAG_CHANGE):
        renamed = [change.name for change in others if isinstance(change, MailboxRenamed)]
        await _tell_validities(session, watched, renamed)


async def _tell_name(session: Session, watched: Watch, each: Affected) -> None:
    """Send LIST for a name if it is watched, now or by what it was before."""
    listed = await session.account.listed(each.name)
    subscribed = listed.subscribed or each.event is Event.SUBSCRIPTION_CHANGE
    wanted = each.event in watched.events(each.name, subscribed=subscribed)
    if not wanted and each.old is not None:
        subscribed = watched.by_subscription and (await session.account.listed(each.old)).subscribed
        wanted = each.event in watched.events(each.old, subscribed=subscribed)
    if wanted:
        send_listed(session, each.name, listed, each.old)
        await session.drained()


async def _tell_entries(session: Session, watched: Watch, changes: Iterable[MailboxChange]) -> None:
    """Send the names of annotations that changed, without their values."""
    for name, changed in watched.entries(changes).items():
        if name is None:
            wanted = watched.asks_for(Event.SERVER_METADATA_CHANGE)
        else:
            wanted = Event.MAILBOX_METADATA_CHANGE in await _events(session, watched, name)
        if wanted:
            session.send(encode_changed(session.spell_mailbox(name or ""), changed))
            await session.drained()


async def _tell_validities(session: Session, watched: Watch, names: Sequence[MailboxName]) -> None:
    """Tell of mailboxes that got a name that may have been another one's (RFC 5465, 5.1)."""
    for batch in batches(names):
        statuses = (await session.account.statuses(batch)).values()
        await _tell_messages(session, watched, [MessagesChanged(each, False, False, False) for each in statuses])


async def _tell_forgotten(session: Session, watched: Watch) -> None:
    """Tell that more happened to mailboxes than anyone remembers (RFC 5465, 5.8), if that matters to the client."""
    if not watched.asks_for(*(frozenset(Event) - {Event.MESSAGE_NEW, Event.MESSAGE_EXPUNGE})):
        return
    if watched.at_all_times:
        session.stop_notifying()
    else:
        await tell_all(session)


# Messages


async def _tell_messages(session: Session, watched: Watch, changed: Iterable[MessagesChanged]) -> None:
    """Send the counts of mailboxes, but for the selected one, whose messages are told of one by one."""
    if not watched.asks_for(*MESSAGE_EVENTS):
        return
    for each in changed:
        items = items_of(each, await _events(session, watched, each.status.name), condstore=session.condstore)
        if items:
            _send_status(session, each.status, items)
            await session.drained()


async def _tell_left(session: Session, watched: Watch, mailbox: IMailbox, told: ModSeq) -> None:
    """Tell what was held back of a mailbox while it was selected, unless it is gone."""
    changes = await mailbox.changes_since(told)
    kinds = {type(entry) for entry in changes.entries if not watched.is_own(entry)}
    with suppress(NotFound):
        status = (await mailbox.snapshot()).status
        changed = MessagesChanged(status, Appended in kinds, FlagsChanged in kinds, Expunged in kinds)
        await _tell_messages(session, watched, [changed] if kinds else [])


async def _events(session: Session, watched: Watch, name: MailboxName) -> frozenset[Event]:
    subscribed = watched.by_subscription and (await session.account.listed(name)).subscribed
    return watched.events(name, subscribed=subscribed)


def _send_status(session: Session, status: MailboxStatus, items: StatusItems) -> None:
    if not (session.has_selected and session.selected.mailbox_id == status.id):
        spelled = session.spell_mailbox(status.name)
        session.send(encode_status(spelled, items, status, session.config.max_message_octets))
