"""LIST and LSUB (RFC 3501, 6.3.8 and 6.3.9), with children (RFC 3348) and special uses (RFC 6154)."""

from collections.abc import Callable, Iterable
from typing import Final

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from mailstore.model import MailboxInfo, MailboxName, SpecialUse
from mailstore.names import SEPARATOR, parents

SPECIAL_USES: Final = {
    SpecialUse.ALL: b"\\All",
    SpecialUse.ARCHIVE: b"\\Archive",
    SpecialUse.DRAFTS: b"\\Drafts",
    SpecialUse.FLAGGED: b"\\Flagged",
    SpecialUse.JUNK: b"\\Junk",
    SpecialUse.SENT: b"\\Sent",
    SpecialUse.TRASH: b"\\Trash",
}
"""RFC 6154, 2."""

BATCH: Final = 1000
"""Lines sent before the client is waited for."""


@frozen
class List:
    """What is to be listed."""

    reference: str
    pattern: str


def parse(cursor: Cursor) -> List:
    """list = "LIST" SP mailbox SP list-mailbox; lsub = "LSUB" SP mailbox SP list-mailbox"""
    cursor.space()
    reference = names.reference(cursor)
    cursor.space()
    return List(reference, names.list_mailbox(cursor))


async def run_list(session: Session, request: List) -> Done:
    """List mailboxes, and the names above them that are none themselves."""
    if not request.pattern:
        session.send(_line(b"LIST", [b"\\Noselect"], ""))
        return Done("LIST completed")
    mailboxes = {info.name: info for info in await session.account.mailboxes()}
    above = _above(mailboxes)
    matches = names.ListPattern(request.reference, request.pattern).matches
    listed = filter(matches, sorted(mailboxes.keys() | above))
    await _send(session, b"LIST", listed, lambda name: _attributes(name, mailboxes.get(name), above))
    return Done("LIST completed")


async def run_lsub(session: Session, request: List) -> Done:
    """List subscribed names, and for ``%`` those above them that are not subscribed themselves."""
    mailboxes = {info.name: info for info in await session.account.mailboxes()}
    above = _above(mailboxes)
    subscribed = set(await session.account.subscriptions())
    matches = names.ListPattern(request.reference, request.pattern).matches
    hidden = _above(name for name in subscribed if not matches(name)) - subscribed
    listed = filter(matches, subscribed | hidden if "%" in request.pattern else subscribed)
    await _send(
        session,
        b"LSUB",
        sorted(listed),
        lambda name: _attributes(name, mailboxes.get(name) if name in subscribed else None, above),
    )
    return Done("LSUB completed")


def _above(mailboxes: Iterable[MailboxName]) -> set[MailboxName]:
    return {parent for name in mailboxes for parent in parents(name)}


def _attributes(name: MailboxName, info: MailboxInfo | None, above: set[MailboxName]) -> list[bytes]:
    attributes = [] if info is not None else [b"\\Noselect"]
    attributes.append(b"\\HasChildren" if name in above else b"\\HasNoChildren")
    if info is not None and info.special_use is not None:
        attributes.append(SPECIAL_USES[info.special_use])
    return attributes


def _line(verb: bytes, attributes: list[bytes], name: str) -> bytes:
    spelled = names.encode_mailbox(name) if name else b'""'
    return b'* %b (%b) "%b" %b\r\n' % (verb, b" ".join(attributes), SEPARATOR.encode(), spelled)


async def _send(
    session: Session,
    verb: bytes,
    listed: Iterable[MailboxName],
    attributes: Callable[[MailboxName], list[bytes]],
) -> None:
    for count, name in enumerate(listed, 1):
        session.send(_line(verb, attributes(name), name))
        if count % BATCH == 0:
            await session.drained()
