"""Octets that may be as many as a mailbox has messages, on their way to a client that may be slow."""

from collections.abc import Iterable

from imapd.doors.turns import in_turns
from imapd.imap.session import Session


async def send_in_turns(session: Session, pieces: Iterable[bytes]) -> None:
    """Send octets as fast as the client takes them."""
    async for piece in in_turns(pieces):
        session.send(piece)
        await session.drained()


async def send_status(session: Session, text: str, code: Iterable[bytes], condition: bytes = b"* OK") -> None:
    """Send a status response with a code in pieces, which is given without its brackets.

    ``condition SP "[" resp-text-code "]" SP text``  (RFC 3501, 7.1)
    """
    with session.response():
        session.send(condition + b" [")
        await send_in_turns(session, code)
        session.send(b"] %b\r\n" % session.spell(text, None))
