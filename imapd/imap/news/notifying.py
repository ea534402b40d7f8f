"""What a client is told though it did not ask (RFC 5465), and how far it was told; pure."""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from operator import attrgetter
from typing import Final

from attrs import frozen

from imapd.imap.news.mailboxfilters import matches
from imapd.imap.wire.fetchatt import FetchItem
from imapd.imap.wire.mailboxfilter import MailboxFilter, Specifier
from imapd.imap.wire.notifyopts import Event, EventGroup
from imapd.imap.wire.statusatt import StatusItems
from mailstore.annotations import EntryName
from mailstore.changes import (
    MailboxChange,
    MailboxCreated,
    MailboxDeleted,
    MailboxRenamed,
    MessageChange,
    MessagesChanged,
    MetadataChanged,
    SubscriptionChanged,
)
from mailstore.interfaces import IMailbox
from mailstore.model import MailboxName, ModSeq
from mailstore.names import INBOX, parents


@frozen
class Wish:
    """What is told of the selected mailbox.

    Attributes:
        messages: whether it is told that messages come.
        expunges: whether it is told that messages go.
        flags: whether it is told that flags change.
        items: what is told of each new message.
        at_once: whether it is told even then that messages go when that changes the numbers of others under the
            client's hands (RFC 5465, 6.1.1).

    """

    messages: bool
    expunges: bool
    flags: bool
    items: tuple[FetchItem, ...] = ()
    at_once: bool = False


EVERYTHING: Final = Wish(messages=True, expunges=True, flags=True)
NOTHING: Final = Wish(messages=False, expunges=False, flags=False)


class Watch:
    """What a session is told beyond its commands, and how far it was told.

    Attributes:
        selected: what is told of the selected mailbox.
        upto: the mod-sequence up to which everything else was told.
        at_all_times: whether it is told while no command is in progress.
        left: mailboxes that were selected, and up to where they were told of then.

    """

    def __init__(
        self, groups: Iterable[EventGroup], upto: ModSeq, selected: Wish = NOTHING, *, at_all_times: bool = True
    ) -> None:
        """Begin with everything told up to a mod-sequence."""
        self.selected: Final = selected
        self.upto = upto
        self.at_all_times: Final = at_all_times
        self.left: list[tuple[IMailbox, ModSeq]] = []
        self._groups: Final = tuple(groups)
        self._own: set[ModSeq] = set()

    # What is wanted

    def events(self, name: MailboxName, *, subscribed: bool) -> frozenset[Event]:
        """Return the events that are told of a mailbox: those of each group, up to one that wants none of it."""
        found: frozenset[Event] = frozenset()
        for group in self._groups:
            if matches(group.mailboxes, name, {name} if subscribed else frozenset()):
                if not group.events:
                    break
                found |= group.events
        return found

    def asks_for(self, *events: Event) -> bool:
        """Tell whether any mailbox may be told of by one of `events`."""
        return any(not group.events.isdisjoint(events) for group in self._groups)

    @property
    def listens(self) -> bool:
        """Whether anything is told beside the selected mailbox."""
        return self.asks_for(*Event)

    @property
    def by_subscription(self) -> bool:
        """Whether it matters which mailboxes are subscribed."""
        return any(group.mailboxes.specifier is Specifier.SUBSCRIBED for group in self._groups)

    # How far it was told

    def own(self, modseq: ModSeq) -> None:
        """Note that the session itself made a change, of which it need not be told (RFC 5465, 5)."""
        self._own.add(modseq)

    def is_own(self, change: MailboxChange | MessageChange) -> bool:
        """Tell whether the session itself made a change."""
        return change.modseq in self._own

    def entries(self, changes: Iterable[MailboxChange]) -> dict[MailboxName | None, dict[EntryName, None]]:
        """Return the annotations that others changed, by mailbox, None for the server: each once, in their order.

        Mailboxes have the names that they got; those that were deleted have no annotations.
        """
        found: dict[MailboxName | None, dict[EntryName, None]] = {}
        for _, at_once in groupby(changes, attrgetter("modseq")):
            renamed: dict[MailboxName | None, dict[EntryName, None]] = {}
            for change in at_once:
                match change:
                    case MetadataChanged() if not self.is_own(change):
                        found.setdefault(change.name, {}).update(dict.fromkeys(change.entries))
                    case MailboxDeleted():
                        found.pop(change.name, None)
                    case MailboxRenamed(old="INBOX") if INBOX in found:  # the new INBOX has what the old one had
                        renamed[change.name] = dict(found[INBOX])
                    case MailboxRenamed() if change.old in found:
                        renamed[change.name] = found.pop(change.old)
            found |= renamed
        return found

    def pass_own(self) -> None:
        """Count the session's own changes as told, as far as nobody else's come between."""
        while self.upto + 1 in self._own:
            self.upto = ModSeq(self.upto + 1)

    def told(self, upto: ModSeq) -> None:
        """Count everything up to a mod-sequence as told."""
        self.upto = upto
        self._own = {modseq for modseq in self._own if modseq > upto}

    def leave(self, mailbox: IMailbox, modseq: ModSeq) -> None:
        """Note that a mailbox is selected no more, of which the client was told up to `modseq`."""
        if modseq < self.upto:
            self.left.append((mailbox, modseq))


def notify_watch(groups: Iterable[EventGroup], upto: ModSeq) -> Watch:
    """Return what a client that used NOTIFY is told; it is told nothing that it did not ask for (RFC 5465, 3.1)."""
    groups = tuple(groups)
    selected = next((_wish(group) for group in groups if group.of_selected), NOTHING)
    return Watch([group for group in groups if not group.of_selected], upto, selected)


def _wish(group: EventGroup) -> Wish:
    messages = Event.MESSAGE_NEW in group.events
    at_once = group.mailboxes.specifier is Specifier.SELECTED
    return Wish(messages, messages, Event.FLAG_CHANGE in group.events, group.items, at_once)


def metadata_watch(upto: ModSeq) -> Watch:
    """Return what a client is told that has enabled METADATA (RFC 5464, 4.4.2)."""
    events = frozenset({Event.MAILBOX_METADATA_CHANGE, Event.SERVER_METADATA_CHANGE})
    return Watch([EventGroup(MailboxFilter(Specifier.PERSONAL), events)], upto, EVERYTHING, at_all_times=False)


# What happened


@frozen
class Affected:
    """A name of which something is to be told.

    Attributes:
        name: the name.
        event: MailboxName or SubscriptionChange.
        old: what the mailbox was called before; None if it has no other name.

    """

    name: MailboxName
    event: Event
    old: MailboxName | None = None


def affected(changes: Iterable[MailboxChange]) -> list[Affected]:
    """Return the names that `changes` are about, each once (RFC 5465, 5.4 and 5.5)."""
    at_once = groupby(changes, attrgetter("modseq"))
    return list(dict.fromkeys(name for _, together in at_once for name in _affected(list(together))))


def _affected(together: list[MailboxChange]) -> Iterator[Affected]:
    """Yield the names that one change is about: of renamed mailboxes those that are not below another one."""
    renamed = {change.old for change in together if isinstance(change, MailboxRenamed)}
    for change in together:
        match change:
            case MailboxCreated(name=name) | MailboxDeleted(name=name):
                yield from (Affected(each, Event.MAILBOX_NAME) for each in (name, *islice(parents(name), 1)))
            case MailboxRenamed(old=old, name=name) if renamed.isdisjoint(parents(old)):
                yield Affected(name, Event.MAILBOX_NAME, old)
            case SubscriptionChanged(name=name):
                yield Affected(name, Event.SUBSCRIPTION_CHANGE)


# Which counts are told

_ORDER: Final = (b"UIDVALIDITY", b"UIDNEXT", b"MESSAGES", b"UNSEEN", b"HIGHESTMODSEQ")


def items_at_first(events: frozenset[Event]) -> StatusItems:
    """Return what is told of a mailbox at the beginning, of which `events` will be told (RFC 5465, 3.1)."""
    items: set[bytes] = set()
    if Event.MESSAGE_NEW in events:
        items |= {b"MESSAGES", b"UIDNEXT", b"UIDVALIDITY"}
    if Event.FLAG_CHANGE in events:
        items |= {b"UIDVALIDITY", b"UNSEEN", b"HIGHESTMODSEQ"}
    return tuple(item for item in _ORDER if item in items)


def items_of(changed: MessagesChanged, events: frozenset[Event], *, condstore: bool) -> StatusItems:
    """Return what is told of a mailbox whose messages changed (RFC 5465, 5.1 to 5.3); nothing if nobody wants it.

    Who is told of flags gets UIDVALIDITY with all else, since a new mailbox may have the name of an old one, and
    UNSEEN, which changes with them.
    """
    come_or_gone = Event.MESSAGE_NEW in events and (changed.appended or changed.expunged)
    flags = Event.FLAG_CHANGE in events
    items: set[bytes] = set()
    if come_or_gone:
        items |= {b"UIDNEXT", b"MESSAGES"}
    if flags:
        items |= {b"UIDVALIDITY", b"UNSEEN"}
    if items and condstore:
        items.add(b"HIGHESTMODSEQ")
    return tuple(item for item in _ORDER if item in items)
