"""Which mailboxes a command is about: the mailbox specifiers of NOTIFY (RFC 5465, 6) and of ESEARCH (RFC 7377, 2.2)."""

from collections.abc import Iterable, Set
from enum import Enum
from itertools import starmap
from typing import Final

from attrs import frozen

from imapd.imap.errors import Bad
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from mailstore.errors import InvalidName
from mailstore.model import MailboxName

MAX_NAMES: Final = 1000
"""Of one filter: what a session may have to keep; who means more mailboxes names their subtree."""


class Specifier(Enum):
    """The kinds of filters, as they are spelled."""

    SELECTED = b"SELECTED"
    SELECTED_DELAYED = b"SELECTED-DELAYED"
    INBOXES = b"INBOXES"
    PERSONAL = b"PERSONAL"
    SUBSCRIBED = b"SUBSCRIBED"
    SUBTREE = b"SUBTREE"
    SUBTREE_ONE = b"SUBTREE-ONE"
    MAILBOXES = b"MAILBOXES"


_NAMING: Final = frozenset({Specifier.SUBTREE, Specifier.SUBTREE_ONE, Specifier.MAILBOXES})


@frozen
class MailboxFilter:
    """Some mailboxes: those that a specifier stands for, by the `names` behind it if it has any."""

    specifier: Specifier
    names: frozenset[MailboxName] = frozenset()


def filter_mailboxes(cursor: Cursor, known: Set[Specifier]) -> MailboxFilter:
    """``filter-mailboxes = filter-mailboxes-selected / filter-mailboxes-other``, if it is one of the `known`.

    ::

        filter-mailboxes-selected = "selected" / "selected-delayed"
        filter-mailboxes-other    = "inboxes" / "personal" / "subscribed" / "subtree" SP one-or-more-mailbox
                                  / "subtree-one" SP one-or-more-mailbox / "mailboxes" SP one-or-more-mailbox
    """
    word = cursor.keyword()
    found = next((specifier for specifier in known if specifier.value == word), None)
    if found is None:
        raise Bad(f"no mailboxes are called {word.decode()[:40]} here")
    if found not in _NAMING:
        return MailboxFilter(found)
    cursor.space()
    return MailboxFilter(found, _one_or_more_mailbox(cursor))


def joined(filters: Iterable[MailboxFilter]) -> tuple[MailboxFilter, ...]:
    """Return filters that mean the same, one for each specifier."""
    named: dict[Specifier, frozenset[MailboxName]] = {}
    for each in filters:
        named[each.specifier] = named.get(each.specifier, frozenset()) | each.names
    return tuple(starmap(MailboxFilter, named.items()))


def _one_or_more_mailbox(cursor: Cursor) -> frozenset[MailboxName]:
    """``one-or-more-mailbox = mailbox / "(" mailbox *(SP mailbox) ")"``; ``*`` and ``%`` stand for themselves."""
    found = cursor.parenthesized(_mailbox) if cursor.peek() == b"(" else [_mailbox(cursor)]
    if len(found) > MAX_NAMES:
        raise Bad(f"at most {MAX_NAMES} mailboxes may be named at once")
    return frozenset(name for name in found if name is not None)


def _mailbox(cursor: Cursor) -> MailboxName | None:
    """``mailbox``; None if no mailbox can have that name: as one that does not exist, it is ignored."""
    try:
        return names.mailbox(cursor)
    except InvalidName:
        return None
