"""What is about the connection: CAPA, STLS, UTF8, LANG, NOOP and QUIT."""

from imapd.languages import LANGUAGES, chosen
from imapd.pop3.answers import Ok, lines
from imapd.pop3.capabilities import capabilities
from imapd.pop3.errors import STORE_CODES, Farewell, Refused, Wrong
from imapd.pop3.session import Session
from mailstore.errors import StoreError


async def capa(session: Session, _: None) -> Ok:
    """Tell the capabilities (RFC 2449, 5)."""
    return Ok("the capabilities follow", body=lines(capabilities(session)))


async def stls(session: Session, _: None) -> Ok:
    """Begin TLS behind the answer (RFC 2595, 4)."""
    if not session.client.tls_available:
        raise Refused("TLS is already active, or this server has no certificate")
    if session.utf8:
        raise Wrong("STLS comes before UTF8")
    return Ok("begin TLS", then=session.client.start_tls)


async def utf8(session: Session, _: None) -> Ok:
    """Take note that the client reads UTF-8; a message is the same octets to everyone (RFC 6856, 2)."""
    session.utf8 = True
    return Ok("UTF-8 is read here too")


async def lang(session: Session, wanted: list[bytes]) -> Ok:
    """Speak another language, or name those that there are (RFC 6856, 3)."""
    if not wanted:
        return Ok("these languages are spoken", body=lines(map(str.encode, LANGUAGES)))
    language = chosen(["default" if wanted[0] == b"*" else wanted[0].decode("ascii", "replace")])
    if language is None:
        raise Refused("this language is not spoken; LANG alone names those that are")
    session.language = language
    return Ok("is spoken from here on", language.tag.encode())


async def noop(_: Session, __: None) -> Ok:
    """Do nothing."""
    return Ok()


async def quit_(session: Session, _: None) -> Ok:
    """Expunge what is marked as deleted, and end the session."""
    try:
        await session.update()
    except StoreError as error:
        raise Farewell("no message was removed", STORE_CODES[type(error)]) from error
    return Ok("goodbye", then=session.client.close)
