"""What STATUS asks for and answers (RFC 3501, 9, status-att; RFCs 7162, 7889, 8438, 8474, 9051 and 9208)."""

from collections.abc import Callable
from typing import Final

from imapd.imap.errors import Bad
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.objectid import encode_mailbox_id
from mailstore.model import MailboxStatus

StatusItems = tuple[bytes, ...]
"""`APPENDLIMIT` and names of `_VALUES`, each once."""

APPENDLIMIT: Final = b"APPENDLIMIT"
"""The largest message that may be appended: the same for every mailbox (RFC 7889, 3.1)."""

_VALUES: Final[dict[bytes, Callable[[MailboxStatus], bytes]]] = {
    b"MESSAGES": lambda status: b"%d" % status.messages,
    b"RECENT": lambda status: b"%d" % status.recent,
    b"UIDNEXT": lambda status: b"%d" % status.uid_next,
    b"UIDVALIDITY": lambda status: b"%d" % status.uid_validity,
    b"UNSEEN": lambda status: b"%d" % status.unseen,
    b"DELETED": lambda status: b"%d" % status.deleted,
    b"DELETED-STORAGE": lambda status: b"%d" % status.deleted_octets,
    b"SIZE": lambda status: b"%d" % status.octets,
    b"MAILBOXID": lambda status: b"(%b)" % encode_mailbox_id(status.id),
    b"HIGHESTMODSEQ": lambda status: b"%d" % status.highest_modseq,
}


def status_items(cursor: Cursor) -> StatusItems:
    """``"(" status-att *(SP status-att) ")"``, without repetitions."""
    return tuple(dict.fromkeys(cursor.parenthesized(_status_att)))


def _status_att(cursor: Cursor) -> bytes:
    item = cursor.keyword()
    if item not in _VALUES and item != APPENDLIMIT:
        raise Bad(f"STATUS has no item {item.decode()[:40]}; it has {b' '.join((*_VALUES, APPENDLIMIT)).decode()}")
    return item


def encode_status(spelled: bytes, items: StatusItems, status: MailboxStatus, append_limit: int) -> bytes:
    """Return the response that answers `items` for a mailbox whose name is `spelled`; `append_limit` is in octets.

    ``"STATUS" SP mailbox SP "(" [status-att-list] ")"``
    """
    values = b" ".join([item + b" " + _value(item, status, append_limit) for item in items])
    return b"* STATUS %b (%b)\r\n" % (spelled, values)


def _value(item: bytes, status: MailboxStatus, append_limit: int) -> bytes:
    return b"%d" % append_limit if item == APPENDLIMIT else _VALUES[item](status)
