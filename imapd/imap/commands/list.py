"""LIST and LSUB (RFC 3501, 6.3.8 and 6.3.9), with children (RFC 3348) and special uses (RFC 6154).

LIST with options or with several patterns is in `imapd.imap.commands.list_extended`.
"""

from contextlib import suppress

from attrs import frozen

from imapd.imap.commands import list_extended
from imapd.imap.commands.list_extended import ExtendedList
from imapd.imap.commands.verb import Done
from imapd.imap.mailboxes.listing import above, batches, children_and_use, encode, mailboxes, matching
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.listopts import Returned, Selection, patterns, return_options, selection_options
from imapd.imap.wire.names import WILDCARDS, ListPattern
from mailstore.errors import InvalidName
from mailstore.model import MailboxInfo, MailboxName
from mailstore.names import mailbox_name


@frozen
class List:
    """What is to be listed."""

    reference: str
    pattern: str


def parse_lsub(cursor: Cursor) -> List:
    """lsub = "LSUB" SP mailbox SP list-mailbox"""
    cursor.space()
    reference = names.reference(cursor)
    cursor.space()
    return List(reference, names.list_mailbox(cursor))


def parse_list(cursor: Cursor) -> List | ExtendedList:
    """list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]

    mbox-or-pat = list-mailbox / patterns; anything beyond RFC 3501 makes it the extended command (RFC 5258, 1).
    """
    cursor.space()
    selection = None
    if cursor.peek() == b"(":
        selection = selection_options(cursor)
        cursor.space()
    reference = names.reference(cursor)
    cursor.space()
    several = cursor.peek() == b"("
    asked = patterns(cursor) if several else [names.list_mailbox(cursor)]
    returned = None
    if cursor.take(b" "):
        returned = return_options(cursor)
    if selection is None and returned is None and not several:
        return List(reference, asked[0])
    return ExtendedList(reference, tuple(asked), selection or Selection(), returned or Returned())


async def run_list(session: Session, request: List | ExtendedList) -> Done:
    """List mailboxes, and the names above them that are none themselves."""
    if isinstance(request, ExtendedList):
        await list_extended.send(session, request)
    elif not request.pattern:
        session.send(encode(session, b"LIST", [b"\\Noselect"], ""))
    elif not WILDCARDS.search(request.pattern):
        await _send_one(session, request.reference + request.pattern)
    else:
        known = await mailboxes(session)
        parents = above(known)
        listed = await matching(known.keys() | parents, [ListPattern(request.reference, request.pattern)])
        await _send(session, b"LIST", [(name, known.get(name)) for name in listed], parents)
    return Done("LIST completed")


async def _send_one(session: Session, written: str) -> None:
    """List the one name that there can be, which takes no look at all the others."""
    with suppress(InvalidName):
        name = mailbox_name(written)
        found = await session.account.listed(name)
        if found.info is not None or found.has_children:
            await _send(session, b"LIST", [(name, found.info)], {name} if found.has_children else set())


async def run_lsub(session: Session, request: List) -> Done:
    """List subscribed names, and for ``%`` those above them that are not subscribed themselves."""
    known = await mailboxes(session)
    subscribed = set(await session.account.subscriptions())
    pattern = ListPattern(request.reference, request.pattern)
    listed = await matching(subscribed, [pattern])
    if "%" in request.pattern:
        hidden = above(subscribed.difference(listed)) - subscribed
        listed = sorted([*listed, *await matching(hidden, [pattern])])
    told = [(name, known.get(name) if name in subscribed else None) for name in listed]
    await _send(session, b"LSUB", told, above(known))
    return Done("LSUB completed")


async def _send(
    session: Session, verb: bytes, listed: list[tuple[MailboxName, MailboxInfo | None]], parents: set[MailboxName]
) -> None:
    for batch in batches(listed):
        for name, info in batch:
            attributes = [] if info is not None else [b"\\Noselect"]
            session.send(encode(session, verb, attributes + children_and_use(name, info, parents), name))
        await session.drained()
