"""GETMETADATA (RFC 5464, 4.2)."""

from typing import Final

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.mailboxes import metadata
from imapd.imap.mailboxes.listing import batches, mailboxes, matching
from imapd.imap.mailboxes.metadata import Subject
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.metadata import Asked, GetOptions, encode_values, entries, get_options, subject
from imapd.imap.wire.names import ListPattern
from mailstore.errors import NotFound
from mailstore.model import MailboxName

_WILDCARDS: Final = frozenset("*%")


@frozen
class GetMetadata:
    """Which entries of which mailbox are asked for, or with None of the server."""

    mailbox: MailboxName | None
    asked: Asked
    options: GetOptions


def parse(cursor: Cursor) -> GetMetadata:
    """getmetadata = "GETMETADATA" [SP getmetadata-options] SP mailbox SP entries

    In the RFC's examples the options stand behind the mailbox.
    """
    cursor.space()
    options = get_options(cursor)
    mailbox = subject(cursor)
    cursor.space()
    options = options or get_options(cursor)
    return GetMetadata(mailbox, entries(cursor, bare=True), options or GetOptions())


async def run(session: Session, request: GetMetadata) -> Done:
    """Answer with the values, and if some are too large for the client with the size of the largest of these."""
    longest = 0
    for subjects in batches(await _subjects(session, request.mailbox)):
        options = request.options
        async for part in metadata.answer(session, subjects, request.asked, options.levels, options.largest):
            longest = max(longest, part.longest)
            if part.pairs:
                session.send(encode_values(session.spell_mailbox(part.mailbox or ""), part.pairs, request.asked))
                await session.drained()
    return Done("GETMETADATA completed", code=f"METADATA LONGENTRIES {longest}" if longest else None)


async def _subjects(session: Session, mailbox: MailboxName | None) -> list[Subject]:
    """Return the mailbox; if there is none of this name, those that it matches as a pattern: so Kolab asks."""
    if mailbox is None:
        return [None]
    try:
        return [await session.account.mailbox_info(mailbox)]
    except NotFound:
        known = await mailboxes(session) if _WILDCARDS.intersection(mailbox) else {}
        names = await matching(known, [ListPattern("", mailbox)])
        if not names:
            raise
        return [known[name] for name in names]
