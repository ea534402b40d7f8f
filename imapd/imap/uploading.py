"""Messages on their way in: which literals are of one, whether a client may send it, and where it goes."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from attrs import evolve, frozen

from imapd import limits
from imapd.imap.errors import CommandError, No
from imapd.imap.session import Session
from imapd.imap.trycreate import offering_create
from imapd.imap.wire.cursor import Cursor
from imapd.imap.wire.framing import Piece, SpooledLiteral
from mailstore.model import MailboxName, Usage
from mailstore.spool import Spool


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
    return None if before[-4:].upper() == b"URL " else evolve(announced, is_text=_is_text(before))


def admit(session: Session, upload: Upload, pieces: Sequence[Piece], size: int) -> Spool:
    """Return where `size` octets go that are announced behind `pieces` of a command.

    What can be known of its refusal is said here, before the client sends it; what counts is what the store says then.

    Raises:
        No: it is empty, which cancels the command (RFC 3502), or too large, or one too many, or for no mailbox.
        OverQuota: the account may not hold it.

    """
    earlier = [piece for piece in pieces if isinstance(piece, SpooledLiteral)]
    if not (size or upload.is_text):
        raise nothing_to_store()
    _require_limits(upload, earlier, size, session.config.max_message_octets)
    with offering_create():
        session.account.foresee_append(upload.mailbox, _more(upload, pieces, size))
    return Spool(behind=earlier[-1].spool) if earlier else Spool()


def nothing_to_store() -> No:
    """Return the refusal of an empty message."""
    return No("a message without octets: nothing was stored")


def _more(upload: Upload, pieces: Sequence[Piece], size: int) -> Usage:
    """Return by how much the account would grow at least."""
    if upload.replaces:
        return Usage(0, 0)
    earlier = [(before, literal) for before, literal in pairwise(pieces) if isinstance(literal, SpooledLiteral)]
    whole = sum(not _is_text(before) for before, _ in earlier) + (not upload.is_text)
    return Usage(size + sum(literal.size for _, literal in earlier), whole)


def _is_text(before: Piece) -> bool:
    """Tell by the text before a literal whether it is a TEXT."""
    return isinstance(before, bytes) and before[-5:].upper() == b"TEXT "


def _require_limits(upload: Upload, earlier: Sequence[SpooledLiteral], size: int, most: int) -> None:
    """The messages of one command are stored in one step, so together they have at most the octets of the largest."""
    room = most - sum(message.size for message in earlier)
    if size > (room if upload.is_text else most):
        raise No(f"a message has at most {most} octets", "TOOBIG")
    if len(earlier) == limits.MESSAGES or size > room:
        raise No(f"a command takes at most {limits.MESSAGES} messages of {most} octets in all", "LIMIT")
