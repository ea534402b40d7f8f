"""What the log says of the LMTP door: a line for each message and recipient.

What the other side has sent is quoted: it may be a stranger's.
"""

from typing import Final

from imapd.delivery.recipients import Recipient
from imapd.doors.journal import Journal
from mailstore.errors import StoreError

_journal: Final = Journal("lmtp")
internal_error: Final = _journal.internal_error


def delivered(number: str, recipient: Recipient, octets: int) -> None:
    """A message is on disk."""
    _journal.log.info(
        "{number}: {octets} octets for {address!r} delivered to {user}, {mailbox!r}",
        number=number,
        octets=octets,
        address=recipient.address,
        user=recipient.user,
        mailbox=recipient.mailbox,
    )


def not_delivered(number: str, recipient: Recipient, error: StoreError) -> None:
    """A message was not stored."""
    _journal.log.warn(
        "{number}: not delivered to {user}, {mailbox!r}: {kind}, {error}",
        number=number,
        user=recipient.user,
        mailbox=recipient.mailbox,
        kind=type(error).__name__,
        error=error,
    )
