"""APPEND (RFC 3501, 6.3.11) of one message or many (RFC 3502), whole or in parts (RFC 4469), with APPENDUID."""

from attrs import frozen

from imapd import limits
from imapd.imap.commands.verb import Done
from imapd.imap.incoming.catenating import assembled
from imapd.imap.incoming.trycreate import offering_create
from imapd.imap.incoming.uploading import Upload, too_many
from imapd.imap.mailboxes.listing import tell_canonical
from imapd.imap.session import Session
from imapd.imap.wire import names
from imapd.imap.wire.appendmessage import AppendMessage, append_message
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.names import Written
from imapd.imap.wire.numberset import encode_uids


@frozen
class Append:
    """Messages, and where they go."""

    mailbox: Written
    messages: tuple[AppendMessage, ...]


def parse(cursor: Cursor) -> Append:
    """append = "APPEND" SP mailbox 1*append-message  (RFC 3502)"""
    mailbox = _target(cursor)
    messages = [append_message(cursor)]
    while not cursor.at_end:
        messages.append(append_message(cursor))
        if len(messages) > limits.MESSAGES:  # these are refused, however many more there are
            cursor.skip()
    return Append(mailbox, tuple(messages))


def before_messages(cursor: Cursor) -> Upload:
    """``SP mailbox``"""
    return Upload(_target(cursor).name)


def _target(cursor: Cursor) -> Written:
    cursor.space()
    return names.written_mailbox(cursor)


async def run(session: Session, request: Append) -> Done:
    """Add the messages, all or none; OK once they are on disk."""
    if len(request.messages) > limits.MESSAGES:
        raise too_many(session)
    with offering_create():
        async with assembled(session, request.messages) as messages:
            appended = await session.account.append(request.mailbox.name, messages)
    session.own(appended.modseq)
    await tell_canonical(session, request.mailbox)
    uids = encode_uids(appended.uids).decode()
    return Done("APPEND completed", code=f"APPENDUID {appended.uid_validity} {uids}")
