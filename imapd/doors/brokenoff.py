"""Messages of which an answer broke off, for they are damaged behind what was sent already.

What was sent cannot be taken back, so the connection ends; who comes again and asks for the same would never get beyond
that message.  So its next answers begin only when all that they say of it was read.  That finds whether it is damaged
still: what is remembered here refuses nothing, and a message that was repaired is sent.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final

from imapd.doors.turns import taking_turns
from mailstore.errors import Corrupt
from mailstore.model import MailboxId, Uid

AT_MOST: Final = 1000
"""Messages that are remembered, some 200 octets each, for as long as the process lasts: an account is closed long
before a client of POP3 comes again."""

_broken_off: Final[dict[tuple[MailboxId, Uid], None]] = {}  # in the order in which they did


def broke_off(mailbox: MailboxId, uid: Uid) -> bool:
    """Tell whether an answer with a message broke off."""
    return (mailbox, uid) in _broken_off


@contextmanager
def noting(mailbox: MailboxId, uid: Uid) -> Iterator[None]:
    """Remember a message if it turns out to be damaged while it is sent."""
    try:
        yield
    except Corrupt:
        _broken_off.pop((mailbox, uid), None)  # it is the last again
        _broken_off[mailbox, uid] = None
        if len(_broken_off) > AT_MOST:
            del _broken_off[next(iter(_broken_off))]
        raise


async def read_through(pieces: AsyncIterator[bytes]) -> None:
    """Make sure that what is to be sent can be read to its end; `Corrupt`, and other errors of the store."""
    async for _ in taking_turns(pieces):
        pass
