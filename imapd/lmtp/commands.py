"""What each command of LMTP means: RFC 2033 on RFC 5321, with BDAT of RFC 3030."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from imapd import limits
from imapd.delivery.failures import TOO_LARGE
from imapd.lmtp import replies
from imapd.lmtp.replies import Reply
from imapd.lmtp.session import Incoming, Session
from imapd.lmtp.transaction import Transaction
from imapd.lmtp.wire import arguments
from imapd.lmtp.wire.content import Chunk, DotStuffed
from mailstore.errors import StoreError

Run = Callable[[Session, bytes], Awaitable[Reply | None]]
"""Carries a command out; returns its reply, None if that comes behind its octets; `BadArguments`."""

EXTENSIONS: Final = ("PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "ENHANCEDSTATUSCODES")
"""Offered without parameters (RFC 2920, 6152, 6531, 3030, 2034)."""


async def lhlo(session: Session, argument: bytes) -> Reply:
    """Say what is spoken here (RFC 2033, 4.1), and begin anew."""
    session.name = arguments.client_name(argument)
    session.reset()
    offered = (session.config.host_name, *EXTENSIONS, f"SIZE {session.config.max_message_octets}")
    return Reply(250, "", "\n".join(offered))


async def not_smtp(_: Session, __: bytes) -> Reply:
    """Refuse who takes this for SMTP (RFC 2033, 4.1)."""
    return replies.NOT_SMTP


async def mail(session: Session, argument: bytes) -> Reply:
    """Begin a transaction."""
    if session.name is None:
        return replies.LHLO_FIRST
    if session.transaction is not None:
        return replies.BAD_SEQUENCE
    request = arguments.mail(argument)
    if request.size > session.config.max_message_octets:
        return replies.spell(TOO_LARGE)
    session.transaction = Transaction(request, session.config.max_message_octets)
    return replies.GOOD_SENDER


async def rcpt(session: Session, argument: bytes) -> Reply:
    """Add a recipient to the transaction."""
    transaction = session.transaction
    if transaction is None or transaction.chunked:
        return replies.BAD_SEQUENCE
    address = arguments.recipient(argument)
    arguments.require_ascii(address, utf8=transaction.mail.utf8)
    if len(transaction.recipients) >= limits.RECIPIENTS:
        return replies.TOO_MANY_RECIPIENTS
    try:
        found = await session.delivery.recipient(address.spelled, address.local, address.domain, transaction.mail.size)
    except StoreError as error:
        return session.spell(error).about(address.spelled)
    transaction.recipients.append(found)
    return replies.GOOD_RECIPIENT.about(address.spelled)


async def data(session: Session, argument: bytes) -> Reply:
    """Let the client send the message, dots stuffed."""
    arguments.nothing(argument)
    transaction = session.transaction
    if transaction is None or transaction.chunked:
        return replies.BAD_SEQUENCE
    if not transaction.recipients:
        return replies.NO_RECIPIENTS
    session.incoming = Incoming(DotStuffed(), last=True)
    return replies.GO_ON


async def bdat(session: Session, argument: bytes) -> Reply | None:
    """Let the client send a chunk of the message; what cannot be used is read to its end all the same.

    Behind a size that is none, nobody knows where the next command begins, so the connection ends.
    """
    try:
        size, last = arguments.chunk(argument)
    except arguments.BadArguments as error:
        session.closing = True
        return replies.refused(error)
    session.incoming = Incoming(Chunk(size), last)
    transaction = session.transaction
    if transaction is not None:
        transaction.chunked = True
        if not transaction.recipients:
            transaction.fail(replies.NO_RECIPIENTS)
    return None


async def rset(session: Session, argument: bytes) -> Reply:
    """Forget the transaction."""
    arguments.nothing(argument)
    session.reset()
    return replies.OK


async def vrfy(_: Session, __: bytes) -> Reply:
    """Tell nobody who has an account, without refusing (RFC 5321, 3.5.3)."""
    return replies.CANNOT_VERIFY


async def noop(_: Session, __: bytes) -> Reply:
    """Do nothing; an argument is allowed (RFC 5321, 4.1.1.9)."""
    return replies.OK


async def help_(_: Session, __: bytes) -> Reply:
    """Name the commands."""
    return Reply(214, "2.0.0", f"commands: {', '.join(sorted(COMMANDS))}")


async def quit_(session: Session, argument: bytes) -> Reply:
    """End the connection."""
    arguments.nothing(argument)
    session.closing = True
    return replies.GOODBYE


COMMANDS: Final[Mapping[str, Run]] = {
    "LHLO": lhlo,
    "MAIL": mail,
    "RCPT": rcpt,
    "DATA": data,
    "BDAT": bdat,
    "RSET": rset,
    "NOOP": noop,
    "VRFY": vrfy,
    "HELP": help_,
    "QUIT": quit_,
}
"""Every command by its verb."""
_OF_SMTP: Final = {"HELO", "EHLO"}


def look_up(verb: bytes) -> Run | None:
    """Return what carries out a verb, written in any case; None if there is none."""
    name = verb.upper().decode("ascii", "replace")
    return not_smtp if name in _OF_SMTP else COMMANDS.get(name)
