"""LIST with options or several patterns (RFC 5258), with counts (RFC 5819), by special use (RFC 6154), with metadata.

Metadata (RFC 9590) stand behind the name and the counts of a mailbox that fulfils the criteria.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final

from attrs import Factory, evolve, frozen

from imapd.imap.errors import Bad
from imapd.imap.mailboxes import metadata
from imapd.imap.mailboxes.listing import Mailboxes, above, batches, children_and_use, encode, mailboxes, matching
from imapd.imap.session import Session
from imapd.imap.wire.listopts import Returned, Selection
from imapd.imap.wire.metadata import Asked, encode_values
from imapd.imap.wire.names import ListPattern
from imapd.imap.wire.statusatt import StatusItems, encode_status
from mailstore.model import MailboxInfo, MailboxName, MailboxStatus

_CHILDINFO: Final = b' ("CHILDINFO" ("SUBSCRIBED"))'
"""Has a subscribed name below it; no other option may stand here (RFC 5258, 6, childinfo-extended-item)."""

_AT_ONCE: Final = 64 << 10
"""Octets of metadata that are sent before the client must have taken them."""


@frozen
class ExtendedList:
    """Which names are asked for, and what of each."""

    reference: str
    patterns: tuple[str, ...]
    selection: Selection
    returned: Returned


@frozen
class Told:
    """What the responses are made of.

    Attributes:
        mailboxes: by name.
        parents: the names with mailboxes below them.
        subscribed: the names that are told to be so.
        childinfo: the names that are told to have others below them that fulfil the criteria.
        items: which counts are told.
        statuses: the counts of the mailboxes of which they are told.
        gone: the mailboxes that have gone away meanwhile.

    """

    mailboxes: Mailboxes
    parents: Set[MailboxName]
    subscribed: Set[MailboxName]
    childinfo: Set[MailboxName]
    items: StatusItems
    statuses: Mapping[MailboxName, MailboxStatus] = Factory(dict)
    gone: Set[MailboxName] = frozenset()

    def lines(self, session: Session, name: MailboxName) -> bytes:
        """Return the responses for a name, without its metadata."""
        listed = self._listed(session, name, None if name in self.gone else self.mailboxes.get(name))
        if name not in self.statuses:
            return listed
        spelled, status = session.spell_mailbox(name), self.statuses[name]
        return listed + encode_status(spelled, self.items, status, session.config.max_message_octets)

    def _listed(self, session: Session, name: MailboxName, info: MailboxInfo | None) -> bytes:
        attributes = [] if info is not None else _nowhere(session)
        if name in self.subscribed:
            attributes.append(b"\\Subscribed")
        attributes += children_and_use(name, info, self.parents)
        return encode(session, b"LIST", attributes, name, _CHILDINFO if name in self.childinfo else b"")


def _nowhere(session: Session) -> list[bytes]:
    """Return the attributes of a name that is no mailbox; IMAP4rev2 has room for one (RFC 9051, 9, mbx-list-sflag)."""
    return [b"\\NonExistent"] if session.rev2 else [b"\\NonExistent", b"\\Noselect"]


async def send(session: Session, request: ExtendedList) -> None:
    """Answer: a name is told if it fulfils the criteria, or for what is below it and is not told itself (3.3)."""
    selection, returned = request.selection, request.returned
    if b"HIGHESTMODSEQ" in returned.status:
        session.enable_condstore()
    known = await mailboxes(session)
    parents = above(known)
    wants_subscribed = selection.subscribed or returned.subscribed
    subscribed = frozenset(await session.account.subscriptions() if wants_subscribed else ())
    selected = _selected(selection, known, subscribed)
    childinfo = above(selected) if selection.recursive else set()
    matched = await matching(selected | childinfo | parents, _patterns(request))
    if selection.recursive or not (selection.subscribed or selection.special_use):
        listed = selected | above(selected - frozenset(matched))
    else:
        listed = selected
    told = Told(known, parents, subscribed, childinfo, returned.status)
    await _send(session, [name for name in matched if name in listed], selected, returned.metadata, told)


def _selected(selection: Selection, known: Mailboxes, subscribed: Set[MailboxName]) -> Set[MailboxName]:
    """Return the names that fulfil the criteria: every mailbox where there are none."""
    names = subscribed if selection.subscribed else known.keys()
    if not selection.special_use:
        return names
    return {name for name in names if (info := known.get(name)) is not None and info.special_use is not None}


def _patterns(request: ExtendedList) -> list[ListPattern]:
    """Return the patterns without the empty ones and those beyond the limits, which are ignored (RFC 5258, 3)."""
    found = []
    for pattern in filter(None, request.patterns):
        try:
            found.append(ListPattern(request.reference, pattern))
        except Bad:
            continue
    return found


async def _send(
    session: Session, listed: list[MailboxName], selected: Set[MailboxName], entries: Asked, told: Told
) -> None:
    for batch in batches(listed):
        there = [name for name in batch if name in selected and name in told.mailboxes]
        if told.items:
            statuses = await session.account.statuses(there)
            told = evolve(told, statuses=statuses, gone=frozenset(there) - statuses.keys())
        lines = ((name, told.lines(session, name)) for name in batch)
        if entries:
            mailboxes = [told.mailboxes[name] for name in there if name not in told.gone]
            await _send_with_metadata(session, lines, mailboxes, entries)
        for _, octets in lines:
            session.send(octets)
        await session.drained()


async def _send_with_metadata(
    session: Session, lines: Iterator[tuple[MailboxName, bytes]], mailboxes: Sequence[MailboxInfo], entries: Asked
) -> None:
    """Send the lines of names up to the last of `mailboxes`, behind those of each of these its metadata."""
    name: MailboxName | None = None
    waiting = 0
    async for part in metadata.answer(session, mailboxes, entries):
        while name != part.mailbox:
            name, octets = next(lines)
            session.send(octets)
        if part.pairs:
            octets = encode_values(session.spell_mailbox(part.mailbox or ""), part.pairs, entries)
            session.send(octets)
            waiting += len(octets)
        if waiting > _AT_ONCE:
            await session.drained()
            waiting = 0
