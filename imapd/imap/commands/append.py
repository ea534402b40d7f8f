"""APPEND (RFC 3501, 6.3.11), with APPENDUID (RFC 4315)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad, CommandError
from imapd.imap.session import Session
from imapd.imap.trycreate import target
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.dates import date_time
from imapd.imap.wire.flags import flag_list
from imapd.imap.wire.framing import SpooledLiteral
from imapd.imap.wire.numberset import encode_uids
from mailstore.errors import InvalidName
from mailstore.interfaces import NewMessage
from mailstore.model import Flags, InternalDate, MailboxName
from mailstore.spool import Spool


@frozen
class Append:
    """A message, and where it goes."""

    mailbox: MailboxName
    flags: Flags
    internal_date: InternalDate | None
    spool: Spool


def parse(cursor: Cursor) -> Append:
    """append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal"""
    mailbox, flags, internal_date = _before_message(cursor)
    message = cursor.message_literal()
    if not isinstance(message, SpooledLiteral):
        raise Bad("the message must be a literal")
    return Append(mailbox, flags, internal_date, message.spool)


def message_follows(cursor: Cursor) -> bool:
    """Tell whether the literal behind these arguments is the message; the mailbox may be a literal as well."""
    try:
        _before_message(cursor)
    except (CommandError, InvalidName):
        return False
    return cursor.at_end


def _before_message(cursor: Cursor) -> tuple[MailboxName, Flags, InternalDate | None]:
    cursor.space()
    mailbox = names.mailbox(cursor)
    cursor.space()
    flags: Flags = frozenset()
    if cursor.peek() == b"(":
        flags = flag_list(cursor)
        cursor.space()
    internal_date = None
    if cursor.peek() == b'"':
        internal_date = date_time(cursor)
        cursor.space()
    return mailbox, flags, internal_date


async def run(session: Session, request: Append) -> Done:
    """Add the message; OK once it is on disk."""
    mailbox = await target(session, request.mailbox)
    appended = await mailbox.append([NewMessage(request.spool, request.flags, request.internal_date)])
    uids = encode_uids(appended.uids).decode()
    return Done("APPEND completed", code=f"APPENDUID {appended.uid_validity} {uids}")
