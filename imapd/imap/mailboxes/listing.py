"""What LIST and LSUB have in common: which names there are, which are asked for, and how they are told."""

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from itertools import islice
from typing import Final, TypeVar

from twisted.internet.task import coiterate

from imapd.imap.session import Session
from imapd.imap.wire.names import ListPattern, Written
from imapd.imap.wire.specialuse import SPELLINGS
from mailstore.errors import StoreError
from mailstore.model import Listed, MailboxInfo, MailboxName
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


async def describe(session: Session, written: Written) -> None:
    """Send what LIST says of one name, and how it was written if that was otherwise (RFC 9051, 6.3.2 and 6.3.9.7)."""
    listed = await session.account.listed(written.name)
    send_listed(session, written.name, listed, None if written.text == written.name else written.text)


def send_listed(session: Session, name: MailboxName, listed: Listed, old: str | None) -> None:
    """Send what LIST says of one name, and of how it was called or written before, if it was.

    ``oldname-extended-item = "OLDNAME" SP "(" mailbox ")"``
    """
    attributes = [] if listed.info is not None else [b"\\NonExistent"]
    if listed.subscribed:
        attributes.append(b"\\Subscribed")
    attributes += children_and_use(name, listed.info, {name} if listed.has_children else set())
    extended = b"" if old is None else b' ("OLDNAME" (%b))' % session.spell_mailbox(old)
    session.send(encode(session, b"LIST", attributes, name, extended))


async def tell_canonical(session: Session, written: Written) -> None:
    """Tell a client that speaks IMAP4rev2 what a name has become that it wrote otherwise; what it did is done."""
    if session.rev2 and written.text != written.name:
        with suppress(StoreError):
            await describe(session, written)
