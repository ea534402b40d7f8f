"""LIST with options or several patterns (RFC 5258), with counts (RFC 5819) and by special use (RFC 6154)."""

from collections.abc import Set
from typing import Final

from attrs import frozen

from imapd.imap.errors import Bad
from imapd.imap.listing import Mailboxes, above, batches, children_and_use, encode, mailboxes, matching
from imapd.imap.session import Session
from imapd.imap.wire.listopts import Returned, Selection
from imapd.imap.wire.names import ListPattern
from imapd.imap.wire.statusatt import StatusItems, encode_status
from mailstore.model import MailboxInfo, MailboxName, MailboxStatus

_CHILDINFO: Final = b' ("CHILDINFO" ("SUBSCRIBED"))'
"""Has a subscribed name below it; no other option may stand here (RFC 5258, 6, childinfo-extended-item)."""


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

    """

    mailboxes: Mailboxes
    parents: Set[MailboxName]
    subscribed: Set[MailboxName]
    childinfo: Set[MailboxName]

    def line(self, session: Session, name: MailboxName, info: MailboxInfo | None) -> bytes:
        """Return the response for a name; `info` is None if there is no such mailbox."""
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
    told = Told(known, parents, subscribed, childinfo)
    await _send(session, [name for name in matched if name in listed], selected, returned.status, told)


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
    session: Session, listed: list[MailboxName], selected: Set[MailboxName], items: StatusItems, told: Told
) -> None:
    for batch in batches(listed):
        counted = [name for name in batch if items and name in selected and name in told.mailboxes]
        statuses: dict[MailboxName, MailboxStatus] = await session.account.statuses(counted) if counted else {}
        gone = frozenset(counted) - statuses.keys()
        for name in batch:
            session.send(told.line(session, name, None if name in gone else told.mailboxes.get(name)))
            if name in statuses:
                spelled = session.spell_mailbox(name)
                session.send(encode_status(spelled, items, statuses[name], session.config.max_message_octets))
        await session.drained()
