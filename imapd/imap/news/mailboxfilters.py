"""Which mailboxes the filters of NOTIFY (RFC 5465, 6) and ESEARCH (RFC 7377, 2.2) match; pure."""

from collections.abc import Set
from itertools import islice

from imapd.imap.wire.mailboxfilter import MailboxFilter, Specifier
from mailstore.model import MailboxName
from mailstore.names import parents


def matches(each: MailboxFilter, name: MailboxName, subscribed: Set[MailboxName]) -> bool:
    """Tell whether a mailbox is matched by its name; the selected one, which may be renamed, is known to its session.

    Sorting at delivery may put a message into any mailbox, so every personal one counts as an inbox (RFC 5465, 6.3).
    """
    match each.specifier:
        case Specifier.SELECTED | Specifier.SELECTED_DELAYED:
            return False
        case Specifier.INBOXES | Specifier.PERSONAL:
            return True
        case Specifier.SUBSCRIBED:
            return name in subscribed
        case Specifier.MAILBOXES:
            return name in each.names
        case Specifier.SUBTREE:
            return name in each.names or not each.names.isdisjoint(parents(name))
        case Specifier.SUBTREE_ONE:
            return name in each.names or not each.names.isdisjoint(islice(parents(name), 1))
