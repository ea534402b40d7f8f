"""USER and PASS (RFC 1939, 7), AUTH (RFC 5034)."""

from twisted.cred.error import UnauthorizedLogin

from imapd.auth.credentials import NameAndPassword
from imapd.auth.passwords import Password
from imapd.auth.sasl import MECHANISMS, SaslError, converse
from imapd.pop3.answers import Ok, lines
from imapd.pop3.errors import CREDENTIALS, Refused, Wrong
from imapd.pop3.session import Session


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
    try:
        credentials = await converse(mechanism(), initial[0] if initial else None, session.client.ask)
    except SaslError as error:
        raise Wrong(str(error)) from None
    except UnauthorizedLogin as error:
        raise Refused(str(error), CREDENTIALS) from None
    return await _log_in(session, credentials)


async def _log_in(session: Session, credentials: NameAndPassword) -> Ok:
    await session.log_in(credentials)
    return Ok("logged in")
