"""SASL mechanisms, sans-IO: octets in, challenges and credentials out (RFC 4422).

A door takes a mechanism from `MECHANISMS` and holds its conversation with the client by `converse`, which feeds each of
the responses to `step` and sends the challenges, until there are credentials for the portal.
"""

from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final, Protocol

from attrs import frozen
from twisted.cred.error import UnauthorizedLogin

from imapd.auth.credentials import NameAndPassword
from imapd.auth.passwords import Password


@frozen
class Challenge:
    """What the server says next.  Empty if the mechanism begins with the client."""

    octets: bytes


class SaslError(ValueError):
    """The client cancelled, or its response is not of the grammar; the text may be shown to the client."""


class Mechanism(Protocol):
    """One conversation."""

    def step(self, response: bytes | None) -> Challenge | NameAndPassword:
        """Take the client's response, or None at the start if it sent no initial one (RFC 4959).

        Raises:
            SaslError: the response is not of the grammar.
            UnauthorizedLogin: it asks to act as someone else.

        """


class PlainMechanism:
    """PLAIN (RFC 4616): ``message = [authzid] NUL authcid NUL passwd``.

    Nobody may act as another yet, so an authzid, if it is there, is the authcid.
    """

    def step(self, response: bytes | None) -> Challenge | NameAndPassword:
        """Take the message."""
        if response is None:
            return Challenge(b"")
        parts = response.split(b"\0")
        if len(parts) != 3:
            raise SaslError("PLAIN takes an optional authorization identity, a name and a password, NUL between them")
        authzid, authcid, password = parts
        if authzid and _folded(authzid) != _folded(authcid):
            raise UnauthorizedLogin("acting as another user is not allowed")
        return _credentials(authcid, password)


class LoginMechanism:
    """LOGIN, never standardised: a name, then a password.  Old clients know nothing else."""

    def __init__(self) -> None:
        self._name: bytes | None = None

    def step(self, response: bytes | None) -> Challenge | NameAndPassword:
        """Take the name, then the password; an initial response is the name."""
        if response is None:
            return Challenge(b"Username:")
        if self._name is None:
            self._name = response
            return Challenge(b"Password:")
        return _credentials(self._name, response)


MECHANISMS: Final[Mapping[bytes, type[Mechanism]]] = MappingProxyType(
    {b"PLAIN": PlainMechanism, b"LOGIN": LoginMechanism}
)
"""Every mechanism by its name in capitals, in the order of preference; capabilities are derived from here."""


CANCEL: Final = b"*"
"""What a client says that does not want to go on."""


async def converse(
    mechanism: Mechanism, initial: bytes | None, ask: Callable[[bytes], Awaitable[bytes]]
) -> NameAndPassword:
    """Hold a conversation in base64 (RFC 4959, 3; RFC 5034, 4).

    Args:
        mechanism: a new one.
        initial: the response that came with the command, encoded; None if none did.
        ask: sends a challenge, and returns the line that answers it.

    Raises:
        SaslError: the client cancelled, or broke the grammar.
        UnauthorizedLogin: it asks to act as someone else.

    """
    response = None if initial is None else _decoded(initial)
    while isinstance(outcome := mechanism.step(response), Challenge):
        line = await ask(b64encode(outcome.octets))
        if line == CANCEL:
            raise SaslError("the login was cancelled")
        response = _decoded(line)
    return outcome


def _decoded(encoded: bytes) -> bytes:
    """initial-resp = base64 / "="  (RFC 4959, 3)"""
    if encoded == b"=":
        return b""
    try:
        return b64decode(encoded, validate=True)
    except Error:
        raise SaslError("the response is not base64") from None


def _credentials(name: bytes, password: bytes) -> NameAndPassword:
    if not name or not password:
        raise SaslError("name and password cannot be empty")
    return NameAndPassword(name, Password(password))


def _folded(name: bytes) -> str:
    return name.decode(errors="replace").casefold()
