"""Messages on their way in: whether a client may send the one that it announces, and where it goes."""

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from imapd import limits
from imapd.imap.errors import No
from imapd.imap.session import Session
from imapd.imap.trycreate import offering_create
from imapd.imap.wire.framing import Piece, SpooledLiteral
from mailstore.model import MailboxName, Usage
from mailstore.spool import Spool

_WITH_MAILBOX: Final = 3
"""Pieces of a command whose only literal so far may be the mailbox."""


@frozen
class Upload:
    """What a command says of the message that it announces.

    Attributes:
        mailbox: where it goes.
        replaces: whether another message goes for it, so that nobody can say yet what the account will hold then.

    """

    mailbox: MailboxName
    replaces: bool = False


def may_follow(pieces: Sequence[Piece]) -> bool:
    """Tell whether a message can be announced behind `pieces`: behind another one, or a mailbox name at most.

    Else it is not worth a look; a long command would be looked at anew at each of its literals.
    """
    return len(pieces) <= _WITH_MAILBOX or isinstance(pieces[-2], SpooledLiteral)


def admit(session: Session, upload: Upload, pieces: Sequence[Piece], size: int) -> Spool:
    """Return where a message of `size` octets goes that is announced behind `pieces` of a command.

    What can be known of its refusal is said here, before the client sends it; what counts is what the store says then.

    Raises:
        No: it is empty, which cancels the command (RFC 3502), or too large, or one too many, or for no mailbox.
        OverQuota: the account may not hold it.

    """
    earlier = [piece for piece in pieces if isinstance(piece, SpooledLiteral)]
    _require_limits(earlier, size, session.config.max_message_octets)
    with offering_create():
        session.account.foresee_append(upload.mailbox, _more(upload, earlier, size))
    return Spool(behind=earlier[-1].spool) if earlier else Spool()


def _more(upload: Upload, earlier: Sequence[SpooledLiteral], size: int) -> Usage:
    """Return by how much the account would grow at least."""
    if upload.replaces:
        return Usage(0, 0)
    return Usage(size + sum(message.size for message in earlier), len(earlier) + 1)


def _require_limits(earlier: Sequence[SpooledLiteral], size: int, most: int) -> None:
    """The messages of one command are stored in one step, so together they have at most the octets of the largest."""
    if not size:
        raise No("a message without octets: nothing was stored")
    if size > most:
        raise No(f"a message has at most {most} octets", "TOOBIG")
    if len(earlier) == limits.MESSAGES or size + sum(message.size for message in earlier) > most:
        raise No(f"a command takes at most {limits.MESSAGES} messages of {most} octets in all", "LIMIT")
