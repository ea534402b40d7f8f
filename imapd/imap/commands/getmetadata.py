"""GETMETADATA (RFC 5464, 4.2)."""

from attrs import frozen

from imapd.imap import metadata
from imapd.imap.commands.verb import Done
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.metadata import Asked, GetOptions, encode_values, entries, get_options, subject
from mailstore.model import MailboxName


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
    mailbox = None if request.mailbox is None else await session.account.mailbox_info(request.mailbox)
    spelled = session.spell_mailbox(request.mailbox or "")
    longest = 0
    options = request.options
    async for part in metadata.answer(session, [mailbox], request.asked, options.levels, options.largest):
        longest = max(longest, part.longest)
        if part.pairs:
            session.send(encode_values(spelled, part.pairs, request.asked))
            await session.drained()
    return Done("GETMETADATA completed", code=f"METADATA LONGENTRIES {longest}" if longest else None)
