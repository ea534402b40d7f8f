"""What a client asks of the messages of its maildrop (RFC 1939, 5 and 7)."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Final

from imapd.pop3.answers import Ok
from imapd.pop3.session import Session
from imapd.pop3.stuffing import first_lines, stuffed, stuffed_pieces
from mailstore.interfaces import IStoredMessage

WHOLE: Final = 1 << 17
"""Octets of a message that is read at once; a larger one is sent in pieces."""


async def stat(session: Session, _: None) -> Ok:
    """Tell how many messages there are, and their octets."""
    return Ok(data=b"%d %d" % (session.maildrop.count, session.maildrop.octets))


async def list_(session: Session, number: int | None) -> Ok:
    """Tell the octets of one message, or of each."""
    if number is not None:
        return Ok(data=b"%d %d" % (number, session.maildrop.size(number)))
    return Ok("the octets of each message follow", body=session.maildrop.size_lines())


async def uidl(session: Session, number: int | None) -> Ok:
    """Tell what one message is called for ever, or each."""
    if number is not None:
        return Ok(data=f"{number} {await session.maildrop.uidl(number)}".encode())
    return Ok("the unique id of each message follows", body=session.maildrop.uidl_lines())


async def retr(session: Session, number: int) -> Ok:
    """Send a message."""
    message = await session.maildrop.message(number)
    if message.size <= WHOLE:
        body: bytes | AsyncIterator[bytes] = stuffed(await message.read(0, message.size))
    else:
        body = session.maildrop.sound(number, lambda: stuffed_pieces(message.stream(0, message.size)))
    return Ok("octets follow", b"%d" % message.size, body, then=partial(session.maildrop.take, number))


async def top(session: Session, asked: tuple[int, int]) -> Ok:
    """Send the header of a message, and the first lines of its body."""
    number, count = asked
    message = await session.maildrop.message(number)
    body = (await message.root()).body
    pieces = session.maildrop.sound(number, lambda: stuffed_pieces(_top(message, body, count)))
    return Ok("the top of the message follows", body=pieces)


async def _top(message: IStoredMessage, body: int, count: int) -> AsyncIterator[bytes]:
    async for piece in message.stream(0, body):
        yield piece
    async for piece in first_lines(message.stream(body, message.size), count):
        yield piece


async def dele(session: Session, number: int) -> Ok:
    """Mark a message as deleted."""
    session.maildrop.mark(number)
    return Ok("marked as deleted")


async def rset(session: Session, _: None) -> Ok:
    """Mark no message any more."""
    session.maildrop.unmark_all()
    return Ok("no message is marked as deleted")
