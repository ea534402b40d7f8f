"""What LIST and LSUB have in common: which names there are, which are asked for, and how they are told."""

from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import islice
from typing import Final, TypeVar

from twisted.internet.task import coiterate

from imapd.imap.session import Session
from imapd.imap.wire.names import ListPattern
from imapd.imap.wire.specialuse import SPELLINGS
from mailstore.model import MailboxInfo, MailboxName
from mailstore.names import SEPARATOR, parents

T = TypeVar("T")

Mailboxes = dict[MailboxName, MailboxInfo]

BATCH: Final = 500
"""Names between two turns of the reactor: some milliseconds."""


async def mailboxes(session: Session) -> Mailboxes:
    """Return every mailbox by name."""
    return {info.name: info for info in await session.account.mailboxes()}


def above(listed: Iterable[MailboxName]) -> set[MailboxName]:
    """Return every name that has one of `listed` below it."""
    return {parent for name in listed for parent in parents(name)}


async def matching(listed: Iterable[MailboxName], patterns: Sequence[ListPattern]) -> list[MailboxName]:
    """Return the names that at least one pattern matches, in order; others have their turn meanwhile."""
    found: list[MailboxName] = []
    await coiterate(_match(sorted(listed), patterns, found))
    return found


def _match(listed: list[MailboxName], patterns: Sequence[ListPattern], found: list[MailboxName]) -> Iterator[None]:
    for batch in batches(listed):
        found += (name for name in batch if any(pattern.matches(name) for pattern in patterns))
        yield


def batches(listed: Iterable[T]) -> Iterator[list[T]]:
    """Yield what is listed in parts of at most `BATCH`."""
    remaining = iter(listed)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def children_and_use(name: MailboxName, info: MailboxInfo | None, parents: Set[MailboxName]) -> list[bytes]:
    """Return the attributes that are always told; `parents` are the names with mailboxes below them."""
    attributes = [b"\\HasChildren" if name in parents else b"\\HasNoChildren"]
    if info is not None and info.special_use is not None:
        attributes.append(SPELLINGS[info.special_use])
    return attributes


def encode(session: Session, verb: bytes, attributes: list[bytes], name: str, extended: bytes = b"") -> bytes:
    """Return a response as the client of `session` reads it; `name` may be empty.

    ``mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox [SP mbox-list-extended]``
    """
    told = b" ".join(attributes)
    return b'* %b (%b) "%b" %b%b\r\n' % (verb, told, SEPARATOR.encode(), session.spell_mailbox(name), extended)
