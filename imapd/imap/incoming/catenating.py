"""Messages that are put together from octets of the client and of other messages (RFC 4469)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from imapd.doors.turns import in_turns, taking_turns
from imapd.imap.errors import No
from imapd.imap.fetch.sections import Span, find
from imapd.imap.incoming.uploading import nothing_to_store
from imapd.imap.session import Session
from imapd.imap.wire.appendmessage import AppendMessage, Part
from imapd.imap.wire.messageurl import MessageUrl
from mailstore.errors import Expunged, NotFound
from mailstore.interfaces import IMailbox, IStoredMessage, NewMessage
from mailstore.mime.scanner import header_end
from mailstore.model import Field, MailboxName
from mailstore.names import SEPARATOR
from mailstore.spool import Octets, Spool
from mailstore.uidset import UidSet

_PIECE: Final = 1 << 16
"""Octets that are copied at once."""


@asynccontextmanager
async def assembled(session: Session, messages: Sequence[AppendMessage]) -> AsyncIterator[list[NewMessage]]:
    """Give messages that can be stored; what was made for that is let go in the end.

    Raises:
        No: a URL names nothing, with BADURL; they are too large, with TOOBIG; or one has no octets.

    """
    made: list[Spool] = []
    try:
        yield [await _new(session, message, made) for message in messages]
    finally:
        for spool in made:
            spool.close()


async def _new(session: Session, message: AppendMessage, made: list[Spool]) -> NewMessage:
    match message.parts:
        case (Spool() as spool,):
            pass
        case parts:
            spool = await _catenated(session, parts, made)
    if not len(spool):
        raise nothing_to_store()
    if not session.reads_utf8:
        _require_ascii(spool.octets())
    return NewMessage(spool, message.flags, message.internal_date)


def _require_ascii(octets: Octets) -> None:
    """Refuse headers beyond ASCII from who could not read them (RFC 9755, 4).

    Raises:
        No: the message has such a header.

    """
    if not octets[: header_end(octets)].isascii():
        raise No("the message has more than ASCII in its header; ENABLE UTF8=ACCEPT first", "CANNOT")


async def _catenated(session: Session, parts: Sequence[Part], made: list[Spool]) -> Spool:
    """Return the octets of `parts`, behind those that were `made`: all together have one file, and one limit."""
    most = session.config.max_message_octets
    room = most - sum(map(len, made))
    spool = Spool(behind=made[-1]) if made else Spool()
    made.append(spool)
    for part in parts:
        async for piece in _pieces(session, part):
            if len(spool) + len(piece) > room:
                raise No(f"what a command puts together has at most {most} octets", "TOOBIG")
            try:
                spool.write(piece)
            except OSError:
                raise No("the server cannot store the message", "UNAVAILABLE") from None
    return spool


def _pieces(session: Session, part: Part) -> AsyncIterator[bytes]:
    if isinstance(part, MessageUrl):
        return taking_turns(_named(session, part))
    octets = part.octets()
    return in_turns(octets[at : at + _PIECE] for at in range(0, len(octets), _PIECE))


async def _named(session: Session, url: MessageUrl) -> AsyncIterator[bytes]:
    """Yield what a URL names, as FETCH would say it."""
    try:
        message = await _message(session, url)
        match await find(message, url.section):
            case None:
                raise url.error("the message has no such part")
            case Span(start, stop):
                async for piece in message.stream(start, stop):
                    yield piece
            case octets:
                yield octets
    except (NotFound, Expunged) as error:
        raise url.error(str(error)) from None


async def _message(session: Session, url: MessageUrl) -> IStoredMessage:
    """Return the message that a URL names; `NotFound` if its mailbox is none."""
    ours = (session.login.user.casefold(), session.config.host_name.casefold())
    if url.server is not None and tuple(map(str.casefold, url.server)) != ours:
        raise url.error("the URL is of another user or another server")
    mailbox = await _mailbox(session, url)
    snapshot = await mailbox.snapshot()
    if url.uid_validity not in {None, snapshot.status.uid_validity}:
        raise url.error("the mailbox has another UIDVALIDITY")
    named = snapshot.uids & UidSet([(url.uid, url.uid)])
    async for rows in mailbox.fetch(named, (Field.MESSAGE,)):
        message: IStoredMessage = rows.columns[Field.MESSAGE][0]
        return message
    raise url.error("there is no such message")


async def _mailbox(session: Session, url: MessageUrl) -> IMailbox:
    """Return the mailbox that a URL names: by itself, or seen from the selected one (RFC 4469, 3); `NotFound`."""
    if not session.has_selected:
        if url.mailbox is None:
            raise url.error("the URL names no mailbox, and none is selected")
        return await session.account.mailbox(url.mailbox)
    if url.mailbox is None:
        return session.mailbox
    above = "" if url.rooted else (await session.mailbox.snapshot()).status.name.rpartition(SEPARATOR)[0]
    return await session.account.mailbox(MailboxName(f"{above}{SEPARATOR}{url.mailbox}") if above else url.mailbox)
