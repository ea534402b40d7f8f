"""Every capability of CAPA, once (RFC 2449, 5)."""

from collections.abc import Iterator

from imapd import __version__
from imapd.auth.sasl import MECHANISMS
from imapd.pop3.session import Session


def capabilities(session: Session) -> Iterator[bytes]:
    """Yield the lines of CAPA."""
    yield b"TOP"
    yield b"UIDL"
    yield b"RESP-CODES"
    yield b"AUTH-RESP-CODE"
    yield b"PIPELINING"
    yield b"EXPIRE NEVER"
    yield b"LOGIN-DELAY %d" % session.config.pop3_login_delay
    yield b"UTF8 USER"
    yield b"LANG"
    if session.client.secure:
        yield b"USER"
        yield b"SASL " + b" ".join(MECHANISMS)
    if session.client.tls_available:
        yield b"STLS"
    yield b"IMPLEMENTATION imapd-" + __version__.encode()
