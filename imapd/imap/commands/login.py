"""LOGIN (RFC 3501, 6.2.3)."""

from attrs import frozen

from imapd.auth.credentials import NameAndPassword
from imapd.auth.passwords import Password
from imapd.imap.capabilities import capability_code
from imapd.imap.commands.verb import Done
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor


@frozen
class Login:
    """A user name and a password, in the client's octets."""

    user: bytes
    password: Password


def parse(cursor: Cursor) -> Login:
    """login = "LOGIN" SP userid SP password; userid = password = astring"""
    cursor.space()
    user = cursor.astring()
    cursor.space()
    return Login(user, Password(cursor.astring()))


async def run(session: Session, request: Login) -> Done:
    """Check the password; refused where others could read along."""
    session.require_privacy()
    session.logged_in(await session.client.log_in(NameAndPassword(request.user, request.password)))
    return Done("logged in", code=capability_code(session))
