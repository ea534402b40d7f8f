"""What NOTIFY is told to listen for (RFC 5465, 8)."""

from enum import Enum
from typing import Final

from attrs import frozen

from imapd.imap.errors import Bad, No
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.fetchatt import FetchItem, fetch_items
from imapd.imap.wire.mailboxfilter import MailboxFilter, Specifier, filter_mailboxes

MAX_GROUPS: Final = 100
"""Each may be compared with every mailbox that changes; clients send two or three."""

_FILTERS: Final = frozenset(Specifier) - {Specifier.SUBTREE_ONE}
_SELECTED: Final = frozenset({Specifier.SELECTED, Specifier.SELECTED_DELAYED})


class Event(Enum):
    """The events that a client may be told of, as they are spelled.

    AnnotationChange is not among them: messages have no annotations here.
    """

    MESSAGE_NEW = "MessageNew"
    MESSAGE_EXPUNGE = "MessageExpunge"
    FLAG_CHANGE = "FlagChange"
    MAILBOX_NAME = "MailboxName"
    SUBSCRIPTION_CHANGE = "SubscriptionChange"
    MAILBOX_METADATA_CHANGE = "MailboxMetadataChange"
    SERVER_METADATA_CHANGE = "ServerMetadataChange"


MESSAGE_EVENTS: Final = frozenset({Event.MESSAGE_NEW, Event.MESSAGE_EXPUNGE, Event.FLAG_CHANGE})

_EVENTS: Final = {event.value.upper().encode(): event for event in Event}


@frozen
class EventGroup:
    """Events in some mailboxes.

    Attributes:
        mailboxes: which ones.
        events: the events; none if nothing is to be told of these mailboxes.
        items: what is to be told of each new message of the selected mailbox.

    """

    mailboxes: MailboxFilter
    events: frozenset[Event]
    items: tuple[FetchItem, ...] = ()

    @property
    def of_selected(self) -> bool:
        """Whether they are those of the selected mailbox, whichever that is."""
        return self.mailboxes.specifier in _SELECTED


def event_groups(cursor: Cursor) -> tuple[EventGroup, ...]:
    """``event-groups = event-group *(SP event-group)``

    Raises:
        Bad: the grammar is broken, or the selected mailbox has two groups.
        No: an event is not supported, or there are too many groups.

    """
    groups = [_event_group(cursor)]
    while cursor.take(b" "):
        groups.append(_event_group(cursor))
    if len(groups) > MAX_GROUPS:
        raise No(f"NOTIFY takes at most {MAX_GROUPS} groups of events", "NOTIFICATIONOVERFLOW")
    if sum(group.of_selected for group in groups) > 1:
        raise Bad("NOTIFY takes SELECTED or SELECTED-DELAYED once")
    return tuple(groups)


def _event_group(cursor: Cursor) -> EventGroup:
    """``event-group = "(" filter-mailboxes SP events ")"``

    ``events = ( "(" event *(SP event) ")" ) / "NONE"``
    """
    cursor.expect(b"(")
    mailboxes = filter_mailboxes(cursor, _FILTERS)
    cursor.space()
    if cursor.peek() == b"(":
        found = dict(cursor.parenthesized(_event))
    else:
        cursor.expect(b"NONE")
        found = {}
    cursor.expect(b")")
    group = EventGroup(mailboxes, frozenset(found), found.get(Event.MESSAGE_NEW, ()))
    _check(group)
    return group


def _event(cursor: Cursor) -> tuple[Event, tuple[FetchItem, ...]]:
    """``event = message-event / mailbox-event / user-event / event-ext``

    ``message-event = ( "MessageNew" [SP "(" fetch-att *(SP fetch-att) ")" ] ) / "MessageExpunge" / "FlagChange" /
    "AnnotationChange"``
    """
    name = cursor.keyword()
    event = _EVENTS.get(name)
    if event is None:
        supported = " ".join(event.value for event in Event)
        raise No(f"there is no event {name.decode()[:40]}", f"BADEVENT ({supported})")
    if event is Event.MESSAGE_NEW and cursor.peek(2) == b" (":
        cursor.space()
        return event, fetch_items(cursor)
    return event, ()


def _check(group: EventGroup) -> None:
    """Make sure that the events go together, and with their mailboxes; `Bad`."""
    messages = group.events & MESSAGE_EVENTS
    if messages and not {Event.MESSAGE_NEW, Event.MESSAGE_EXPUNGE} <= messages:
        raise Bad("MessageNew and MessageExpunge go together, and FlagChange with both")
    if group.of_selected and messages != group.events:
        raise Bad("of the selected mailbox, only events of messages are told")
    if group.items and not group.of_selected:
        raise Bad("only of the selected mailbox, messages are fetched")
