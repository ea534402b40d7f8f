"""AUTHENTICATE (RFC 3501, 6.2.2), with an initial response (RFC 4959)."""

from attrs import field, frozen
from twisted.cred.error import UnauthorizedLogin

from imapd.auth.sasl import MECHANISMS, SaslError, converse
from imapd.imap.capabilities import capability_code
from imapd.imap.commands.verb import Done
from imapd.imap.errors import Bad, No
from imapd.imap.session import Session
from imapd.imap.wire.cursor import Cursor


@frozen
class Authenticate:
    """A mechanism and, if it came at once, the first response, encoded."""

    mechanism: bytes
    initial: bytes | None = field(repr=False)


def parse(cursor: Cursor) -> Authenticate:
    """authenticate = "AUTHENTICATE" SP auth-type [SP initial-resp]; initial-resp = base64 / "="  (RFC 4959, 3)"""
    cursor.space()
    mechanism = cursor.keyword()
    initial = None
    if not cursor.at_end:
        cursor.space()
        initial = cursor.rest().removesuffix(b" ")
    return Authenticate(mechanism, initial)


async def run(session: Session, request: Authenticate) -> Done:
    """Hold the mechanism's conversation, then log in."""
    if request.mechanism not in MECHANISMS:
        raise No(f"there is no mechanism {request.mechanism.decode()}", "CANNOT")
    session.require_privacy()
    try:
        credentials = await converse(MECHANISMS[request.mechanism](), request.initial, session.ask)
    except SaslError as error:
        raise Bad(str(error)) from None
    except UnauthorizedLogin as error:
        raise No(str(error), "AUTHORIZATIONFAILED") from None
    session.logged_in(await session.client.log_in(credentials))
    return Done("logged in", code=capability_code(session))
