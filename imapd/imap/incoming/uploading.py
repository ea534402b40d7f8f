"""Messages on their way in: which literals are of one, whether a client may send it, and where it goes."""

from collections.abc import Callable, Sequence
from typing import Final

from attrs import evolve, frozen

from imapd import limits
from imapd.imap.errors import CommandError, No
from imapd.imap.incoming.trycreate import offering_create
from imapd.imap.session import Session
from imapd.imap.wire.announcement import Announcement
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.framing import Piece, SpooledLiteral
from mailstore.model import UNLIMITED, MailboxName, Usage
from mailstore.spool import Spool

_TAKEN_UNASKED: Final = 16 << 10
"""Octets of a literal behind another one, up to which to take them costs no more than to ask the store again."""
_SENT_UNASKED: Final = 64 << 10
"""Octets of literals that come in any case (RFC 7888), all of one command, up to which to keep them until the store is
asked costs less than to ask it twice."""


@frozen
class Upload:
    """What a command says of the message that it announces.

    Attributes:
        mailbox: where it goes.
        replaces: whether another message goes for it, so that nobody can say yet what the account will hold then.
        is_text: whether it is a TEXT, from which a message is put together (RFC 4469); that may be empty.

    """

    mailbox: MailboxName
    replaces: bool = False
    is_text: bool = False


def upload(cursor: Cursor, before_messages: Callable[[Cursor], Upload]) -> Upload | None:
    """Return what is said of the literal that is announced behind a command's arguments; None if it is of no message.

    Every literal is of one but those of the arguments `before_messages`, and of a URL (RFC 4469); a command that breaks
    the grammar will be refused in any case.  So a look at the text before is enough, however many literals there are.
    """
    try:
        announced = before_messages(cursor)
    except CommandError:
        return None
    before = cursor.behind_literals()
    if before[-4:].upper() == b"URL ":
        return None
    return evolve(announced, is_text=True) if before[-5:].upper() == b"TEXT " else announced


def admit(session: Session, upload: Upload, pieces: Sequence[Piece], literal: Announcement) -> Spool:
    """Return where a literal goes that is announced behind `pieces` of a command.

    What can be known of its refusal is said here, before the client sends it, unless it sends a little in any case.
    What counts is what the store says then.

    Raises:
        No: it is empty, which cancels the command (RFC 3502), or too large, or one too many, or for no mailbox.
        OverQuota: the account may not hold it.

    """
    size = literal.size
    if not (size or upload.is_text):
        raise nothing_to_store()
    last = next((piece.spool for piece in reversed(pieces) if isinstance(piece, SpooledLiteral)), None)
    number, total = (1, size) if last is None else (last.ordinal + 1, last.total + size)
    if number > limits.MESSAGES:
        raise too_many(session)
    _require_size(upload, size, total, session.config.max_message_octets)
    if _is_worth_asking(literal, total - size):
        with offering_create():
            session.account.foresee_append(upload.mailbox, Usage(0, 0) if upload.replaces else Usage(total, 1))
    return Spool(behind=last)


def _is_worth_asking(literal: Announcement, before: int) -> bool:
    """Tell whether the store is asked if it would take a literal that comes behind so many octets of others."""
    unasked = 0 if literal.awaited else _SENT_UNASKED
    return before + literal.size > unasked and (before <= unasked or literal.size > _TAKEN_UNASKED)


def nothing_to_store() -> No:
    """Return the refusal of an empty message."""
    return No("a message without octets: nothing was stored")


def too_many(session: Session) -> No:
    """Return the refusal of more messages than a command stores in one step."""
    code = "LIMIT" if session.config.most_saved == UNLIMITED else f"MESSAGELIMIT {limits.MESSAGES}"
    return No(f"a command takes at most {limits.MESSAGES} messages", code)


def _require_size(upload: Upload, size: int, total: int, most: int) -> None:
    """The messages of one command are stored in one step, so together they have at most the octets of the largest."""
    if (total if upload.is_text else size) > most:
        raise No(f"a message has at most {most} octets", "TOOBIG")
    if total > most:
        raise No(f"the messages of a command have at most {most} octets in all", "LIMIT")
