"""USER and PASS (RFC 1939, 7), AUTH (RFC 5034)."""

from base64 import b64decode, b64encode
from binascii import Error
from typing import Final

from twisted.cred.error import UnauthorizedLogin

from imapd.auth.credentials import NameAndPassword
from imapd.auth.passwords import Password
from imapd.auth.sasl import MECHANISMS, Challenge, Mechanism, SaslError
from imapd.pop3.answers import Ok, lines
from imapd.pop3.errors import CREDENTIALS, Refused, Wrong
from imapd.pop3.session import Session

CANCEL: Final = b"*"


async def user(session: Session, name: bytes) -> Ok:
    """Note the name.  Whether there is such a user nobody learns here."""
    session.require_privacy()
    session.named = name
    return Ok("give the password by PASS")


async def password(session: Session, given: bytes) -> Ok:
    """Log in as whom USER named."""
    session.require_privacy()
    name, session.named = session.named, None
    if name is None:
        raise Wrong("give the name first, by USER")
    return await _log_in(session, NameAndPassword(name, Password(given)))


async def authenticate(session: Session, arguments: list[bytes]) -> Ok:
    """Hold a mechanism's conversation and log in; without one, name those that there are, as some clients ask."""
    session.require_privacy()
    if not arguments:
        return Ok("the mechanisms follow", body=lines(MECHANISMS))
    name, *initial = arguments
    mechanism = MECHANISMS.get(name.upper())
    if mechanism is None:
        raise Refused("there is no such mechanism")
    return await _log_in(session, await _conversation(session, mechanism(), *map(_decoded, initial[:1])))


async def _conversation(session: Session, mechanism: Mechanism, response: bytes | None = None) -> NameAndPassword:
    """Return what the client says of itself; `Refused`."""
    try:
        while isinstance(outcome := mechanism.step(response), Challenge):
            line = await session.client.ask(b64encode(outcome.octets))
            if line == CANCEL:
                raise Wrong("AUTH cancelled")
            response = _decoded(line)
    except SaslError as error:
        raise Wrong(str(error)) from None
    except UnauthorizedLogin as error:
        raise Refused(str(error), CREDENTIALS) from None
    return outcome


def _decoded(encoded: bytes) -> bytes:
    """initial-response = base64 / "="  (RFC 5034, 4)"""
    if encoded == b"=":
        return b""
    try:
        return b64decode(encoded, validate=True)
    except Error:
        raise Wrong("the response is not base64") from None


async def _log_in(session: Session, credentials: NameAndPassword) -> Ok:
    await session.log_in(credentials)
    return Ok("logged in")
