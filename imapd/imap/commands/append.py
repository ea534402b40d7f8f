"""APPEND (RFC 3501, 6.3.11) of one message or many (RFC 3502), in UTF-8 (RFC 6855, 4), with APPENDUID (RFC 4315)."""

from attrs import frozen

from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad, CommandError
from imapd.imap.session import Session
from imapd.imap.trycreate import target
from imapd.imap.uploading import Upload
from imapd.imap.wire import names
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.dates import date_time
from imapd.imap.wire.flags import flag_list
from imapd.imap.wire.framing import SpooledLiteral
from imapd.imap.wire.numberset import encode_uids
from mailstore.interfaces import NewMessage
from mailstore.model import Flags, InternalDate, MailboxName


@frozen
class Append:
    """Messages, and where they go."""

    mailbox: MailboxName
    messages: tuple[NewMessage, ...]


def parse(cursor: Cursor) -> Append:
    """append = "APPEND" SP mailbox 1*append-message  (RFC 3502)"""
    mailbox = _target(cursor)
    messages = [append_message(cursor)]
    while not cursor.at_end:
        messages.append(append_message(cursor))
    return Append(mailbox, tuple(messages))


def upload(cursor: Cursor) -> Upload | None:
    """Say where the message goes that is announced behind these arguments; the mailbox may be a literal as well.

    What stands between the mailbox and the last message was looked at when that was announced.
    """
    try:
        mailbox = _target(cursor)
        if cursor.pass_messages():
            cursor.take(b")")
        append_options(cursor)
    except CommandError:
        return None
    return Upload(mailbox) if cursor.at_end else None


def _target(cursor: Cursor) -> MailboxName:
    cursor.space()
    return names.mailbox(cursor)


def append_message(cursor: Cursor) -> NewMessage:
    """append-message = [SP flag-list] [SP date-time] SP (literal / "UTF8" SP "(" literal8 ")")  (RFC 3502; RFC 6855)"""
    flags, internal_date, in_utf8 = append_options(cursor)
    message = cursor.message_literal()
    if not isinstance(message, SpooledLiteral):
        raise Bad("the message must be a literal")
    if in_utf8:
        cursor.expect(b")")
    return NewMessage(message.spool, flags, internal_date)


def append_options(cursor: Cursor) -> tuple[Flags, InternalDate | None, bool]:
    """``[SP flag-list] [SP date-time] SP ["UTF8" SP "("]``, up to the message; tell too whether the last is there."""
    cursor.space()
    flags: Flags = frozenset()
    if cursor.peek() == b"(":
        flags = flag_list(cursor)
        cursor.space()
    internal_date = None
    if cursor.peek() == b'"':
        internal_date = date_time(cursor)
        cursor.space()
    return flags, internal_date, cursor.take(b"UTF8 (")


async def run(session: Session, request: Append) -> Done:
    """Add the messages, all or none; OK once they are on disk."""
    mailbox = await target(session, request.mailbox)
    appended = await mailbox.append(request.messages)
    uids = encode_uids(appended.uids).decode()
    return Done("APPEND completed", code=f"APPENDUID {appended.uid_validity} {uids}")
